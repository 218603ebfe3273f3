//! Who breaks and how, for each finding of the rules that compare elements: texts about the concrete change, and between whom it
//! breaks.
//!
//! Rules state what changed; here that is looked at once more, with both schemas at hand, because a rule's own text can only say
//! what might happen. Findings of rules that are not known here keep what their rule says.

use protogate_schema::Schema;
use protogate_schema::model::element::{Cardinality, Element, Field, FieldId, MessageId};
use protogate_schema::pair::{Pair, Pairs, Travel};

use crate::finding::{Finding, Impact, Side};
use crate::rule::{Audience, Group};
use crate::{kind, rules, witness};

mod deletion;
mod field;
mod flow;
pub(crate) mod forward;
mod other;
mod repair;
mod types;

use flow::{Carrier, Flow};

/// Which way a change breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ways {
    /// The new schema misreads what the old one wrote.
    old_to_new: bool,
    /// The old schema misreads what the new one writes.
    new_to_old: bool,
    /// Generated code changes.
    source: bool,
}

impl Ways {
    const BOTH: Self = Self { old_to_new: true, new_to_old: true, source: true };
    const SOURCE: Self = Self { old_to_new: false, new_to_old: false, source: true };
    const READ_OLD: Self = Self { old_to_new: true, new_to_old: false, source: true };
}

/// What is said about one finding.
struct Breakage {
    impact: Vec<(Audience, String)>,
    sides: Vec<Side>,
}

/// Describes the findings of the breaking rules: impact, sides, witness and fix.
pub(crate) fn describe(pairs: &Pairs<'_>, findings: &mut [Finding]) {
    let mut flow = Flow::default();
    for finding in findings {
        let Some(rule) = rules::find(finding.rule).filter(|rule| rule.group() == Group::Breaking) else {
            continue;
        };
        if let Some(found) = of(pairs, finding, &mut flow) {
            finding.impact = in_order(found.impact)
                .into_iter()
                .map(|(audience, text)| Impact { audience, text })
                .collect();
            finding.sides = found.sides;
        } else if finding.sides.is_empty() {
            finding.sides = by_audience(rule.breaks.iter().map(|(audience, _)| *audience));
        }
        if finding.witness.is_none() {
            finding.witness = witness::find(pairs, finding).map(Box::new);
        }
        if finding.fix.is_none() {
            finding.fix = repair::of(pairs, finding).map(Box::new);
        }
        if let (Some(Element::Field(old)), Some(Element::Field(new))) =
            (finding.about.baseline, finding.about.current)
            && NAME_OR_TYPE.contains(&finding.rule)
            && is_another(pairs, old, new)
        {
            let (old, new) = (pairs.baseline.field(old), pairs.current.field(new));
            finding.help = Some(format!(
                "give `{}` a number that was never used, and keep `{}` as field {}, deprecated, or reserve both: `reserved {}; reserved \"{}\";`",
                new.name, old.name, old.number, old.number, old.name
            ));
        }
    }
}

/// The rules that see one of the two halves of a field that took another's number.
const NAME_OR_TYPE: [&str; 3] = ["FIELD_SAME_NAME", "FIELD_SAME_JSON_NAME", "FIELD_SAME_TYPE"];

/// Whether a field is another one under the same number: with another name, which no other field has now, and bytes of another kind.
pub(crate) fn is_another(pairs: &Pairs<'_>, old: FieldId, new: FieldId) -> bool {
    let (before, now) = (pairs.baseline.field(old), pairs.current.field(new));
    let named = |schema: &Schema, field: &Field, name: &str| {
        let fields = field.place.parent.map(|it| schema.message(it).fields.iter());
        fields.is_some_and(|mut fields| fields.any(|&id| schema.field(id).name == name))
    };
    !before.is_extension()
        && before.name != now.name
        && kind::wire_group(before.kind) != kind::wire_group(now.kind)
        && !named(pairs.current, now, &before.name)
        && !named(pairs.baseline, before, &now.name)
}

