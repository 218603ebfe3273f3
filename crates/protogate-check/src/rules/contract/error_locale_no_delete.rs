//! An error keeps a text in each of its locales.

use super::catalogs::{TEXTS, for_each};
use crate::finding::{Findings, Side};
use crate::rule::{Audience, Check, Rule, Severity};
use protogate_schema::model::options::LocalizedText;
use protogate_schema::pair::Pairs;

pub(super) static RULE: Rule = Rule {
    id: "ERROR_LOCALE_NO_DELETE",
    categories: &["ERROR"],
    severity: Severity::Deny,
    since: "0.1.0",
    summary: "errors keep a text in each locale",
    breaks: &[
        (Audience::Json, "people who read that language get the text of the fall-back locale"),
        (Audience::Rest, "the same"),
    ],
    why: "The text is chosen by the caller's language. Without one in that language, people read the fall-back, which they may not understand. Losing a locale in the catalogue's list alone takes nothing from anybody.",
    help: "keep the text",
    bad: r#"    DEVICE_GONE = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_001"
      texts: { locale: "en" text: "device {id} is gone" }
-     texts: { locale: "zh-CN" text: "设备 {id} 不存在" }
    }];"#,
    good: r#"    DEVICE_GONE = 1 [(protogate.v1.error) = {
      code: "ERR_DEVICE_001"
      texts: { locale: "en" text: "device {id} is gone" }
      texts: { locale: "zh-CN" text: "设备 {id} 不存在" }
    }];"#,
    check: Check::Schemas(check),
};

fn check(pairs: &Pairs<'_>, out: &mut Findings) {
    for_each(pairs, |reason| {
        for (index, old) in reason.old.texts.iter().enumerate() {
            let same = |it: &&LocalizedText| it.locale.eq_ignore_ascii_case(&old.locale);
            let repeated = reason.old.texts[..index].iter().any(|it| same(&it));
            if !repeated && reason.new.texts.iter().find(same).is_none() {
                let what = format!("lost its text in `{}`", old.locale);
                reason
                    .report(out, TEXTS, &what, (&old.locale, "none"))
                    .sides(&[Side::OldClientNewServer])
                    .labels(format!("no text in `{}`", old.locale), "was here");
            }
        }
    });
}
