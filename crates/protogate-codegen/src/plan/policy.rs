//! Policies that contradict themselves.
//!
//! Who may call what is the user's decision; here is only checked that an annotation says one thing, and says it in the range that
//! the runtime enforces.

use protogate_schema::Schema;
use protogate_schema::model::element::Element;
use protogate_schema::model::options::RawPolicy;

use super::{Sink, at, reach};

/// Number of `protogate.v1.policy` and `protogate.v1.default_policy`.
const EXTENSION: i32 = 60430;

pub(super) fn check(schema: &Schema, sink: &mut Sink) {
    for (_, file) in schema.files().filter(|(_, file)| reach::is_generated_whole(file)) {
        for &id in &file.services {
            let service = schema.service(id);
            let own = service.options.default_policy.as_ref();
            check_one(schema, Element::Service(id), own, sink);
            for &method in &service.methods {
                let own = schema.method(method).options.policy.as_ref();
                check_one(schema, Element::Method(method), own, sink);
            }
        }
    }
}

fn check_one(schema: &Schema, element: Element, policy: Option<&RawPolicy>, sink: &mut Sink) {
    let Some(policy) = policy else { return };
    let name = schema.full_name(element);
    let (kind, options) = match element {
        Element::Service(_) => ("default policy of service", 3),
        _ => ("policy of rpc", 4),
    };
    let mut refuse = |what: String, help: &str| {
        let mut diagnostic = at(schema, element, format!("{kind} `{name}`: {what}")).with_help(help);
        let mut path = schema.path_of(element);
        let keep = path.len();
        path.extend([options, EXTENSION]);
        diagnostic.span = schema.option_span(schema.file_of(element), &path, keep).or(diagnostic.span);
        sink.push(diagnostic);
    };
    if policy.public && !(policy.roles.is_empty() && policy.permissions.is_empty()) {
        refuse(
            "`public` excludes `roles` and `permissions`".to_owned(),
            "remove `public: true` to ask for credentials, or remove the roles and permissions",
        );
    }
    for (list, what) in [(&policy.roles, "roles"), (&policy.permissions, "permissions")] {
        if list.iter().any(|it| it.trim().is_empty()) {
            refuse(format!("`{what}` has an empty entry"), "name it, or remove it");
        }
    }
    if let Some(timeout) = &policy.timeout {
        let positive = timeout.seconds > 0 || (timeout.seconds == 0 && timeout.nanos > 0);
        if !positive || std::time::Duration::try_from(*timeout).is_err() {
            refuse(
                format!("`timeout` is {}s {}ns, expected more than 0", timeout.seconds, timeout.nanos),
                "write for example `timeout: { seconds: 5 }`",
            );
        }
    }
    if let Some(rate) = &policy.rate_limit {
        if !(rate.per_second.is_finite() && rate.per_second > 0.0) {
            refuse(
                format!("`rate_limit.per_second` is {}, expected more than 0", rate.per_second),
                "write for example `rate_limit: { per_second: 10 }`, or remove `rate_limit`",
            );
        }
        if !(0..=3).contains(&rate.key) {
            refuse(
                format!("`rate_limit.key` is {}, which is no known key", rate.key),
                "use `KEY_SUBJECT`, `KEY_PEER` or `KEY_ALL`",
            );
        }
    }
}
