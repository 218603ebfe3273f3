//! `google/rpc/status.proto` and `google/rpc/error_details.proto` for tonic's own structs of them, so that an `Any` with an error
//! detail is read and printed without generated code.

use tonic_types::pb::{self, bad_request, help, precondition_failure, quota_failure};

use super::table::{Field, Fields, Kind, Presence, Shape, Slot, Table, View};

macro_rules! messages {
    ($($type:ty: $full:literal {
        $($index:literal: $ident:ident, $name:literal, $json:literal, $number:literal, $shape:ident, $presence:ident, $kind:expr, $access:ident;)*
    })*) => {$(
        #[allow(deprecated, reason = "deprecated fields are part of the message")]
        impl Fields for $type {
            fn table_of() -> &'static Table {
                static TABLE: Table = Table {
                    name: $full,
                    fields: &[$(Field::new($name, $json, $number, Shape::$shape, Presence::$presence, $kind)),*],
                    names: &[],
                    types: &[],
                };
                &TABLE
            }

            fn table(&self) -> &'static Table {
                Self::table_of()
            }

            fn view(&self, index: usize) -> View<'_> {
                match index {
                    $($index => View::$access(&self.$ident),)*
                    _ => View::Unset,
                }
            }

            fn slot(&mut self, index: usize) -> Slot<'_> {
                match index {
                    $($index => Slot::$access(&mut self.$ident),)*
                    _ => Slot::Missing,
                }
            }
        }
    )*};
}

pub(crate) use messages;

messages! {
    pb::Status: "google.rpc.Status" {
        0: code, "code", "code", 1, One, Implicit, Kind::Int32, one;
        1: message, "message", "message", 2, One, Implicit, Kind::String, one;
        2: details, "details", "details", 3, List, Implicit, Kind::Any, list;
    }
    pb::ErrorInfo: "google.rpc.ErrorInfo" {
        0: reason, "reason", "reason", 1, One, Implicit, Kind::String, one;
        1: domain, "domain", "domain", 2, One, Implicit, Kind::String, one;
        2: metadata, "metadata", "metadata", 3, Map, Implicit, Kind::String, map;
    }
    pb::RetryInfo: "google.rpc.RetryInfo" {
        0: retry_delay, "retry_delay", "retryDelay", 1, One, Explicit, Kind::Duration, maybe;
    }
    pb::DebugInfo: "google.rpc.DebugInfo" {
        0: stack_entries, "stack_entries", "stackEntries", 1, List, Implicit, Kind::String, list;
        1: detail, "detail", "detail", 2, One, Implicit, Kind::String, one;
    }
    pb::QuotaFailure: "google.rpc.QuotaFailure" {
        0: violations, "violations", "violations", 1, List, Implicit, Kind::Message(quota_failure::Violation::table_of), list;
    }
    quota_failure::Violation: "google.rpc.QuotaFailure.Violation" {
        0: subject, "subject", "subject", 1, One, Implicit, Kind::String, one;
        1: description, "description", "description", 2, One, Implicit, Kind::String, one;
        2: api_service, "api_service", "apiService", 3, One, Implicit, Kind::String, one;
        3: quota_metric, "quota_metric", "quotaMetric", 4, One, Implicit, Kind::String, one;
        4: quota_id, "quota_id", "quotaId", 5, One, Implicit, Kind::String, one;
        5: quota_dimensions, "quota_dimensions", "quotaDimensions", 6, Map, Implicit, Kind::String, map;
        6: quota_value, "quota_value", "quotaValue", 7, One, Implicit, Kind::Int64, one;
        7: future_quota_value, "future_quota_value", "futureQuotaValue", 8, One, Explicit, Kind::Int64, maybe;
    }
    pb::PreconditionFailure: "google.rpc.PreconditionFailure" {
        0: violations, "violations", "violations", 1, List, Implicit, Kind::Message(precondition_failure::Violation::table_of), list;
    }
    precondition_failure::Violation: "google.rpc.PreconditionFailure.Violation" {
        0: r#type, "type", "type", 1, One, Implicit, Kind::String, one;
        1: subject, "subject", "subject", 2, One, Implicit, Kind::String, one;
        2: description, "description", "description", 3, One, Implicit, Kind::String, one;
    }
    pb::BadRequest: "google.rpc.BadRequest" {
        0: field_violations, "field_violations", "fieldViolations", 1, List, Implicit, Kind::Message(bad_request::FieldViolation::table_of), list;
    }
    bad_request::FieldViolation: "google.rpc.BadRequest.FieldViolation" {
        0: field, "field", "field", 1, One, Implicit, Kind::String, one;
        1: description, "description", "description", 2, One, Implicit, Kind::String, one;
        2: reason, "reason", "reason", 3, One, Implicit, Kind::String, one;
        3: localized_message, "localized_message", "localizedMessage", 4, One, Explicit, Kind::Message(pb::LocalizedMessage::table_of), maybe;
    }
    pb::RequestInfo: "google.rpc.RequestInfo" {
        0: request_id, "request_id", "requestId", 1, One, Implicit, Kind::String, one;
        1: serving_data, "serving_data", "servingData", 2, One, Implicit, Kind::String, one;
    }
    pb::ResourceInfo: "google.rpc.ResourceInfo" {
        0: resource_type, "resource_type", "resourceType", 1, One, Implicit, Kind::String, one;
        1: resource_name, "resource_name", "resourceName", 2, One, Implicit, Kind::String, one;
        2: owner, "owner", "owner", 3, One, Implicit, Kind::String, one;
        3: description, "description", "description", 4, One, Implicit, Kind::String, one;
    }
    pb::Help: "google.rpc.Help" {
        0: links, "links", "links", 1, List, Implicit, Kind::Message(help::Link::table_of), list;
    }
    help::Link: "google.rpc.Help.Link" {
        0: description, "description", "description", 1, One, Implicit, Kind::String, one;
        1: url, "url", "url", 2, One, Implicit, Kind::String, one;
    }
    pb::LocalizedMessage: "google.rpc.LocalizedMessage" {
        0: locale, "locale", "locale", 1, One, Implicit, Kind::String, one;
        1: message, "message", "message", 2, One, Implicit, Kind::String, one;
    }
}
