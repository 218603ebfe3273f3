//! The rules about waivers, in one table: they have no walk, [`crate::Waivers::apply`] reports them.

use crate::rule::{Check, Rule, Severity};

/// Waivers name rules that exist.
pub(crate) static WAIVER_KNOWN_RULE: Rule = Rule {
    id: "WAIVER_KNOWN_RULE",
    categories: &[],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "waivers name rules that exist",
    breaks: &[],
    why: "A waiver with a misspelt rule covers nothing, and the finding that it was written for is reported again.",
    help: "correct the name; `protogate rules` lists them",
    bad: "[[waiver]]\nrule = \"FIELD_NO_DELET\"\nelement = \"acme.v1.Device.rev\"\nreason = \"no reader since March\"",
    good: "[[waiver]]\nrule = \"FIELD_NO_DELETE\"\nelement = \"acme.v1.Device.rev\"\nreason = \"no reader since March\"",
    check: Check::Waiver,
};

/// Waivers are not over.
pub(crate) static WAIVER_NOT_EXPIRED: Rule = Rule {
    id: "WAIVER_NOT_EXPIRED",
    categories: &[],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "waivers are not over",
    breaks: &[],
    why: "A waiver has an end so that somebody looks again. Its last day ends at midnight UTC; then the finding is reported as before.",
    help: "repair what the waiver covers, or give it a new end and say why",
    bad: "expires = 2020-01-31   # today is later",
    good: "expires = 2099-01-31",
    check: Check::Waiver,
};

/// Waivers that need an owner have one.
pub(crate) static WAIVER_OWNED: Rule = Rule {
    id: "WAIVER_OWNED",
    categories: &[],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "waivers of decisions that somebody must answer for name an owner",
    breaks: &[],
    why: "Opening a method to more callers is a decision, not an oversight to be excused. A waiver of `POLICY_NO_LOOSEN` covers its finding only when it says who made the decision.",
    help: "add `owner = \"…\"`: the person or team that answers for it",
    bad: "[[waiver]]\nrule = \"POLICY_NO_LOOSEN\"\nelement = \"acme.v1.DeviceService.ResetDevice\"\nreason = \"viewers run the shop floor\"",
    good: "[[waiver]]\nrule = \"POLICY_NO_LOOSEN\"\nelement = \"acme.v1.DeviceService.ResetDevice\"\nreason = \"viewers run the shop floor\"\nowner = \"jane@example.com\"",
    check: Check::Waiver,
};

/// Waivers in comments can be read.
pub(crate) static WAIVER_READABLE: Rule = Rule {
    id: "WAIVER_READABLE",
    categories: &[],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "comments that begin like a waiver are one",
    breaks: &[],
    why: "Whoever writes `protogate:waive` in a comment thinks that it counts. A line with a mistake, or without a reason, covers nothing, and says so.",
    help: "write `// protogate:waive RULE reason=\"why\" owner=\"who\" expires=2027-01-31`; only `reason` is a must",
    bad: "// protogate:waive FIELD_SAME_TYPE because nobody reads it\nstring rev = 2;",
    good: "// protogate:waive FIELD_SAME_TYPE reason=\"nobody reads it\" expires=2099-01-31\nstring rev = 2;",
    check: Check::Waiver,
};

/// Waivers cover something.
pub(crate) static WAIVER_USED: Rule = Rule {
    id: "WAIVER_USED",
    categories: &[],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "waivers cover a finding",
    breaks: &[],
    why: "A waiver that covers nothing is left over from a repair, or its element is misspelt. It would hide a later finding.",
    help: "delete the waiver, or correct its element",
    bad: "element = \"acme.v1.Device.rve\"   # misspelt",
    good: "element = \"acme.v1.Device.rev\"",
    check: Check::Waiver,
};

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    [&WAIVER_KNOWN_RULE, &WAIVER_NOT_EXPIRED, &WAIVER_OWNED, &WAIVER_READABLE, &WAIVER_USED].into_iter()
}
