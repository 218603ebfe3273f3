//! `protogate rules`: all rules in one table.

use protogate_check::{Group, Profile, Rule, Severity};
use serde_json::json;

use crate::args::{Rules, TextOrJson};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::table;
use crate::terminal::Terminal;

/// Prints id, categories, default severity and summary of each rule; `*` marks those that run when nothing is selected, `+` those that
/// then run in `check` alone.
pub(crate) fn run(args: &Rules, terminal: &mut Terminal) -> Result<Exit, Failure> {
    match args.format {
        TextOrJson::Json => {
            for rule in protogate_check::rules() {
                let line = json!({
                    "id": rule.id,
                    "group": group(rule),
                    "categories": rule.categories,
                    "severity": severity(rule),
                    "default": rule.is_default(Profile::Buf),
                    "default_in_check": rule.is_default(Profile::Protogate),
                    "since": rule.since,
                    "summary": rule.summary,
                });
                terminal.print(line)?;
            }
        }
        TextOrJson::Text => {
            let rows: Vec<_> = protogate_check::rules()
                .iter()
                .map(|rule| {
                    let mark = if rule.is_default(Profile::Buf) {
                        "*"
                    } else if rule.is_default(Profile::Protogate) {
                        "+"
                    } else {
                        ""
                    };
                    vec![
                        format!("{}{mark}", rule.id),
                        group(rule).to_owned(),
                        severity(rule).to_owned(),
                        rule.categories.join(","),
                        rule.summary.to_owned(),
                    ]
                })
                .collect();
            for line in table::render(&["RULE", "GROUP", "SEVERITY", "CATEGORIES", "PROMISE"], &rows) {
                terminal.print(line)?;
            }
            terminal.say("* runs when nothing is selected, + then in `check` alone; `protogate explain RULE` prints a rule's page");
        }
    }
    Ok(Exit::Clean)
}

fn group(rule: &Rule) -> &'static str {
    match rule.group() {
        Group::Breaking => "breaking",
        Group::Lint => "lint",
        Group::Waiver => "waiver",
    }
}

fn severity(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Allow => "allow",
        Severity::Warn => "warn",
        Severity::Deny => "deny",
    }
}
