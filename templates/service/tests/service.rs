//! Starts the service on a free port and calls it as clients do: generated gRPC stubs and plain HTTP.

use std::time::{Duration, SystemTime};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use protogate::Running;
use protogate_store::Store;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::metadata::MetadataValue;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

use reference_service::pb::reference_service::v1 as api;

use api::config_manager_client::ConfigManagerClient;
use api::watch_config_response::Event;

const SECRET: &[u8] = b"a-key-for-tests-with-32-bytes-or-more";

/// A running service with a folder of its own.
struct Service {
    running: Running,
    store: Store,
    folder: TempDir,
}

impl Service {
    async fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder")).await
    }

    async fn start_in(folder: TempDir) -> Self {
        std::fs::write(folder.path().join("test.key"), SECRET).expect("written");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(folder.path().join("test.key"), mode).expect("permitted");
        }
        let settings = format!(
            r#"
            [server]
            mode = "dev"
            listen = "127.0.0.1:0"
            admin = false
            [auth]
            issuer = "tests"
            audience = "tests"
            keys = [{{ kid = "test", algorithm = "HS256", file = "test.key" }}]
            [app]
            database = {:?}
            "#,
            folder.path().join("data/config.sqlite")
        );
        let config = protogate::Config::from_toml(&settings).expect("good settings").with_base(folder.path());
        let service = reference_service::open(config).await.expect("opens");
        let running = service.server.start().await.expect("starts");
        Self { running, store: service.store, folder }
    }

    async fn stop(self) -> TempDir {
        assert!(self.running.shutdown().await, "everything ends by itself");
        self.store.close().await;
        self.folder
    }

    async fn client(&self) -> ConfigManagerClient<Channel> {
        let address = format!("http://{}", self.running.addr());
        ConfigManagerClient::new(
            Channel::from_shared(address).expect("an address").connect().await.expect("connects"),
        )
    }

    /// One request, one answer; `lines` are further header lines.
    async fn http(&self, method: &str, path: &str, role: &str, lines: &str, body: &str) -> (u16, Value) {
        let mut stream = self.request(method, path, role, lines, body).await;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("an answer");
        let (head, rest) = text.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("a status");
        let body = if head.contains("transfer-encoding: chunked") { joined(rest) } else { rest.to_owned() };
        (status, serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {text}")))
    }

    async fn request(&self, method: &str, path: &str, role: &str, lines: &str, body: &str) -> TcpStream {
        let address = self.running.addr();
        let mut stream = TcpStream::connect(address).await.expect("connects");
        let authorization = if role.is_empty() {
            String::new()
        } else {
            format!("authorization: Bearer {}\r\n", token(role))
        };
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{authorization}{lines}\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        stream
    }

    async fn put(&self, key: &str, value: &str) -> i64 {
        let body = json!({ "value": value }).to_string();
        let (status, answer) = self.http("PUT", &format!("/api/v1/config/{key}"), "editor", "", &body).await;
        assert_eq!(status, 200, "{answer}");
        answer["config"]["revision"].as_str().and_then(|it| it.parse().ok()).expect("a revision")
    }
}

/// The content of chunks.
fn joined(mut chunks: &str) -> String {
    let mut content = String::new();
    while let Some((size, rest)) = chunks.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a size");
        content.push_str(&rest[..size]);
        chunks = rest[size..].trim_start_matches("\r\n");
    }
    content
}

fn token(role: &str) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = json!({ "iss": "tests", "aud": "tests", "sub": format!("{role}@tests"), "roles": [role], "exp": now + 60 });
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("test".to_owned());
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(SECRET)).expect("signed")
}

