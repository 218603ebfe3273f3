//! `protogate waive`: a `[[waiver]]` for a finding that is there.
//!
//! The check runs first, so that only findings are waived that exist; what is folded under the finding is no part of it and is named.

use protogate_check::{Finding, Group, Report, Severity, rule};

use crate::args::{Selection, Waive};
use crate::command::check::check;
use crate::escape;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Subject;
use crate::report::today;
use crate::terminal::Terminal;
use crate::waiver_file::{NewWaiver, with};
use crate::written::{Change, content, write_all};

/// Fingerprints that are listed where one is not known.
const MAX_NAMES: usize = 10;

/// Finds the finding and writes its waiver.
pub(crate) fn run(args: &Waive, terminal: &mut Terminal) -> Result<Exit, Failure> {
    if args.reason.trim().is_empty() {
        return Err(Failure::usage("the reason is blank: say why the finding is accepted"));
    }
    if args.expires < today() {
        return Err(Failure::usage(format!("{} is over: a waiver ends in the future", args.expires)));
    }
    let owner = args.owner.as_deref().map(str::trim).filter(|it| !it.is_empty());
    let subject = Subject::find(&args.input)?;
    let path = subject.project.file().filter(|it| it.extension().is_some_and(|it| it == "toml"));
    let path = path.ok_or_else(|| {
        Failure::usage("there is no `protogate.toml` that a waiver could be written into").with_help(
            "make one, or write `// protogate:waive RULE reason=\"…\"` into the comment of the element",
        )
    })?;
    let current = subject.load()?;
    let promises = subject.promises(&args.against)?;
    let selection = Selection { rules: Vec::new(), except: Vec::new() };
    let report = check(&subject, &current, &promises, &selection, protogate_check::Direction::Backward)?;
    let finding = find(&report, &args.fingerprint)?;
    if rule(finding.rule).is_some_and(protogate_check::Rule::needs_owner) && owner.is_none() {
        return Err(Failure::usage(format!("a waiver of `{}` names who answers for it", finding.rule))
            .with_help("give `--owner 'name or team'`"));
    }
    let waiver = NewWaiver {
        fingerprint: finding.fingerprint.clone(),
        element: finding.element.clone(),
        reason: args.reason.trim().to_owned(),
        owner: owner.map(str::to_owned),
        expires: args.expires,
    };
    let position = subject.waivers()?.list.iter().position(|it| it.is_about(finding));
    let old = content(&path)?.unwrap_or_default();
    let text = String::from_utf8(old.clone())
        .map_err(|_| Failure::environment(format!("`{}` is not UTF-8", path.display())))?;
    let new = with(&text, &waiver, position)?;
    write_all(&[Change::new(path.clone(), Some(old), new.into_bytes())])?;
    terminal.print(format_args!("{} at {}", waiver.fingerprint, escape::line(&waiver.element)))?;
    terminal.print(format_args!("  {}", escape::line(&finding.message)))?;
    terminal.out.flush()?;
    let done = if position.is_some() { "changed in" } else { "written to" };
    let shown = path.strip_prefix(".").unwrap_or(&path).display();
    terminal.say(format_args!("waived until {}, {done} {shown}. Commit it.", waiver.expires));
    Ok(Exit::Clean)
}

/// The finding with this fingerprint; its rule may be left out where the rest is enough.
fn find<'a>(report: &'a Report, fingerprint: &str) -> Result<&'a Finding, Failure> {
    let findings = || {
        report.findings.iter().filter(|it| {
            it.severity != Severity::Allow && rule(it.rule).is_some_and(|it| it.group() != Group::Waiver)
        })
    };
    let matches = |it: &&Finding| {
        it.fingerprint == fingerprint
            || fingerprint
                .strip_prefix('@')
                .is_some_and(|hash| it.fingerprint.split('@').nth(1) == Some(hash))
    };
    let found: Vec<&Finding> = findings().filter(matches).collect();
    match found[..] {
        [one, ..] if found.iter().all(|it| it.element == one.element) => Ok(one),
        [] => {
            let mut names: Vec<&str> = findings().map(|it| it.fingerprint.as_str()).collect();
            names.sort_by_key(|it| {
                // Nearest first; a similarity is a number between 0 and 1.
                std::cmp::Reverse((strsim::jaro_winkler(it, fingerprint) * 1e6) as u64)
            });
            names.dedup();
            let more = names.len().saturating_sub(MAX_NAMES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let list = names.iter().take(MAX_NAMES).copied().collect::<Vec<_>>().join(", ");
            let help = if names.is_empty() {
                "the check finds nothing".to_owned()
            } else {
                format!("the check finds {list}{more}")
            };
            let name = escape::line(fingerprint);
            Err(Failure::usage(format!("there is no finding `{name}`")).with_help(help))
        }
        _ => {
            let elements: Vec<String> =
                found.iter().map(|it| format!("`{}`", escape::line(&it.element))).collect();
            Err(Failure::usage(format!(
                "{} findings have the fingerprint `{}`: {}",
                found.len(),
                escape::line(fingerprint),
                elements.join(", ")
            ))
            .with_help("write the `[[waiver]]` by hand, with its `element`"))
        }
    }
}
