//! The default locale of an error catalogue stays.

use super::catalogs::{at_catalog, for_each_catalog};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

/// Number of `protogate.v1.ErrorCatalog.default_locale`.
const DEFAULT_LOCALE: i32 = 2;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_SAME_DEFAULT_LOCALE",
    categories: &["ERROR"],
    severity: Severity::Warn,
    since: "0.1.0",
    summary: "error catalogues keep their default locale",
    breaks: &[
        (
            Audience::Operators,
            "the messages in logs and statuses change their language, and searches for them find nothing",
        ),
        (Audience::Json, "callers of a language without text get another fall-back"),
    ],
    why: "The default locale is the language of the message that developers see, and of the text for callers whose language has none. Writing out the default `en` changes nothing.",
    help: "keep the default locale",
    bad: r#"    option (protogate.v1.error_catalog) = {
      domain: "device.example.com"
+     default_locale: "zh-CN"
    };"#,
    good: r#"    option (protogate.v1.error_catalog) = {
      domain: "device.example.com"
      default_locale: "en"
    };"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each_catalog(pairs, |old, new| {
        let (before, now) = (&old.default_locale, &new.default_locale);
        if before.eq_ignore_ascii_case(now) {
            return;
        }
        let name = pairs.current.full_name(Element::Enum(new.enumeration));
        let message = format!("error catalogue `{name}` changed its default locale: `{before}` -> `{now}`");
        out.report(at_catalog(pairs.current, new, DEFAULT_LOCALE), name, message)
            .against(at_catalog(pairs.baseline, old, DEFAULT_LOCALE))
            .labels(format!("now `{now}`"), format!("was `{before}`"))
            .key(format!("{before}->{now}"))
            .sides(&[Side::OldClientNewServer]);
    });
}
