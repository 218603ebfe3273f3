//! Services are called services.

use crate::finding::Findings;
use crate::lint::Lint;
use crate::position::NAME;
use crate::rule::{Check, Rule, Severity};
use protogate_schema::model::element::{Element, ServiceId};

pub(super) static RULE: Rule = Rule {
    id: "SERVICE_SUFFIX",
    categories: &["STANDARD"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "service names end with `Service`",
    breaks: &[],
    why: "A suffix keeps services and messages of a package apart, also in generated code.",
    help: "rename it, or set `service_suffix`",
    bad: "service Devices {}",
    good: "service DeviceService {}",
    check: Check::Service(check),
};

fn check(lint: &Lint<'_>, id: ServiceId, out: &mut Findings) {
    let configured = lint.config.service_suffix.as_str();
    let suffix = if configured.is_empty() { "Service" } else { configured };
    let name = &lint.schema.service(id).name;
    if !name.ends_with(suffix) {
        let message = format!("service `{name}` should end with `{suffix}`");
        lint.report(out, Element::Service(id), NAME, message);
    }
}
