//! The services that every server mounts beside the user's: health (`grpc.health.v1`), and reflection v1 and v1alpha.
//!
//! They pass through the same stack, with method tables like any other service. Health is public and shows no detail; reflection is
//! public in dev mode, and off or tied to roles in production.

use std::sync::Arc;

use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_health::server::{HealthReporter, HealthService, WatchStream};

use super::error::{Kind, ServerError};
use super::shutdown::Readiness;
use crate::config::{Config, Mode};
use crate::method::{Access, Idempotency, MethodInfo, Policy};
use crate::service::Service;

const HEALTH: &str = "grpc.health.v1.Health";
const REFLECTION: &str = "grpc.reflection.v1.ServerReflection";
const REFLECTION_ALPHA: &str = "grpc.reflection.v1alpha.ServerReflection";

const PUBLIC: Policy = Policy { access: Access::Public, timeout: None, rate_limit: None, audit: false };

static HEALTH_METHODS: [MethodInfo; 2] = [
    MethodInfo {
        service: HEALTH,
        name: "Check",
        path: "/grpc.health.v1.Health/Check",
        client_streaming: false,
        server_streaming: false,
        idempotency: Idempotency::NoSideEffects,
        policy: PUBLIC,
        bindings: &[],
    },
    MethodInfo {
        service: HEALTH,
        name: "Watch",
        path: "/grpc.health.v1.Health/Watch",
        client_streaming: false,
        server_streaming: true,
        idempotency: Idempotency::NoSideEffects,
        policy: PUBLIC,
        bindings: &[],
    },
];

const fn reflection_method(service: &'static str, path: &'static str, policy: Policy) -> MethodInfo {
    MethodInfo {
        service,
        name: "ServerReflectionInfo",
        path,
        client_streaming: true,
        server_streaming: true,
        idempotency: Idempotency::NoSideEffects,
        policy,
        bindings: &[],
    }
}

/// The health service, and the task that keeps it in step with readiness.
pub(super) fn health(
    readiness: Readiness,
    services: Vec<&'static str>,
) -> (Service, impl Future<Output = ()> + Send) {
    let reporter = HealthReporter::new();
    let health = Arc::new(HealthService::from_health_reporter(reporter.clone()));
    let (grpc, check, watch) = (Arc::clone(&health), Arc::clone(&health), health);
    let service =
        Service::new(HEALTH, &HEALTH_METHODS, tonic_health::pb::FILE_DESCRIPTOR_SET, &[], move |limits| {
            HealthServer::from_arc(grpc)
                .max_decoding_message_size(limits.decode)
                .max_encoding_message_size(limits.encode)
        })
        .unary::<HealthCheckRequest, HealthCheckResponse, _>(0, move |request| {
            let health = Arc::clone(&check);
            Box::pin(async move { health.check(request).await })
        })
        .server_streaming::<HealthCheckRequest, HealthCheckResponse, WatchStream, _>(
            1,
            move |request| {
                let health = Arc::clone(&watch);
                Box::pin(async move { health.watch(request).await })
            },
        );
    (service, report(reporter, readiness, services))
}

async fn report(reporter: HealthReporter, readiness: Readiness, services: Vec<&'static str>) {
    loop {
        let ready = readiness.is_ready();
        let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
        for service in services.iter().copied().chain([""]) {
            reporter.set_service_status(service, status).await;
        }
        if readiness.is_over() {
            return;
        }
        readiness.changed().await;
    }
}

/// The reflection services of this configuration, for these descriptor sets and their own.
///
/// # Errors
/// Descriptor sets that do not decode.
pub(super) fn reflection(
    config: &Config,
    descriptor_sets: &[&'static [u8]],
) -> Result<Vec<Service>, ServerError> {
    let dev = config.server.mode == Mode::Dev;
    if !config.reflection.enabled.unwrap_or(dev) {
        return Ok(Vec::new());
    }
    let builder = || {
        let own = [
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
        ];
        descriptor_sets.iter().copied().chain(own).fold(
            tonic_reflection::server::Builder::configure(),
            tonic_reflection::server::Builder::register_encoded_file_descriptor_set,
        )
    };
    let failed = |error: tonic_reflection::server::Error| {
        Kind::Assembly(format!("the descriptor sets of the services cannot be served by reflection: {error}"))
    };
    let (v1, v1alpha) = (builder().build_v1().map_err(failed)?, builder().build_v1alpha().map_err(failed)?);
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let path_alpha = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
    Ok(vec![
        Service::new(
            REFLECTION,
            table(reflection_method(REFLECTION, path, policy(config))),
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
            &[],
            move |limits| {
                v1.max_decoding_message_size(limits.decode).max_encoding_message_size(limits.encode)
            },
        ),
        Service::new(
            REFLECTION_ALPHA,
            table(reflection_method(REFLECTION_ALPHA, path_alpha, policy(config))),
            tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
            &[],
            move |limits| {
                v1alpha.max_decoding_message_size(limits.decode).max_encoding_message_size(limits.encode)
            },
        ),
    ])
}

fn policy(config: &Config) -> Policy {
    if config.reflection.roles.is_empty() && config.server.mode == Mode::Dev {
        return PUBLIC;
    }
    let roles: Vec<&'static str> = config.reflection.roles.iter().map(|role| &*role.clone().leak()).collect();
    Policy { access: Access::Granted { roles: roles.leak(), permissions: &[] }, ..PUBLIC }
}

/// Method tables are static everywhere; this one depends on the configuration and lives as long as the process, once per start.
fn table(method: MethodInfo) -> &'static [MethodInfo] {
    Box::leak(Box::new([method]))
}