fn grpc<T>(role: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let value = MetadataValue::try_from(format!("Bearer {}", token(role))).expect("ASCII");
    request.metadata_mut().insert("authorization", value);
    request
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map_or_else(String::new, |info| info.reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn both_protocols_see_the_same_entries() {
    let service = Service::start().await;
    let mut client = service.client().await;
    let update =
        api::UpdateConfigRequest { key: "a.b".into(), value: "1".into(), expected_revision: Some(0) };
    let made =
        client.update_config(grpc("editor", update)).await.expect("stored").into_inner().config.expect("set");
    assert_eq!(
        (made.key.as_str(), made.value.as_str(), made.updated_by.as_str()),
        ("a.b", "1", "editor@tests")
    );

    let (status, answer) = service.http("GET", "/api/v1/config/a.b", "reader", "", "").await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["config"]["value"], "1");
    assert_eq!(answer["config"]["updatedBy"], "editor@tests");
    assert_eq!(answer["config"]["revision"], made.revision.to_string());

    let (status, answer) = service.http("DELETE", "/api/v1/config/a.b", "admin", "", "").await;
    assert_eq!((status, &answer["revision"]), (200, &json!("2")), "{answer}");
    let get = api::GetConfigRequest { key: "a.b".into() };
    let status = client.get_config(grpc("reader", get)).await.expect_err("deleted");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::NotFound, "CONFIG_NOT_FOUND"));
    let (status, _) = service.http("DELETE", "/api/v1/config/a.b", "admin", "", "").await;
    assert_eq!(status, 404);
    let (status, answer) =
        service.http("DELETE", "/api/v1/config/a.b?allowMissing=true", "admin", "", "").await;
    assert_eq!(status, 200, "{answer}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_decide_and_health_is_open() {
    let service = Service::start().await;
    service.put("a", "1").await;
    let cases = [
        ("GET", "/api/v1/health", "", 200),
        ("GET", "/api/v1/config/a", "", 401),
        ("GET", "/api/v1/config/a", "stranger", 403),
        ("GET", "/api/v1/config/a", "reader", 200),
        ("GET", "/api/v1/config", "editor", 200),
        ("PUT", "/api/v1/config/a", "reader", 403),
        ("PUT", "/api/v1/config/a", "editor", 200),
        ("DELETE", "/api/v1/config/a", "editor", 403),
        ("GET", "/api/v1/config:watch?clientId=x", "stranger", 403),
        ("DELETE", "/api/v1/config/a", "admin", 200),
    ];
    for (method, path, role, expected) in cases {
        let body = if method == "PUT" { r#"{"value":"2"}"# } else { "" };
        let (status, answer) = service.http(method, path, role, "", body).await;
        assert_eq!(status, expected, "{method} {path} as {role:?}: {answer}");
    }
    let (_, answer) = service.http("GET", "/api/v1/health", "", "", "").await;
    assert_eq!(answer, json!({ "status": "STATUS_SERVING" }));
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_at_the_wrong_revision_is_refused_in_the_callers_language() {
    let service = Service::start().await;
    let first = service.put("a", "1").await;
    let second = service.put("a", "2").await;
    assert_eq!(second, first + 1);
    let body = json!({ "value": "3", "expectedRevision": first.to_string() }).to_string();
    let language = "accept-language: zh-CN\r\n";
    let (status, answer) = service.http("PUT", "/api/v1/config/a", "editor", language, &body).await;
    assert_eq!(status, 409, "{answer}");
    assert_eq!(
        (&answer["code"], &answer["details"][0]["reason"]),
        (&json!(10), &json!("CONFIG_REVISION_MISMATCH"))
    );
    assert_eq!(answer["details"][0]["metadata"]["code"], "ERR_CONFIG_002");
    assert!(answer.to_string().contains("配置「a」已被修改"), "{answer}");

    let update = api::UpdateConfigRequest { key: "a".into(), value: "3".into(), expected_revision: Some(0) };
    let status = service.client().await.update_config(grpc("editor", update)).await.expect_err("exists");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "CONFIG_REVISION_MISMATCH"));
    assert_eq!(status.message(), "config `a` is at revision 2, expected 0: read it again");
    let body = json!({ "value": "3", "expectedRevision": second.to_string() }).to_string();
    let (status, answer) = service.http("PUT", "/api/v1/config/a", "editor", "", &body).await;
    assert_eq!(status, 200, "{answer}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_are_named() {
    let service = Service::start().await;
    let long = format!(r#"{{"value":"{}"}}"#, "x".repeat(65 * 1024));
    let cases = [
        ("GET", "/api/v1/config/-a", "", "key", "FIELD_INVALID"),
        ("GET", "/api/v1/config/a%2Fb", "", "key", "FIELD_INVALID"),
        ("PUT", "/api/v1/config/a", long.as_str(), "value", "FIELD_INVALID"),
        ("PUT", "/api/v1/config/a", r#"{"expectedRevision":"-1"}"#, "expected_revision", "FIELD_INVALID"),
        ("GET", "/api/v1/config?pageSize=-1", "", "page_size", "FIELD_INVALID"),
        ("GET", "/api/v1/config?keyPrefix=%20", "", "key_prefix", "FIELD_INVALID"),
        ("GET", "/api/v1/config?pageToken=xyz", "", "page_token", "PAGE_TOKEN_INVALID"),
        ("GET", "/api/v1/config:watch", "", "client_id", "FIELD_REQUIRED"),
    ];
    for (method, path, body, field, expected) in cases {
        let (status, answer) = service.http(method, path, "admin", "", body).await;
        assert_eq!(status, 400, "{path}: {answer}");
        assert_eq!(answer["details"][0]["reason"], expected, "{path}: {answer}");
        assert!(answer.to_string().contains(&format!(r#""field":"{field}""#)), "{path}: {answer}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_and_tokens_belong_to_their_list() {
    let service = Service::start().await;
    for key in ["a.1", "a.2", "a.3", "b.1"] {
        service.put(key, "x").await;
    }
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/config?keyPrefix=a.&pageSize=2&pageToken={page_token}");
        let (status, page) = service.http("GET", &path, "reader", "", "").await;
        assert_eq!((status, &page["revision"]), (200, &json!("4")), "{page}");
        for config in page["configs"].as_array().expect("a list") {
            found.push(config["key"].as_str().expect("a key").to_owned());
        }
        match page["nextPageToken"].as_str() {
            None | Some("") => break,
            Some(token) => token.clone_into(&mut page_token),
        }
    }
    assert_eq!(found, ["a.1", "a.2", "a.3"]);
    let path = format!("/api/v1/config?keyPrefix=b.&pageToken={page_token}");
    let (status, answer) = service.http("GET", &path, "reader", "", "").await;
    assert_eq!((status, &answer["details"][0]["reason"]), (400, &json!("PAGE_TOKEN_INVALID")), "{answer}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_resumes_after_its_revision_and_ends_with_a_place_to_resume_from() {
    let service = Service::start().await;
    for value in ["1", "2", "3"] {
        service.put("a", value).await;
    }
    let mut client = service.client().await;
    let watch = |revision| {
        grpc("reader", api::WatchConfigRequest { client_id: "t".into(), revision, key_prefix: String::new() })
    };
    let mut events = client.watch_config(watch(Some(1))).await.expect("watches").into_inner();
    for (revision, value) in [(2, "2"), (3, "3")] {
        let event = events.message().await.expect("an event").expect("not ended");
        let Some(Event::Updated(config)) = event.event else { panic!("{event:?}") };
        assert_eq!((event.revision, config.revision, config.value.as_str()), (revision, revision, value));
    }
    let (status, _) = service.http("DELETE", "/api/v1/config/a", "admin", "", "").await;
    assert_eq!(status, 200);
    let event = events.message().await.expect("an event").expect("not ended");
    let Some(Event::Deleted(deleted)) = event.event else { panic!("{event:?}") };
    assert_eq!((event.revision, deleted.key.as_str(), deleted.deleted_by.as_str()), (4, "a", "admin@tests"));

    let mut now = client.watch_config(watch(None)).await.expect("watches").into_inner();
    let first = now.message().await.expect("an event").expect("not ended");
    assert!(matches!(first.event, Some(Event::Progress(_))) && first.revision == 4, "{first:?}");
    let status = client.watch_config(watch(Some(5))).await.expect_err("the future");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "REVISION_IN_FUTURE"));
    service.store.compact(2).await.expect("compacted");
    let status = client.watch_config(watch(Some(1))).await.expect_err("compacted");
    assert_eq!((status.code(), reason(&status).as_str()), (Code::OutOfRange, "CONFIG_REVISION_COMPACTED"));
    let info = status.get_details_error_info().expect("details");
    assert_eq!((info.metadata["compacted"].as_str(), info.metadata["current"].as_str()), ("2", "4"));

    let stopping = tokio::spawn(service.stop());
    let status = loop {
        match events.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("ends without a status"),
            Err(status) => break status,
        }
    };
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unavailable, "WATCH_ENDED"));
    assert_eq!(status.get_details_error_info().expect("details").metadata["revision"], "4");
    drop((client, events, now));
    stopping.await.expect("stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_over_http_is_lines_or_events() {
    let service = Service::start().await;
    service.put("a", "1").await;
    let path = "/api/v1/config:watch?clientId=t&revision=0";
    for (accept, wanted) in [("application/x-ndjson", "{\"result\":"), ("text/event-stream", "data: {")] {
        let mut stream = service.request("GET", path, "reader", &format!("accept: {accept}\r\n"), "").await;
        let mut text = String::new();
        let reading = async {
            let mut buffer = [0; 4096];
            while !text.contains("\"value\":\"1\"") {
                let count = stream.read(&mut buffer).await.expect("readable");
                assert!(count > 0, "ends early: {text}");
                text.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        };
        tokio::time::timeout(Duration::from_secs(10), reading).await.expect("an event in time");
        assert!(text.starts_with("HTTP/1.1 200") && text.contains(accept) && text.contains(wanted), "{text}");
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_and_revisions_survive_a_restart() {
    let service = Service::start().await;
    service.put("a", "1").await;
    let service = Service::start_in(service.stop().await).await;
    let (status, answer) = service.http("GET", "/api/v1/config/a", "reader", "", "").await;
    assert_eq!((status, &answer["config"]["value"]), (200, &json!("1")), "{answer}");
    assert_eq!(service.put("a", "2").await, 2);
    service.stop().await;
}
