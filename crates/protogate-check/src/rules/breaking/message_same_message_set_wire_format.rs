//! An id that old configurations name; it checks nothing.

use crate::rule::{Check, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "MESSAGE_SAME_MESSAGE_SET_WIRE_FORMAT",
    categories: &[],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "messages keep their message set format (old id, checks nothing)",
    breaks: &[],
    why: "The reference deprecated this rule, and compilers refuse the option in most files. The id is accepted so that old configurations keep working.",
    help: "nothing: the rule never fires",
    bad: "- option message_set_wire_format = true;",
    good: "  option message_set_wire_format = true;",
    check: Check::Never,
};
