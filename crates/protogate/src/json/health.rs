//! `grpc/health/v1/health.proto` for the structs of tonic-health, so that a probe can ask in JSON over Connect.

use tonic_health::pb;

use super::error_details::messages;
use super::table::{EnumTable, Field, Fields, Kind, Presence, Shape, Slot, Table, View};

static SERVING_STATUS: EnumTable = EnumTable {
    name: "grpc.health.v1.HealthCheckResponse.ServingStatus",
    by_name: &[("NOT_SERVING", 2), ("SERVICE_UNKNOWN", 3), ("SERVING", 1), ("UNKNOWN", 0)],
    by_number: &[(0, "UNKNOWN"), (1, "SERVING"), (2, "NOT_SERVING"), (3, "SERVICE_UNKNOWN")],
};

messages! {
    pb::HealthCheckRequest: "grpc.health.v1.HealthCheckRequest" {
        0: service, "service", "service", 1, One, Implicit, Kind::String, one;
    }
    pb::HealthCheckResponse: "grpc.health.v1.HealthCheckResponse" {
        0: status, "status", "status", 1, One, Implicit, Kind::Enum(&SERVING_STATUS), one;
    }
}
