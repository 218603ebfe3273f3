//! REST through curl: the happy path, and everything that is refused.

use protogate_e2e::{Answer, Claims, Curl, Service, token};
use serde_json::{Value, json};

fn put(service: &Service, key: &str, body: &Value) -> Answer {
    Curl::new("PUT", &service.url(&format!("/api/v1/config/{key}"))).token(&token("editor")).json(body).send()
}

fn get(service: &Service, path: &str) -> Answer {
    Curl::get(&service.url(path)).token(&token("reader")).send()
}

#[test]
fn an_entry_is_made_read_listed_changed_and_deleted() {
    let service = Service::start();
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let made = put(&service, "web.timeout", &json!({"value": "30s", "expectedRevision": "0"}));
        assert_eq!(made.status, 200, "{made:?}");
        assert_eq!(made.header("content-type"), Some("application/json"));
        let config = &made.json()["config"];
        assert_eq!(config["value"], "30s");
        assert_eq!(config["updatedBy"], "editor@example.com");
        let revision = config["revision"].as_str().expect("int64 is a string in JSON").to_owned();

        let read = Curl::get(&service.url("/api/v1/config/web.timeout"))
            .token(&token("reader"))
            .option(version)
            .send();
        assert_eq!(read.status, 200, "{read:?}");
        assert_eq!(&read.json()["config"], config);

        let changed = put(&service, "web.timeout", &json!({"value": "40s", "expectedRevision": revision}));
        assert_eq!(changed.json()["config"]["value"], "40s");
        let stale = put(&service, "web.timeout", &json!({"value": "50s", "expectedRevision": revision}));
        assert_eq!(stale.status, 409, "{stale:?}");
        assert_eq!(stale.detail("ErrorInfo")["reason"], "CONFIG_REVISION_MISMATCH");

        let url = service.url("/api/v1/config/web.timeout");
        let deleted = Curl::new("DELETE", &url).token(&token("admin")).option(version).send();
        assert_eq!(deleted.status, 200, "{deleted:?}");
        assert_eq!(get(&service, "/api/v1/config/web.timeout").status, 404);
    }
}

#[test]
fn pages_follow_each_other() {
    let service = Service::start();
    for key in ["a", "b", "c", "d", "e"] {
        assert_eq!(put(&service, &format!("page.{key}"), &json!({"value": key})).status, 200);
    }
    let (mut token, mut keys) = (String::new(), Vec::new());
    for _ in 0..3 {
        let page =
            get(&service, &format!("/api/v1/config?page_size=2&keyPrefix=page.&pageToken={token}")).json();
        keys.extend(
            page["configs"].as_array().unwrap().iter().map(|it| it["key"].as_str().unwrap().to_owned()),
        );
        page["nextPageToken"].as_str().unwrap().clone_into(&mut token);
    }
    assert_eq!(keys, ["page.a", "page.b", "page.c", "page.d", "page.e"]);
    assert_eq!(token, "", "the last page has no token");
    let wrong = get(&service, "/api/v1/config?pageToken=bm9uc2Vuc2U");
    assert_eq!(
        (wrong.status, wrong.detail("ErrorInfo")["reason"].as_str()),
        (400, Some("PAGE_TOKEN_INVALID"))
    );
}

#[test]
fn health_is_public_and_the_rest_is_not() {
    let service = Service::start();
    let health = Curl::get(&service.url("/api/v1/health")).send();
    assert_eq!((health.status, &health.json()["status"]), (200, &json!("STATUS_SERVING")));

    let expired = Claims { expires_in: -600, ..Claims::role("reader") }.sign();
    let bodies: Vec<String> = [None, Some("nonsense".to_owned()), Some("a.b.c".to_owned()), Some(expired)]
        .into_iter()
        .map(|token| {
            let mut request = Curl::get(&service.url("/api/v1/config/x"));
            if let Some(token) = &token {
                request = request.token(token);
            }
            let answer = request.send();
            assert_eq!(answer.status, 401, "{token:?}: {answer:?}");
            assert!(
                answer.header("www-authenticate").is_some_and(|it| it.starts_with("Bearer")),
                "{answer:?}"
            );
            answer.json()["message"].as_str().unwrap().to_owned()
        })
        .collect();
    assert!(bodies.iter().all(|it| it == &bodies[0]), "one text for all: {bodies:?}");

    let wrong_role = Curl::new("DELETE", &service.url("/api/v1/config/x")).token(&token("editor")).send();
    assert_eq!((wrong_role.status, &wrong_role.json()["code"]), (403, &json!(7)), "{wrong_role:?}");
    let in_query =
        Curl::get(&service.url(&format!("/api/v1/config/x?access_token={}", token("reader")))).send();
    assert_eq!(in_query.status, 401);
}

