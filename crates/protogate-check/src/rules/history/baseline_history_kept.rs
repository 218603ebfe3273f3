//! Baselines do not forget. Made by [`crate::check_history`], which is handed the versions that were committed.

use crate::rule::{Audience, Check, Rule, Severity};

pub(crate) static RULE: Rule = Rule {
    id: "BASELINE_HISTORY_KEPT",
    categories: &["HISTORY"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "baselines remember everything that committed versions of them promised",
    breaks: &[(
        Audience::Wire,
        "numbers and names that the baseline has forgotten can be used again without a finding",
    )],
    why: "A baseline that is written by something else than `baseline accept`, deleted and recorded anew, or taken from one side of a merge promises less than what was released, and nothing else shows it. Each committed version must be in it: as part of the promise, or as part of its history. `check` looks at the newest commits, `baseline verify` at all of them.",
    help: "run `protogate baseline accept`, which takes over what the committed versions know, and commit the file",
    bad: "protogate build -o proto/baseline.binpb      # a new file, without the history of the old one",
    good: "protogate baseline accept --reason \"2.0\"",
    check: Check::Committed,
};