/// Whether readers of a field drop what was written under its number as another type; `false` where that type is not known any more.
pub(crate) fn is_dropped(pairs: &Pairs<'_>, former: &str, field: &Field) -> bool {
    types::written(pairs, former).is_some_and(|shapes| {
        let taken = types::taken(field);
        shapes.iter().all(|shape| !taken.contains(shape))
    })
}

/// The same order everywhere: wire, JSON, source, REST, operators.
fn in_order(mut impact: Vec<(Audience, String)>) -> Vec<(Audience, String)> {
    impact.sort_by_key(|(audience, _)| *audience);
    impact
}

/// What the audiences of a rule say about sides, for rules that say no more.
fn by_audience(audiences: impl Iterator<Item = Audience>) -> Vec<Side> {
    let mut sides: Vec<Side> = audiences
        .filter_map(|audience| match audience {
            Audience::Wire | Audience::Json | Audience::Rest => Some(Side::OldClientNewServer),
            Audience::Source => Some(Side::Rebuild),
            Audience::Operators => None,
        })
        .collect();
    sides.sort_unstable();
    sides.dedup();
    sides
}

fn of(pairs: &Pairs<'_>, finding: &Finding, flow: &mut Flow) -> Option<Breakage> {
    let about = finding.about;
    let same = !finding.rule.contains("_NO_DELETE");
    if let Some(Element::Field(baseline)) = about.baseline.filter(|_| same)
        && let Some(pair) = pair_of(pairs, baseline, about.current)
    {
        let (mut impact, ways) = field::of(pairs, finding.rule, pair)?;
        let carrier = holder(pairs, baseline).map_or(Carrier::Unknown, Carrier::Message);
        by_route(&mut impact, flow.routed(pairs, carrier));
        return Some(Breakage { impact, sides: flow.sides(pairs, carrier, ways) });
    }
    if let Some((mut impact, ways, carrier)) = deletion::of(pairs, finding, flow) {
        by_route(&mut impact, flow.routed(pairs, carrier));
        return Some(Breakage { impact, sides: flow.sides(pairs, carrier, ways) });
    }
    let (mut impact, sides) = other::of(pairs, finding)?;
    if let Some(Element::Value(old)) = about.baseline {
        let carrier = flow.of_enum(pairs, pairs.baseline.value(old).parent);
        by_route(&mut impact, flow.routed(pairs, carrier));
    }
    Some(Breakage { impact, sides })
}

/// Callers by HTTP see what routes carry: nothing of other messages, and of answers no parameters.
fn by_route(impact: &mut Vec<(Audience, String)>, routed: Travel) {
    if !routed.requests && !routed.responses {
        impact.retain(|(audience, _)| *audience != Audience::Rest);
    } else if !routed.requests {
        for (_, text) in impact.iter_mut().filter(|(audience, _)| *audience == Audience::Rest) {
            "callers find it changed in answers, as in JSON".clone_into(text);
        }
    }
}

/// The field now. An option can stand in the file's head; then the field is looked up.
fn pair_of(pairs: &Pairs<'_>, baseline: FieldId, current: Option<Element>) -> Option<Pair<FieldId>> {
    if let Some(Element::Field(current)) = current {
        return Some(Pair { current, baseline });
    }
    let field = pairs.baseline.field(baseline);
    if field.is_extension() {
        return pairs.extension(baseline);
    }
    let messages = pairs.message(field.place.parent?)?;
    pairs.fields(messages).find(|(old, _)| *old == baseline)?.1
}

/// The message of the baseline that a field belongs to; for key and value of a map the one with the map.
fn holder(pairs: &Pairs<'_>, id: FieldId) -> Option<MessageId> {
    let field = pairs.baseline.field(id);
    if let Some(extendee) = &field.extendee {
        return pairs.baseline.find_message(extendee);
    }
    let parent = field.place.parent?;
    let message = pairs.baseline.message(parent);
    if message.is_map_entry { message.place.parent } else { Some(parent) }
}

/// Whether the JSON of a field is a list or an object of its own.
fn is_container(field: &Field) -> bool {
    matches!(field.cardinality, Cardinality::Repeated | Cardinality::Map)
}