#[test]
fn bad_requests_say_what_is_wrong() {
    let service = Service::start();
    let url = service.url("/api/v1/config/x");
    let send = |media_type: &str, body: &str| {
        Curl::new("PUT", &url).token(&token("editor")).content(media_type, body).send()
    };
    for (body, says) in [
        ("{\"value\": ", "value"),
        ("{\"valeu\": \"1\"}", "valeu"),
        ("{\"value\": 1}", "value"),
        ("{\"value\": \"1\", \"value\": \"2\"}", "value"),
        ("[]", "object"),
        ("null", "null"),
        ("{\"expectedRevision\": \"1.5\"}", "expectedRevision"),
    ] {
        let answer = send("application/json", body);
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!(3)), "{body}: {answer:?}");
        let text = answer.json().to_string();
        assert!(text.contains(says), "{body}: `{says}` is not named: {text}");
    }
    assert_eq!(send("text/plain", "{}").status, 415);
    assert_eq!(send("application/x-www-form-urlencoded", "value=1").status, 415);
    assert_eq!(send("application/json; charset=utf-16", "{}").status, 415);

    let unknown = get(&service, "/api/v1/config?pagesize=1");
    assert_eq!(unknown.status, 400, "{unknown:?}");
    assert!(unknown.body.contains("pagesize"), "{unknown:?}");
    let invalid = put(&service, "-x", &json!({"value": "1"}));
    assert_eq!(
        (invalid.status, &invalid.detail("ErrorInfo")["reason"]),
        (400, &json!("FIELD_INVALID")),
        "{invalid:?}"
    );
}

#[test]
fn paths_and_verbs_outside_the_contract() {
    let service = Service::start();
    assert_eq!(get(&service, "/api/v1/nothing").status, 404);
    assert_eq!(get(&service, "/").status, 404);
    assert_eq!(get(&service, "/api/v1/config/").status, 404);
    let wrong = Curl::new("POST", &service.url("/api/v1/config/x")).token(&token("admin")).send();
    assert_eq!(wrong.status, 405, "{wrong:?}");
    let allow = wrong.header("allow").unwrap();
    for method in ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"] {
        assert!(allow.contains(method), "{allow}");
    }
    for (method, status) in [("TRACE", 405), ("OPTIONS", 204)] {
        let answer = Curl::new(method, &service.url("/api/v1/config/x")).token(&token("admin")).send();
        assert_eq!(answer.status, status, "{method}: {answer:?}");
    }
    // A caller that hits the path of an rpc with a content type of no protocol is told so, instead of 200 with an empty body.
    let text = Curl::new("POST", &service.url("/reference_service.v1.ConfigManager/GetConfig"))
        .token(&token("admin"))
        .content("text/plain", "{}")
        .send();
    assert_eq!(text.status, 415, "{text:?}");
    assert!(text.header("accept-post").is_some_and(|it| it.contains("application/json")), "{text:?}");
}

#[test]
fn an_rpc_can_be_called_with_curl_alone() {
    let service = Service::start();
    let path = "/reference_service.v1.ConfigManager/GetConfig";
    let call = |role: &str, body: &str| {
        Curl::new("POST", &service.url(path)).token(&token(role)).content("application/json", body).send()
    };
    put(&service, "t.a", &json!({"value": "1"}));
    let found = call("reader", "{\"key\": \"t.a\"}");
    assert_eq!((found.status, &found.json()["config"]["value"]), (200, &json!("1")), "{found:?}");
    let missing = call("reader", "{\"key\": \"t.b\"}");
    assert_eq!((missing.status, &missing.json()["code"]), (404, &json!("not_found")), "{missing:?}");
    let denied = call("nobody", "{\"key\": \"t.a\"}");
    assert_eq!((denied.status, &denied.json()["code"]), (403, &json!("permission_denied")), "{denied:?}");
    let query = "?encoding=json&message=%7B%22key%22%3A%22t.a%22%7D";
    let found = Curl::get(&service.url(&format!("{path}{query}"))).token(&token("reader")).send();
    assert_eq!((found.status, &found.json()["config"]["value"]), (200, &json!("1")), "{found:?}");
}
