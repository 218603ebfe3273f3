//! Differences as the plan of `baseline accept` and the answer of `verify` list them: a line for each, with the rules that it breaks.

use protogate_check::difference::{Change, Difference, Mark};

use crate::command::diff::rules;

/// `a.M.rev`, or `a.M.rev -> a.M.version` when it was renamed.
pub(crate) fn name(change: &Change) -> String {
    match &change.before {
        Some(before) if before.name != change.fact.name => {
            format!("{} -> {}", before.name, change.fact.name)
        }
        _ => change.fact.name.clone(),
    }
}

/// The differences in order of name, marked `+`, `~` and `-`; then what breaks without one, marked `!`.
pub(crate) fn lines(difference: &Difference) -> Vec<String> {
    let mut lines: Vec<(String, String)> = Vec::new();
    for change in &difference.changes {
        let mark = match change.mark {
            Mark::Added => '+',
            Mark::Changed if change.deltas.is_empty() && change.renamed_from().is_none() => '!',
            Mark::Changed => '~',
            Mark::Removed => '-',
        };
        let breaks = match rules(&change.breaks) {
            none if none.is_empty() => none,
            rules => format!("  {rules}"),
        };
        let text = change.text();
        let text = if text.is_empty() { text } else { format!("  {text}") };
        let name = name(change);
        lines.push((name.clone(), format!("{mark} {name}{text}{breaks}")));
    }
    lines.sort();
    let others = difference.others.iter().map(|it| format!("! {}  {}", it.message, it.rule));
    lines.into_iter().map(|(_, line)| line).chain(others).collect()
}
