//! The resolved policy of an rpc on both sides: what the `POLICY_*` rules compare, and where it is written.
//!
//! Only what holds in the end counts: a policy that moves from the service to its rpcs, or back, changes nothing. Access is compared as
//! sets of callers, so that it is plain whether a change lets somebody in, shuts somebody out, or both.

use std::time::Duration;

use protogate_schema::Schema;
use protogate_schema::model::element::{Element, MethodId};
use protogate_schema::model::options::RawPolicy;
use protogate_schema::model::policy::{Access, Policy};
use protogate_schema::pair::{Pair, Pairs};

use crate::finding::{Finding, Findings, Side};
use crate::position::At;
use crate::subject;

/// Number of `protogate.v1.policy` and `.default_policy`.
const EXTENSION: i32 = 60430;
/// Numbers of `protogate.v1.MethodPolicy`.
pub(super) const ROLES: i32 = 2;
pub(super) const TIMEOUT: i32 = 4;
pub(super) const RATE_LIMIT: i32 = 5;
pub(super) const AUDIT: i32 = 6;

/// An rpc with its resolved policies.
#[derive(Debug)]
pub(super) struct Policies<'a> {
    pairs: &'a Pairs<'a>,
    pair: Pair<MethodId>,
    pub(super) old: Policy,
    pub(super) new: Policy,
}

impl<'a> Policies<'a> {
    /// The policies of an rpc.
    pub(super) fn of(pairs: &'a Pairs<'a>, pair: Pair<MethodId>) -> Self {
        let (old, new) = (pairs.baseline.policy(pair.baseline), pairs.current.policy(pair.current));
        Self { pairs, pair, old, new }
    }

    /// Whether requests or answers are a stream now.
    pub(super) fn is_stream(&self) -> bool {
        let method = self.pairs.current.method(self.pair.current);
        method.client_streaming || method.server_streaming
    }

    /// Reports a change of a part of the policy: the message goes on after the rpc's name.
    pub(super) fn report<'o>(
        &self,
        out: &'o mut Findings,
        field: i32,
        what: &str,
        (before, now): (&str, &str),
    ) -> &'o mut Finding {
        let Pairs { current, baseline, .. } = self.pairs;
        let method = current.method(self.pair.current);
        let service = &current.service(method.service).full_name;
        out.report(
            at(current, self.pair.current, field),
            &method.full_name,
            format!("rpc `{}` of `{service}` {what}", method.name),
        )
        .against(at(baseline, self.pair.baseline, field))
        .labels(format!("now {now}"), format!("was {before}"))
        .key(format!("{before}->{now}"))
        .sides(&[Side::OldClientNewServer])
    }
}

/// Where a part of the policy of an rpc is written: at the rpc or at its service; else the rpc.
fn at(schema: &Schema, id: MethodId, field: i32) -> At {
    let method = schema.method(id);
    let service = schema.service(method.service);
    let own = method.options.policy.as_ref();
    let default = service.options.default_policy.as_ref();
    let at_method = || At::within_option(schema, Element::Method(id), &[4, EXTENSION, field]);
    let at_service = || At::within_option(schema, Element::Service(method.service), &[3, EXTENSION, field]);
    let says = |raw: Option<&RawPolicy>| raw.is_some_and(|raw| says(raw, field));
    if says(default) && !says(own) { at_service() } else { at_method() }
}

fn says(raw: &RawPolicy, field: i32) -> bool {
    match field {
        TIMEOUT => raw.timeout.is_some(),
        RATE_LIMIT => raw.rate_limit.is_some(),
        AUDIT => raw.audit,
        _ => raw.public || !raw.roles.is_empty() || !raw.permissions.is_empty(),
    }
}

/// Whether `outer` lets in everybody whom `inner` lets in.
pub(super) fn covers(outer: &Access, inner: &Access) -> bool {
    match (outer, inner) {
        (_, Access::Denied) | (Access::Public, _) => true,
        (Access::Denied, _) | (_, Access::Public) => false,
        (
            Access::Granted { roles, permissions },
            Access::Granted { roles: inner_roles, permissions: inner_permissions },
        ) => {
            let in_roles = !inner_roles.is_empty() && inner_roles.iter().all(|it| roles.contains(it));
            (roles.is_empty() || in_roles) && permissions.iter().all(|it| inner_permissions.contains(it))
        }
    }
}

/// ``role `admin` or `operator`, permission `device.write` ``; `nobody`; `anybody`.
pub(super) fn who(access: &Access) -> String {
    match access {
        Access::Denied => "nobody".to_owned(),
        Access::Public => "anybody".to_owned(),
        Access::Granted { roles, permissions } => {
            let joined = |names: &[String], what: &str, word: &str| {
                let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
                names.sort_unstable();
                names.dedup();
                (!names.is_empty()).then(|| format!("{what} {}", subject::list(names).replace("`, `", word)))
            };
            let parts = [joined(roles, "role", "` or `"), joined(permissions, "permission", "` and `")];
            parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
        }
    }
}

/// `5s`, or `none`.
pub(super) fn duration(value: Option<Duration>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| format!("{value:?}"))
}

#[cfg(test)]
mod tests {
    use super::{Access, covers};

    fn granted(roles: &[&str], permissions: &[&str]) -> Access {
        let owned = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect();
        Access::Granted { roles: owned(roles), permissions: owned(permissions) }
    }

    /// `covers` is inclusion of sets of callers: tried against all callers with some of two roles and two permissions.
    #[test]
    fn covering_is_inclusion_of_callers() {
        let subsets: [&[&str]; 4] = [&[], &["a"], &["b"], &["a", "b"]];
        let mut all = vec![Access::Denied, Access::Public];
        for roles in subsets {
            for permissions in subsets.iter().filter(|it| !(roles.is_empty() && it.is_empty())) {
                all.push(granted(roles, permissions));
            }
        }
        let admits = |access: &Access, caller: Option<(&[&str], &[&str])>| match (access, caller) {
            (Access::Denied, _) => false,
            (Access::Public, _) => true,
            (Access::Granted { .. }, None) => false,
            (Access::Granted { roles, permissions }, Some((has_roles, has_permissions))) => {
                (roles.is_empty() || roles.iter().any(|it| has_roles.contains(&it.as_str())))
                    && permissions.iter().all(|it| has_permissions.contains(&it.as_str()))
            }
        };
        let mut callers = vec![None];
        for roles in subsets {
            callers.extend(subsets.iter().map(|&permissions| Some((roles, permissions))));
        }
        for outer in &all {
            for inner in &all {
                let expected = callers.iter().all(|&it| !admits(inner, it) || admits(outer, it));
                assert_eq!(covers(outer, inner), expected, "{outer:?} covers {inner:?}");
            }
        }
    }
}
