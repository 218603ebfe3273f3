//! One cause, one finding: what belongs together is found while both schemas are at hand, and folded when the caller asks for it.
//!
//! Linking gives each finding of the breaking rules the key of its cause, and words where the cause is a rename or a move. Folding
//! needs no schema: of the findings with one key, the one that stands for the cause keeps the others as its consequences. Nothing is
//! lost: they are counted, waived, rendered and denied as before.

use std::collections::HashMap;

use protogate_schema::pair::Pairs;

use crate::finding::{Finding, Report};
use crate::rule::Group;
use crate::rules;

mod cause;
mod rename;

use cause::Causes;
use rename::Renames;

/// The cause of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// The same for all findings of one cause.
    key: String,
    /// How near the finding is to the cause; the smallest number stands for it.
    rank: u8,
}

/// What types and rpcs of the baseline are called now, as far as they look renamed.
pub(crate) struct Names {
    to: HashMap<String, String>,
}

impl Names {
    pub(crate) fn new(pairs: &Pairs<'_>) -> Self {
        let renames = Renames::find(pairs);
        let methods: Vec<(String, String)> = pairs
            .baseline
            .methods()
            .filter(|(id, it)| {
                pairs.service(it.service).is_some_and(|service| pairs.method(service, *id).is_none())
            })
            .filter_map(|(id, it)| {
                let now = rename::method(pairs, &renames, id)?;
                Some((it.full_name.clone(), pairs.current.method(now).full_name.clone()))
            })
            .collect();
        let mut to = renames.into_names();
        to.extend(methods);
        Self { to }
    }

    /// The present name; what is in a renamed type has the new name before its own.
    pub(crate) fn now(&self, name: &str) -> String {
        let mut outer = name;
        loop {
            if let Some(to) = self.to.get(outer) {
                return format!("{to}{}", &name[outer.len()..]);
            }
            let Some((before, _)) = outer.rsplit_once('.') else { return name.to_owned() };
            outer = before;
        }
    }
}

/// The rank from which on a finding is a consequence, whatever else is there.
const CONSEQUENCE: u8 = 5;

/// Finds the causes of the findings of the breaking rules.
pub(crate) fn link(pairs: &Pairs<'_>, findings: &mut [Finding]) {
    let breaking = |finding: &&mut Finding| {
        rules::find(finding.rule).is_some_and(|rule| rule.group() == Group::Breaking)
    };
    if findings.is_empty() {
        return;
    }
    let causes = Causes::new(pairs);
    for finding in findings.iter_mut().filter(breaking) {
        if let Some((key, rank, because)) = causes.of(finding) {
            finding.link = Some(Link { key, rank });
            finding.because = because;
        }
    }
}

/// From the position of a consequence to that of the finding that stands for its cause.
pub(crate) fn leads(findings: &[Finding]) -> HashMap<usize, usize> {
    let mut groups: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, finding) in findings.iter().enumerate() {
        if let Some(link) = &finding.link {
            groups.entry(&link.key).or_default().push(index);
        }
    }
    let mut under = HashMap::new();
    for members in groups.into_values().filter(|members| members.len() > 1) {
        let rank = |index: &usize| findings[*index].link.as_ref().map_or(u8::MAX, |link| link.rank);
        // Findings are in order, so that the first of several causes wins.
        let Some(&lead) = members.iter().min_by_key(|index| (rank(index), **index)) else { continue };
        if rank(&lead) < CONSEQUENCE || findings[lead].because.is_some() {
            under.extend(members.into_iter().filter(|&index| index != lead).map(|index| (index, lead)));
        }
    }
    under
}

impl Report {
    /// Folds the consequences of one cause under the finding that stands for it. Counts and the verdict do not change.
    #[must_use]
    pub fn group(mut self) -> Self {
        let under = leads(&self.findings);
        let mut kept: Vec<Option<Finding>> = self.findings.into_iter().map(Some).collect();
        let mut consequences: Vec<(usize, usize)> = under.into_iter().collect();
        consequences.sort_unstable();
        for (index, lead) in consequences {
            let Some(mut finding) = kept[index].take() else { continue };
            if let Some(cause) = &mut kept[lead] {
                // What was folded before stays a consequence of the same cause.
                let below = std::mem::take(&mut finding.folded);
                cause.folded.push(finding);
                cause.folded.extend(below);
            }
        }
        self.findings = kept.into_iter().flatten().collect();
        self
    }
}
