//! What REST has and gRPC has not, over sockets: entity tags, forms of errors, method override, 201 and 204, resumed event streams,
//! operations, raw content, and the ways of grpc-gateway.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use futures_util::{Stream, StreamExt as _, stream};
use protogate::etag;
use protogate_e2e::{Answer, Curl};
use serde_json::{Value, json};
use tonic::{Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::pb::google::api::HttpBody;
use super::pb::google::longrunning::Operation;
use super::pb::library::v1 as library;

/// The one book there is: title and version.
#[derive(Clone)]
struct Shelf {
    book: Arc<Mutex<(String, u32)>>,
}

type Replies<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;
type Answered<T> = Result<Response<T>, Status>;

impl Shelf {
    fn read(&self, name: &str) -> Result<library::Book, Status> {
        let (title, version) = self.book.lock().unwrap().clone();
        match name {
            "books/1" => Ok(library::Book {
                name: name.to_owned(),
                title,
                // Without quotes; the header has them all the same.
                etag: version.to_string(),
                ..library::Book::default()
            }),
            _ => {
                let mut details = ErrorDetails::new();
                details.set_error_info("NO_BOOK", "library.example", [("name".to_owned(), name.to_owned())]);
                details.add_bad_request_violation("book.name", "no such book");
                details.set_retry_info(Some(std::time::Duration::from_millis(1500)));
                Err(Status::with_error_details(tonic::Code::NotFound, "no such book", details))
            }
        }
    }
}

#[tonic::async_trait]
impl library::library_server::Library for Shelf {
    async fn get_book(&self, request: Request<library::GetBookRequest>) -> Answered<library::Book> {
        let seen = request.metadata().get("grpcgateway-user-agent").cloned();
        let mut book = self.read(&request.get_ref().name)?;
        book.fresh = request.get_ref().fresh;
        let mut response = Response::new(book);
        response.metadata_mut().insert("x-shelf", "7".parse().unwrap());
        if let Some(seen) = seen {
            response.metadata_mut().insert("x-agent", seen);
        }
        Ok(response)
    }

    async fn open_book(
        &self,
        request: Request<library::OpenBookRequest>,
    ) -> Answered<library::OpenBookResponse> {
        let book = self.read(&request.get_ref().name)?;
        Ok(Response::new(library::OpenBookResponse { book: Some(book) }))
    }

    async fn create_book(&self, request: Request<library::CreateBookRequest>) -> Answered<library::Book> {
        let mut book = request.into_inner().book.unwrap_or_default();
        book.name = "books/1".to_owned();
        let mut response = Response::new(book);
        response.metadata_mut().insert("x-http-code", "201".parse().unwrap());
        response.metadata_mut().insert("location", "/v1/books/1".parse().unwrap());
        Ok(response)
    }

    async fn update_book(&self, request: Request<library::UpdateBookRequest>) -> Answered<library::Book> {
        let book = request.into_inner().book.unwrap_or_default();
        let current = self.read(&book.name)?;
        etag::check(&book.etag, &current.etag, "library.example")?;
        {
            let mut kept = self.book.lock().unwrap();
            kept.0 = book.title;
            kept.1 += 1;
        }
        Ok(Response::new(self.read(&book.name)?))
    }

    async fn delete_book(&self, request: Request<library::DeleteBookRequest>) -> Answered<()> {
        let request = request.into_inner();
        etag::check(&request.etag, &self.read(&request.name)?.etag, "library.example")?;
        let mut response = Response::new(());
        response.metadata_mut().insert("x-http-code", "204".parse().unwrap());
        Ok(response)
    }

    async fn seal_book(&self, request: Request<library::SealBookRequest>) -> Answered<library::Book> {
        Ok(Response::new(self.read(&request.get_ref().name)?))
    }

    async fn list_books(
        &self,
        _: Request<library::ListBooksRequest>,
    ) -> Answered<library::ListBooksResponse> {
        Ok(Response::new(library::ListBooksResponse::default()))
    }

    type WatchBooksStream = Replies<library::WatchBooksResponse>;

    async fn watch_books(
        &self,
        request: Request<library::WatchBooksRequest>,
    ) -> Answered<Self::WatchBooksStream> {
        let last: u32 = request.get_ref().resume_token.parse().unwrap_or(0);
        let steps = (last + 1..4).map(|step| {
            Ok(library::WatchBooksResponse { resume_token: step.to_string(), text: format!("step {step}") })
        });
        let end = (last < 2).then(|| Err(Status::unavailable("torn")));
        Ok(Response::new(Box::pin(stream::iter(steps.take(2).chain(end)))))
    }

    async fn move_book(&self, request: Request<library::MoveBookRequest>) -> Answered<Operation> {
        let done = request.get_ref().wait;
        Ok(Response::new(Operation { name: "operations/a b".to_owned(), done, ..Operation::default() }))
    }

    type CopyCoverStream = Replies<HttpBody>;

    async fn copy_cover(
        &self,
        request: Request<library::CopyCoverRequest>,
    ) -> Answered<Self::CopyCoverStream> {
        let cover = request.into_inner().cover.unwrap_or_default();
        let parts: Vec<_> = cover.data.chunks(3).map(<[u8]>::to_vec).collect();
        let parts = parts.into_iter().map(move |data| {
            Ok(HttpBody { content_type: cover.content_type.clone(), data, ..HttpBody::default() })
        });
        Ok(Response::new(Box::pin(stream::iter(parts))))
    }

    async fn count_pages(
        &self,
        request: Request<Streaming<library::CountPagesRequest>>,
    ) -> Answered<library::CountPagesResponse> {
        let mut messages = request.into_inner();
        let mut pages = 0;
        while let Some(message) = messages.next().await {
            pages += i64::from(message?.pages);
        }
        Ok(Response::new(library::CountPagesResponse { pages }))
    }
}

/// A request to the library: line, headers, content.
struct Sent<'a>(&'a str, &'a [(&'a str, &'a str)], &'a str);

