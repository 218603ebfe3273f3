//! gRPC through Python's grpcio with reflection, and through tonic's own client.

use api::config_manager_client::ConfigManagerClient;
use protogate_e2e::{Service, python, token};
use reference_service::pb::reference_service::v1 as api;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};
use tonic_types::StatusExt as _;

fn with_token<T>(message: T, role: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {}", token(role)).parse().unwrap());
    request
}

async fn connect(service: &Service) -> ConfigManagerClient<Channel> {
    ConfigManagerClient::new(Endpoint::try_from(service.url("")).unwrap().connect().await.unwrap())
}

#[test]
fn grpcio_with_reflection() {
    let service = Service::start();
    let port = service.port.to_string();
    python("client.py", &[&port, &token("reader"), &token("editor"), &token("admin")]);
}

#[tokio::test]
async fn tonic_client() {
    let service = Service::start();
    let mut client = connect(&service).await;

    let update =
        api::UpdateConfigRequest { key: "t.a".into(), value: "1".into(), expected_revision: Some(0) };
    let made = client
        .update_config(with_token(update.clone(), "editor"))
        .await
        .unwrap()
        .into_inner()
        .config
        .unwrap();
    assert_eq!((made.value.as_str(), made.updated_by.as_str()), ("1", "editor@example.com"));
    let get = api::GetConfigRequest { key: "t.a".into() };
    let got =
        client.get_config(with_token(get.clone(), "reader")).await.unwrap().into_inner().config.unwrap();
    assert_eq!(got, made);

    let again = client.update_config(with_token(update, "editor")).await.unwrap_err();
    assert_eq!(again.code(), Code::Aborted, "{again:?}");
    assert_eq!(again.get_error_details().error_info().unwrap().reason, "CONFIG_REVISION_MISMATCH");

    let denied = client.get_config(Request::new(get)).await.unwrap_err();
    assert_eq!(denied.code(), Code::Unauthenticated, "{denied:?}");
    let denied =
        client.delete_config(with_token(api::DeleteConfigRequest::default(), "reader")).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied, "{denied:?}");
}

#[tokio::test]
async fn oversized_message_is_refused_and_the_connection_lives() {
    let service = Service::start();
    let mut client = connect(&service).await;
    let huge =
        api::UpdateConfigRequest { key: "t.a".into(), value: "x".repeat(5 << 20), expected_revision: None };
    let refused = client.update_config(with_token(huge, "editor")).await.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
    let get = api::GetConfigRequest { key: "t.a".into() };
    assert_eq!(client.get_config(with_token(get, "reader")).await.unwrap_err().code(), Code::NotFound);
}
