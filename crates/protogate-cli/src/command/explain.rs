//! `protogate explain`: the page of one rule.

use crate::args::Explain;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Prints the rule's page as Markdown.
pub(crate) fn run(args: &Explain, terminal: &mut Terminal) -> Result<Exit, Failure> {
    // A fingerprint from a report, `FIELD_SAME_TYPE@4be1`, is as good as the id.
    let wanted = args.rule.split('@').next().unwrap_or_default().to_ascii_uppercase();
    let Some(rule) = protogate_check::rule(&wanted) else {
        let near = protogate_check::rules()
            .iter()
            .map(|rule| (strsim::damerau_levenshtein(&wanted, rule.id), rule.id))
            .filter(|(distance, id)| *distance <= id.len() / 3)
            .min();
        let advice = match near {
            Some((_, id)) => format!("did you mean `{id}`?"),
            None => "`protogate rules` lists them".to_owned(),
        };
        return Err(Failure::usage(format!("there is no rule `{}`", args.rule)).with_help(advice));
    };
    terminal.print(rule.explanation().trim_end())?;
    Ok(Exit::Clean)
}