/// Runs `test` with a function that sends requests to a library with these settings.
fn with_library(rest: &'static str, test: impl FnOnce(&dyn Fn(Sent<'_>) -> Answer) + Send + 'static) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let config = protogate::Config::from_toml(&format!(
            "[server]\nmode = \"dev\"\nlisten = \"127.0.0.1:0\"\nadmin = false\n[rest]\n{rest}"
        ))
        .unwrap();
        let shelf = Shelf { book: Arc::new(Mutex::new(("Dune".to_owned(), 1))) };
        let service = library::library(shelf);
        let running = protogate::Server::from_config(config).service(service).start().await.unwrap();
        let base = format!("http://{}", running.addr());
        let tested = tokio::task::spawn_blocking(move || {
            test(&|Sent(line, headers, content)| {
                let (method, path) = line.split_once(' ').unwrap();
                let mut curl = Curl::new(method, &format!("{base}{path}"));
                if method == "HEAD" {
                    curl = curl.option("--head");
                }
                for (name, value) in headers {
                    curl = curl.header(name, value);
                }
                match content {
                    "" => curl.send(),
                    // A type among the headers is the one that is sent.
                    _ if headers.iter().any(|(name, _)| *name == "content-type") => {
                        curl.option("--data-binary").option(content).send()
                    }
                    _ => curl.content("application/json", content).send(),
                }
            });
        });
        tested.await.unwrap();
        assert!(running.shutdown().await, "the drain ends in time");
    });
}

#[test]
fn versions_are_read_and_asked_for() {
    with_library("", |send| {
        for path in ["GET /v1/books/1", "GET /v1/books/1:open"] {
            let whole = send(Sent(path, &[], ""));
            assert_eq!((whole.status, whole.header("etag")), (200, Some("\"1\"")), "{whole:?}");
        }
        let head = send(Sent("HEAD /v1/books/1", &[], ""));
        assert_eq!((head.status, head.header("etag"), head.body.as_str()), (200, Some("\"1\""), ""));
        for (condition, status) in
            [("\"1\"", 304), ("W/\"1\"", 304), ("\"0\", \"1\"", 304), ("*", 304), ("\"2\"", 200), ("1", 200)]
        {
            let headers = &[("if-none-match", condition)];
            let answer = send(Sent("GET /v1/books/1", headers, ""));
            assert_eq!(answer.status, status, "{condition}: {answer:?}");
            assert_eq!(answer.header("etag"), Some("\"1\""));
            if status == 304 {
                assert!(answer.body.is_empty() && answer.header("content-type").is_none(), "{answer:?}");
                assert_eq!(
                    (answer.header("x-shelf"), answer.header("vary")),
                    (Some("7"), Some("accept-encoding"))
                );
            }
        }
        let gone = send(Sent("GET /v1/books/2", &[("if-none-match", "*")], ""));
        assert_eq!(gone.status, 404);
    });
}

