//! Every error of the catalogue, in both languages, over REST and gRPC.
//!
//! The service here is the generated one with handlers that answer with a reason by name, so that those are covered too which a healthy
//! store never gives.

use std::pin::Pin;

use api::ErrorReason;
use api::service_health_server::ServiceHealth;
use protogate_e2e::Curl;
use reference_service::pb::reference_service::v1 as api;
use tonic::transport::Endpoint;
use tonic::{Request, Response, Status};
use tonic_types::StatusExt as _;

struct Faulty;

/// A reason by its name, with recognisable values in its placeholders.
fn raise(reason: &str) -> Status {
    match reason {
        "FIELD_REQUIRED" => ErrorReason::field_required("v-field").into(),
        "FIELD_INVALID" => ErrorReason::field_invalid("v-field", "v-expected").into(),
        "PAGE_TOKEN_INVALID" => ErrorReason::page_token_invalid().into(),
        "REVISION_IN_FUTURE" => ErrorReason::revision_in_future("v-requested", "v-current").into(),
        "CONFIG_NOT_FOUND" => ErrorReason::config_not_found("v-key").into(),
        "CONFIG_REVISION_MISMATCH" => {
            ErrorReason::config_revision_mismatch("v-key", "v-actual", "v-expected").into()
        }
        "CONFIG_REVISION_COMPACTED" => {
            ErrorReason::config_revision_compacted("v-compacted", "v-current").into()
        }
        "WATCH_LAGGED" => ErrorReason::watch_lagged("v-revision").into(),
        "WATCH_ENDED" => ErrorReason::watch_ended("v-revision").into(),
        "STORAGE_FULL" => ErrorReason::storage_full().into(),
        "STORAGE_UNAVAILABLE" => ErrorReason::storage_unavailable().into(),
        "COMMIT_UNKNOWN" => ErrorReason::commit_unknown().into(),
        other => Status::unimplemented(format!("`{other}` has no case in this test")),
    }
}

#[tonic::async_trait]
impl ServiceHealth for Faulty {
    async fn check_health(
        &self,
        request: Request<api::CheckHealthRequest>,
    ) -> Result<Response<api::CheckHealthResponse>, Status> {
        let reason = request.metadata().get("x-reason").unwrap().to_str().unwrap().to_owned();
        Err(raise(&reason))
    }
}

/// The catalogue as the contract declares it: reason, gRPC code, HTTP status, retryable, texts.
fn reasons() -> Vec<&'static protogate::ErrorSpec> {
    api::ERROR_REASON_CATALOG.errors.iter().collect()
}

fn filled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap();
        out.push_str(before);
        out.push_str("v-");
        out.push_str(name);
        rest = after;
    }
    out + rest
}

type Fut<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

fn with_server<F>(test: F)
where
    F: for<'a> FnOnce(&'a str) -> Fut<'a, ()>,
{
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let config = protogate::Config::from_toml("[server]\nmode = \"dev\"\nlisten = \"127.0.0.1:0\"\nadmin = false\n[limits]\ncalls_per_second = 100000\ncalls_burst = 100000\n")
        .unwrap();
        let running =
            protogate::Server::from_config(config).service(api::service_health(Faulty)).start().await.unwrap();
        test(&format!("http://{}", running.addr())).await;
        assert!(running.shutdown().await, "the drain ends in time");
    });
}

#[test]
fn over_rest() {
    with_server(|base| {
        Box::pin(async move {
            assert_eq!(reasons().len(), 12);
            for spec in reasons() {
                for (locale, text) in spec.texts {
                    let url = format!("{base}/api/v1/health");
                    let (reason, language) = (spec.reason, *locale);
                    let answer = tokio::task::spawn_blocking(move || {
                        Curl::get(&url).header("x-reason", reason).header("accept-language", language).send()
                    })
                    .await
                    .unwrap();
                    assert_eq!(answer.status, spec.http_status, "{reason}: {answer:?}");
                    assert_eq!(answer.json()["code"], spec.grpc_code.number(), "{reason}");
                    let info = answer.detail("ErrorInfo");
                    assert_eq!(
                        (info["reason"].as_str(), info["metadata"]["code"].as_str()),
                        (Some(reason), Some(spec.code))
                    );
                    let localized = answer.detail("LocalizedMessage");
                    assert_eq!(localized["locale"], *locale, "{reason}");
                    assert_eq!(localized["message"], filled(text), "{reason}");
                    assert_eq!(answer.detail("RetryInfo").is_null(), spec.retry_delay.is_none(), "{reason}");
                    assert_eq!(
                        answer.header("retry-after").is_some(),
                        spec.retry_delay.is_some(),
                        "{reason}"
                    );
                }
            }
        })
    });
}

#[test]
fn over_grpc() {
    with_server(|base| {
        Box::pin(async move {
            let channel = Endpoint::try_from(base.to_owned()).unwrap().connect().await.unwrap();
            let mut client = api::service_health_client::ServiceHealthClient::new(channel);
            for spec in reasons() {
                for (locale, text) in spec.texts {
                    let mut request = Request::new(api::CheckHealthRequest {});
                    request.metadata_mut().insert("x-reason", spec.reason.parse().unwrap());
                    request.metadata_mut().insert("accept-language", locale.parse().unwrap());
                    let status = client.check_health(request).await.unwrap_err();
                    assert_eq!(i32::from(status.code()), spec.grpc_code.number(), "{status:?}");
                    let details = status.get_error_details();
                    assert_eq!(details.error_info().unwrap().reason, spec.reason);
                    let localized = details.localized_message().unwrap();
                    assert_eq!(
                        (localized.locale.as_str(), localized.message.as_str()),
                        (*locale, filled(text).as_str())
                    );
                    assert_eq!(details.retry_info().is_some(), spec.retry_delay.is_some());
                    let default = spec.texts.iter().find(|(locale, _)| *locale == "en").unwrap().1;
                    assert_eq!(
                        status.message(),
                        filled(default),
                        "the message for developers is in the default locale"
                    );
                }
            }
        })
    });
}
