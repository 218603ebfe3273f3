//! The domain of an error catalogue stays.

use super::catalogs::{at_catalog, for_each_catalog};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

/// Number of `protogate.v1.ErrorCatalog.domain`.
const DOMAIN: i32 = 1;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_SAME_DOMAIN",
    categories: &["ERROR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "error catalogues keep their domain",
    breaks: &[
        (Audience::Json, "programs that know an error by domain and reason know none of the catalogue"),
        (Audience::Wire, "the same in the `google.rpc.ErrorInfo` of a status"),
    ],
    why: "`google.rpc.ErrorInfo` says that reason and domain together name an error. With another domain, every reason of the catalogue is another error.",
    help: "keep the domain, also if the service moves to another host",
    bad: r#"  enum DeviceError {
-   option (protogate.v1.error_catalog) = { domain: "device.example.com" };
+   option (protogate.v1.error_catalog) = { domain: "devices.example.org" };
  }"#,
    good: r#"  enum DeviceError {
    option (protogate.v1.error_catalog) = { domain: "device.example.com" };
  }"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each_catalog(pairs, |old, new| {
        if old.domain == new.domain {
            return;
        }
        let (before, now) = (&old.domain, &new.domain);
        let name = pairs.current.full_name(Element::Enum(new.enumeration));
        let message = format!("error catalogue `{name}` changed its domain: `{before}` -> `{now}`");
        out.report(at_catalog(pairs.current, new, DOMAIN), name, message)
            .against(at_catalog(pairs.baseline, old, DOMAIN))
            .labels(format!("now `{now}`"), format!("was `{before}`"))
            .key(format!("{before}->{now}"))
            .sides(&[Side::OldClientNewServer]);
    });
}
