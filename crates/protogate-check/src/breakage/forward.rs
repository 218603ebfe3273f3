//! The other direction: what old readers make of new data, said about findings of the swapped pair of schemas.
//!
//! In a swapped pair the roles have changed places, so words and sides of its findings are turned; what only rebuilt programs see
//! is left out, because nobody rebuilds an old reader.

use protogate_schema::model::element::Element;
use protogate_schema::pair::Pairs;

use super::flow::{Carrier, Flow};
use super::{Ways, deletion, field, holder, pair_of};
use crate::finding::{Finding, Side};
use crate::rule::Audience;

/// Turns what is said about findings of the swapped pair, and drops those that do not hurt old readers.
pub(crate) fn turn(swapped: &Pairs<'_>, findings: &mut Vec<Finding>) {
    let mut flow = Flow::default();
    findings.retain_mut(|finding| {
        let sides = match ways(swapped, finding, &mut flow) {
            Some((ways, _)) if !ways.old_to_new => return false,
            Some((_, carrier)) => {
                let reading = Ways { old_to_new: true, new_to_old: false, source: false };
                flow.sides(swapped, carrier, reading)
            }
            None => std::mem::take(&mut finding.sides),
        };
        finding.sides = sides.into_iter().filter_map(turned).collect();
        if finding.sides.is_empty() {
            finding.sides.push(Side::NewClientOldServer);
        }
        finding.sides.sort_unstable();
        finding.impact.retain(|it| it.audience != Audience::Source);
        for impact in &mut finding.impact {
            impact.text = words(&impact.text);
        }
        finding.message = words(&finding.message);
        true
    });
}

fn ways(pairs: &Pairs<'_>, finding: &Finding, flow: &mut Flow) -> Option<(Ways, Carrier)> {
    if let Some(Element::Field(old)) = finding.about.baseline
        && !finding.rule.contains("_NO_DELETE")
        && let Some(pair) = pair_of(pairs, old, finding.about.current)
    {
        let (_, ways) = field::of(pairs, finding.rule, pair)?;
        return Some((ways, holder(pairs, old).map_or(Carrier::Unknown, Carrier::Message)));
    }
    let (_, ways, carrier) = deletion::of(pairs, finding, flow)?;
    Some((ways, carrier))
}

/// Old clients of the swapped pair are new ones.
fn turned(side: Side) -> Option<Side> {
    match side {
        Side::OldClientNewServer => Some(Side::NewClientOldServer),
        Side::NewClientOldServer => Some(Side::OldClientNewServer),
        Side::StoredData | Side::Rebuild => None,
    }
}

/// `old` for `new` outside of backquotes, and what changed the other way round.
fn words(text: &str) -> String {
    let text = match text.rsplit_once(" -> ") {
        Some((head, now)) => match head.rsplit_once(": ") {
            Some((head, before)) => format!("{head}: {now} -> {before}"),
            None => text.to_owned(),
        },
        None => text.to_owned(),
    };
    let text = match text.split_once(" becomes ") {
        Some((before, rest)) => match rest.find([':', ';']) {
            Some(end) => format!("{} becomes {before}{}", &rest[..end], &rest[end..]),
            None => text,
        },
        None => text,
    };
    let turn = |part: &str| {
        let words = part.split(' ').map(|word| match word {
            "old" => "new",
            "new" => "old",
            other => other,
        });
        words.collect::<Vec<_>>().join(" ")
    };
    let parts = text.split('`').enumerate();
    parts
        .map(|(at, part)| if at % 2 == 0 { turn(part) } else { part.to_owned() })
        .collect::<Vec<_>>()
        .join("`")
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn roles_change_places() {
        assert_eq!(
            words("new readers see the bare number 2, old ones `new x`"),
            "old readers see the bare number 2, new ones `new x`"
        );
        assert_eq!(words("field 1 changed type: int64 -> int32"), "field 1 changed type: int32 -> int64");
        assert_eq!(words("\"7\" becomes 7: new readers refuse it"), "7 becomes \"7\": old readers refuse it");
    }
}