#[test]
fn changes_are_made_to_the_version_that_was_meant() {
    with_library("", |send| {
        let title = r#"{"title": "A"}"#;
        for (line, condition, content, status) in [
            ("PATCH /v1/books/1", "\"0\"", title, 412),
            ("PUT /v1/books/1", "\"0\"", title, 412),
            ("DELETE /v1/books/1", "\"0\"", "", 412),
            // RFC 9110, section 13.1.1: the strong comparison.
            ("PATCH /v1/books/1", "W/\"1\"", title, 412),
            ("PATCH /v1/books/1", "1", title, 400),
            ("PATCH /v1/books/1", "", title, 400),
            ("PATCH /v1/books/1", "\"0\", \"1\"", title, 400),
            ("PATCH /v1/books/1", "\"1\"", r#"{"title": "A", "etag": "0"}"#, 400),
            ("PATCH /v1/books/2", "\"1\"", title, 404),
            ("PATCH /v1/books/1", "\"1\"", title, 200),
            ("PUT /v1/books/1", "\"2\", W/\"9\"", title, 200),
            ("PATCH /v1/books/1", "*", title, 200),
            ("DELETE /v1/books/1", "\"4\"", "", 204),
        ] {
            let headers = &[match condition {
                // How curl sends a header without a value.
                "" => ("if-match", ","),
                condition => ("if-match", condition),
            }];
            let answer = send(Sent(line, headers, content));
            assert_eq!(answer.status, status, "{line} {condition} {content}: {answer:?}");
            if status == 412 {
                assert_eq!(answer.json()["code"], 10, "{answer:?}");
                assert_eq!(answer.detail("ErrorInfo")["reason"], etag::MISMATCH);
            }
        }
        // AIP-154: without the header it is ABORTED as gRPC has it.
        let stale = send(Sent("PATCH /v1/books/1", &[], r#"{"title": "A", "etag": "\"1\""}"#));
        assert_eq!((stale.status, &stale.json()["code"]), (409, &json!(10)), "{stale:?}");
        let stale = send(Sent("DELETE /v1/books/1?etag=1", &[], ""));
        assert_eq!(stale.status, 409, "{stale:?}");
    });
}

fn problem_of(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status, "{problem}");
    assert_eq!(problem["title"], problem["code"], "{problem}");
    problem
}

#[test]
fn errors_have_the_form_that_is_asked_for() {
    const PROBLEM: &[(&str, &str)] = &[("accept", "text/html;q=0.1, application/problem+json")];
    with_library("", |send| {
        let plain = send(Sent("GET /v1/books/2", &[], ""));
        assert_eq!(
            (plain.header("content-type"), &plain.json()["code"]),
            (Some("application/json"), &json!(5))
        );
        assert_eq!(plain.header("vary"), Some("accept"), "{plain:?}");
        let answer = send(Sent("GET /v1/books/2", PROBLEM, ""));
        let problem = problem_of(&answer);
        assert_eq!((answer.status, answer.header("retry-after")), (404, Some("2")));
        assert_eq!(problem["type"], "https://library.example/errors/NO_BOOK");
        assert_eq!((&problem["reason"], &problem["domain"]), (&json!("NO_BOOK"), &json!("library.example")));
        assert_eq!(problem["metadata"], json!({"name": "books/2"}));
        assert_eq!(problem["errors"], json!([{"pointer": "#/book/name", "detail": "no such book"}]));
        assert_eq!(problem["details"].as_array().unwrap().len(), 4, "with the id of the request: {problem}");
        // What layers refuse reads the same: no route, wrong method, no token, bad content, content type, deadline.
        for (line, headers, content, status) in [
            ("GET /v1/none", PROBLEM, "", 404),
            ("DELETE /v1/books", PROBLEM, "", 405),
            ("PUT /v1/books/1:seal", PROBLEM, "{}", 401),
            ("POST /v1/books", PROBLEM, "{\"nope\": 1}", 400),
            ("POST /v1/books", &[PROBLEM[0], ("content-type", "text/plain")], "x", 415),
            ("GET /v1/books/1", &[PROBLEM[0], ("x-server-timeout", "x")], "", 400),
            ("GET /v1/books/1", &[PROBLEM[0], ("x-server-timeout", "0")], "", 504),
        ] {
            let answer = send(Sent(line, headers, content));
            assert_eq!(answer.status, status, "{line}: {answer:?}");
            problem_of(&answer);
        }
        let refused = send(Sent("GET /v1/books/2", &[("accept", "application/problem+json;q=0")], ""));
        assert_eq!(refused.header("content-type"), Some("application/json"));
    });
    with_library("error_format = \"problem\"\nproblem_type = \"urn:{reason}\"\n", |send| {
        assert_eq!(problem_of(&send(Sent("GET /v1/books/2", &[], "")))["type"], "urn:NO_BOOK");
        assert_eq!(problem_of(&send(Sent("GET /v1/none", &[], "")))["type"], "about:blank");
    });
    with_library("error_format = \"aip193\"\n", |send| {
        let error = &send(Sent("GET /v1/books/2", &[], "")).json()["error"];
        assert_eq!((&error["code"], &error["status"]), (&json!(404), &json!("NOT_FOUND")));
        problem_of(&send(Sent("GET /v1/books/2", PROBLEM, "")));
    });
}

#[test]
fn a_post_may_stand_for_another_method_if_that_is_allowed() {
    const PATCH: &[(&str, &str)] = &[("x-http-method-override", "PATCH")];
    with_library("", |send| {
        let answer = send(Sent("POST /v1/books/1", PATCH, r#"{"title": "A"}"#));
        assert_eq!(answer.status, 405, "it is off: {answer:?}");
    });
    with_library("method_override = true\n", |send| {
        let answer = send(Sent("POST /v1/books/1", PATCH, r#"{"title": "A"}"#));
        assert_eq!((answer.status, &answer.json()["title"]), (200, &json!("A")), "{answer:?}");
        let answer = send(Sent("POST /v1/books/1", &[("x-http-method-override", "DELETE")], ""));
        assert_eq!(answer.status, 204);
        // The policy is that of the rpc that is called.
        let answer = send(Sent("POST /v1/books/1:seal", &[("x-http-method-override", "PUT")], "{}"));
        assert_eq!(answer.status, 401, "{answer:?}");
        // Only a POST, only to methods that are known, only once.
        let answer = send(Sent("GET /v1/books/1", &[("x-http-method-override", "DELETE")], ""));
        assert_eq!(answer.status, 200, "{answer:?}");
        for wrong in ["OPTIONS", "TRACE", "CONNECT", "HEAD", "POST", "delete", "DELETE, GET"] {
            let headers = &[("x-http-method-override", wrong)];
            assert_eq!(send(Sent("POST /v1/books/1", headers, "")).status, 400, "{wrong}");
        }
        let twice = &[("x-http-method-override", "GET"), ("x-http-method-override", "DELETE")];
        assert_eq!(send(Sent("POST /v1/books/1", twice, "")).status, 400);
        // An rpc's own path is no REST.
        let answer = send(Sent("POST /library.v1.Library/SealBook", PATCH, "{}"));
        assert_eq!(answer.status, 401, "{answer:?}");
    });
}

#[test]
fn handlers_say_which_success_it_is() {
    with_library("", |send| {
        let made = send(Sent("POST /v1/books", &[], r#"{"title": "A"}"#));
        assert_eq!((made.status, made.header("location")), (201, Some("/v1/books/1")), "{made:?}");
        assert!(made.header("x-http-code").is_none() && made.json()["title"] == "A");
        let deleted = send(Sent("DELETE /v1/books/1", &[], ""));
        assert_eq!((deleted.status, deleted.body.as_str()), (204, ""), "{deleted:?}");
        assert!(deleted.header("content-type").is_none(), "{deleted:?}");
    });
}

#[test]
fn event_streams_go_on_where_they_were_torn() {
    const EVENTS: (&str, &str) = ("accept", "text/event-stream");
    with_library("", |send| {
        let first = send(Sent("GET /v1/books:watch", &[EVENTS], ""));
        assert!(first.body.starts_with("id: 1\ndata: {\"resumeToken\":\"1\""), "{first:?}");
        assert!(first.body.contains("id: 2\n") && first.body.contains("event: stream-error\n"), "{first:?}");
        // A browser repeats its URL, with the token that it began with.
        for path in ["GET /v1/books:watch", "GET /v1/books:watch?resumeToken=0"] {
            let next = send(Sent(path, &[EVENTS, ("last-event-id", "2")], ""));
            assert!(
                next.body.starts_with("id: 3\n") && next.body.contains("event: stream-end\n"),
                "{next:?}"
            );
        }
        let lines = send(Sent("GET /v1/books:watch", &[], ""));
        let last = lines.body.lines().last().unwrap();
        assert!(!lines.body.contains("id:") && last.starts_with("{\"error\": {\"code\":14,"), "{lines:?}");
    });
}

#[test]
fn operations_can_be_accepted() {
    with_library("", |send| {
        let answer = send(Sent("POST /v1/books/1:move", &[], "{}"));
        assert_eq!((answer.status, answer.header("location")), (200, None), "{answer:?}");
    });
    with_library("operations = \"accepted\"\n", |send| {
        let answer = send(Sent("POST /v1/books/1:move", &[], "{}"));
        assert_eq!(
            (answer.status, answer.header("location")),
            (202, Some("/v1/operations/a%20b")),
            "{answer:?}"
        );
        assert_eq!((answer.header("retry-after"), &answer.json()["done"]), (Some("1"), &json!(false)));
        let done = send(Sent("POST /v1/books/1:move", &[], "{\"wait\": true}"));
        assert_eq!((done.status, done.header("retry-after")), (200, None), "{done:?}");
    });
}

#[test]
fn raw_content_passes_both_ways() {
    with_library("", |send| {
        let answer =
            send(Sent("POST /v1/books/1/cover", &[("content-type", "image/x-test; a=b")], "0123456789"));
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("image/x-test; a=b")),
            "{answer:?}"
        );
        assert_eq!(answer.body, "0123456789");
        let sum = send(Sent("POST /v1/books:countPages", &[], "{\"pages\": 1}\n{\"pages\": 2}"));
        assert_eq!(sum.json()["pages"], "3", "{sum:?}");
    });
}

#[test]
fn a_slash_at_the_end_is_the_settings() {
    with_library("", |send| assert_eq!(send(Sent("GET /v1/books/1/", &[], "")).status, 404));
    with_library("trailing_slash = \"ignore\"\n", |send| {
        assert_eq!(send(Sent("GET /v1/books/1/", &[], "")).status, 200);
    });
}

#[test]
fn the_ways_of_grpc_gateway() {
    // Each difference: without the setting, and with it.
    with_library("", |send| {
        assert_eq!(send(Sent("GET /v1/books/1?nope=1", &[], "")).status, 400);
        assert_eq!(send(Sent("GET /v1/books/1?fresh=T", &[], "")).status, 400);
        assert_eq!(send(Sent("POST /v1/books", &[], "{\"nope\": 1}")).status, 400);
        assert_eq!(send(Sent("POST /v1/books", &[("content-type", "text/plain")], "{}")).status, 415);
        assert_eq!(send(Sent("DELETE /v1/books", &[], "")).status, 405);
        let book = send(Sent("GET /v1/books/1", &[], ""));
        assert!(book.json().get("author").is_none() && book.header("x-shelf") == Some("7"), "{book:?}");
        assert!(book.header("x-agent").is_none());
        let lines = send(Sent("GET /v1/books:watch", &[], ""));
        assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    });
    with_library("compat = \"grpc-gateway\"\n", |send| {
        assert_eq!(send(Sent("GET /v1/books/1?nope=1", &[], "")).status, 200);
        assert_eq!(send(Sent("GET /v1/books/1?fresh=T", &[], "")).json()["fresh"], true);
        assert_eq!(send(Sent("GET /v1/books/1?fresh=yes", &[], "")).status, 400);
        assert_eq!(send(Sent("POST /v1/books", &[], "{\"nope\": 1}")).status, 201);
        assert_eq!(send(Sent("POST /v1/books", &[("content-type", "text/plain")], "{}")).status, 201);
        let wrong = send(Sent("DELETE /v1/books", &[], ""));
        assert_eq!((wrong.status, &wrong.json()["code"]), (501, &json!(12)), "{wrong:?}");
        assert!(wrong.header("allow").is_some());
        let forged = &[("user-agent", "me"), ("grpcgateway-user-agent", "forged")];
        let book = send(Sent("GET /v1/books/1", forged, ""));
        assert_eq!(book.json()["author"], Value::Null, "{book:?}");
        assert!(book.json().as_object().unwrap().contains_key("author"), "{book:?}");
        assert_eq!((book.header("grpc-metadata-x-shelf"), book.header("x-shelf")), (Some("7"), None));
        assert_eq!(book.header("grpc-metadata-x-agent"), Some("me"));
        let lines = send(Sent("GET /v1/books:watch", &[], ""));
        assert_eq!(lines.header("content-type"), Some("application/json"));
        assert!(lines.body.starts_with("{\"result\": {"), "{lines:?}");
    });
    with_library("compat = \"grpc-gateway\"\nunknown_query = \"reject\"\n", |send| {
        assert_eq!(send(Sent("GET /v1/books/1?nope=1", &[], "")).status, 400, "a key that is set stays");
    });
}
