//! REST calls of every shape against handlers that show what they were given.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Full};
use protogate_transcode::{Capture, Template};
use tonic::{Request, Response, Status, Streaming};

use super::handler::{RestCall, RestHandler, RestSettings, client_streaming, server_streaming, unary};
use crate::call::Call;
use crate::json::{Field, Fields, Kind, Presence, Shape, Slot, Table, Unknown, View, messages};
use crate::method::{self, Access, Binding, Idempotency, MethodInfo, Policy};
use crate::service::Body;

#[derive(Debug, Clone, Default, PartialEq)]
struct Author {
    display_name: String,
    born: Option<prost_types::Timestamp>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Book {
    name: String,
    title: String,
    pages: i32,
    tags: Vec<String>,
    author: Option<Author>,
    note: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct UpdateBook {
    book: Option<Book>,
    update_mask: Option<prost_types::FieldMask>,
    dry_run: bool,
    wait: Option<prost_types::Duration>,
    metadata: Option<prost_types::Struct>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct HttpBody {
    content_type: String,
    data: Vec<u8>,
    extensions: Vec<prost_types::Any>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Upload {
    name: String,
    file: Option<HttpBody>,
}

messages! {
    Author: "t.v1.Author" {
        0: display_name, "display_name", "displayName", 1, One, Implicit, Kind::String, one;
        1: born, "born", "born", 2, One, Explicit, Kind::Timestamp, maybe;
    }
    Book: "t.v1.Book" {
        0: name, "name", "name", 1, One, Implicit, Kind::String, one;
        1: title, "title", "title", 2, One, Implicit, Kind::String, one;
        2: pages, "pages", "pages", 3, One, Implicit, Kind::Int32, one;
        3: tags, "tags", "tags", 4, List, Implicit, Kind::String, list;
        4: author, "author", "author", 5, One, Explicit, Kind::Message(Author::table_of), maybe;
        5: note, "note", "note", 6, One, Explicit, Kind::String, maybe;
    }
    UpdateBook: "t.v1.UpdateBookRequest" {
        0: book, "book", "book", 1, One, Explicit, Kind::Message(Book::table_of), maybe;
        1: update_mask, "update_mask", "updateMask", 2, One, Explicit, Kind::FieldMask, maybe;
        2: dry_run, "dry_run", "dryRun", 3, One, Implicit, Kind::Bool, one;
        3: wait, "wait", "wait", 4, One, Explicit, Kind::Duration, maybe;
        4: metadata, "metadata", "metadata", 5, One, Explicit, Kind::Struct, maybe;
    }
    HttpBody: "google.api.HttpBody" {
        0: content_type, "content_type", "contentType", 1, One, Implicit, Kind::String, one;
        1: data, "data", "data", 2, One, Implicit, Kind::Bytes, one;
        2: extensions, "extensions", "extensions", 3, List, Implicit, Kind::Any, list;
    }
    Upload: "t.v1.Upload" {
        0: name, "name", "name", 1, One, Implicit, Kind::String, one;
        1: file, "file", "file", 2, One, Explicit, Kind::Message(HttpBody::table_of), maybe;
    }
}

const fn binding(http_method: &'static str, template: &'static str, body: method::Body) -> Binding {
    Binding { http_method, template, body, response_body: None }
}

static METHOD: MethodInfo = MethodInfo {
    service: "t.v1.Library",
    name: "Call",
    path: "/t.v1.Library/Call",
    client_streaming: false,
    server_streaming: false,
    idempotency: Idempotency::Unknown,
    policy: Policy { access: Access::Public, timeout: None, rate_limit: None, audit: false },
    bindings: &[
        binding("GET", "/v1/{name=books/*}", method::Body::None),
        binding("POST", "/v1/books", method::Body::All),
        binding("PATCH", "/v1/{book.name=books/*}", method::Body::Field("book")),
        Binding {
            http_method: "GET",
            template: "/v1/tags",
            body: method::Body::None,
            response_body: Some("tags"),
        },
        Binding {
            http_method: "GET",
            template: "/v1/note",
            body: method::Body::None,
            response_body: Some("note"),
        },
        binding("POST", "/v1/{name=files/*}", method::Body::Field("file")),
        binding("PUT", "/v1/{book.name=books/*}", method::Body::Field("book")),
    ],
};

const GET: usize = 0;
const POST: usize = 1;
const PATCH: usize = 2;
const TAGS: usize = 3;
const NOTE: usize = 4;
const FILE: usize = 5;
const PUT: usize = 6;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

/// Sends a request to one binding; `target` is query string after the captured value: `books/1?x=y`.
struct Sent<'a> {
    binding: usize,
    target: &'a str,
    headers: &'a [(&'static str, &'a str)],
    content: &'a str,
    settings: RestSettings,
}

fn sent<'a>(binding: usize, target: &'a str, content: &'a str) -> Sent<'a> {
    Sent { binding, target, headers: &[], content, settings: RestSettings::default() }
}

async fn send(handler: &Arc<dyn RestHandler>, sent: Sent<'_>) -> Answer {
    let (capture, query) = sent.target.split_once('?').unwrap_or((sent.target, ""));
    let info = &METHOD.bindings[sent.binding];
    let mut request = http::Request::builder().method(info.http_method).uri(format!("/p?{query}"));
    for (name, value) in sent.headers {
        if *name == ":method" {
            request = request.method(*value);
        } else {
            request = request.header(*name, *value);
        }
    }
    let content = Bytes::copy_from_slice(sent.content.as_bytes());
    let mut request = request.body(Body::new(Full::new(content))).unwrap();
    let call = Call::new(&crate::wire::recognise::Recognised::REST, request.headers(), None, Arc::default());
    call.note_method(request.method());
    request.extensions_mut().insert(Arc::new(call));
    let variables = Template::parse(info.template).unwrap().variables().len();
    let captures = (0..variables).map(|variable| Capture { variable, value: capture.to_owned() }).collect();
    let call = RestCall {
        request,
        method: &METHOD,
        binding: sent.binding,
        captures,
        settings: Arc::new(sent.settings),
    };
    let response = handler.call(call).await;
    let (parts, body) = response.into_parts();
    let text = match body.collect().await {
        Ok(collected) => String::from_utf8(collected.to_bytes().to_vec()).unwrap(),
        Err(status) => format!("broken: {status:?}"),
    };
    Answer { status: parts.status, headers: parts.headers, text }
}

type Handled<T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send>>;

/// Gives back the book it gets.
fn echo() -> Arc<dyn RestHandler> {
    unary(&METHOD, |request: Request<Book>| -> Handled<Book> {
        Box::pin(async move { Ok(Response::new(request.into_inner())) })
    })
}

/// Gives back the update request as text, because the test wants to see all of it.
fn show_update() -> Arc<dyn RestHandler> {
    unary(&METHOD, |request: Request<UpdateBook>| -> Handled<UpdateBook> {
        Box::pin(async move { Ok(Response::new(request.into_inner())) })
    })
}

#[tokio::test]
async fn path_and_query_fill_the_message() {
    let echo = echo();
    let answer = send(
        &echo,
        sent(GET, "books/a b?title=x+y%26&pages=1e1&tags=a,b&tags=&author.displayName=D&note=", "ignored"),
    )
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.headers["content-length"], answer.text.len().to_string());
    let expected = "{\"name\":\"books/a b\",\"title\":\"x y&\",\"pages\":10,\"tags\":[\"a,b\",\"\"],\
                    \"author\":{\"displayName\":\"D\"},\"note\":\"\"}";
    assert_eq!(answer.text, expected);
    let answer =
        send(&echo, sent(GET, "books/1?author.born=2024-01-01T00:00:00Z&author.display_name=x", "")).await;
    assert!(answer.text.contains("\"born\":\"2024-01-01T00:00:00Z\""), "{}", answer.text);
}

#[tokio::test]
async fn bad_queries_are_refused() {
    for (query, part) in [
        ("nope=1", "`nope`: unknown query parameter"),
        ("name=x", "`name`: unknown query parameter"),
        ("title=a&title=b", "`title`: the parameter is given twice"),
        ("author.displayName=a&author.display_name=b", "given twice"),
        ("pages=x", "`pages`: expected an integer"),
        ("pages=", "`pages`: expected an integer"),
        ("author=x", "`author`: a message"),
        ("title.x=1", "`title.x`: unknown"),
        ("tags[]=1", "`tags[]`: unknown"),
        ("title=%zz", "malformed percent escape"),
        ("title=%ff", "does not decode to UTF-8"),
        ("author.born=now", "`author.born`: expected a time"),
    ] {
        let answer = send(&echo(), sent(GET, &format!("books/1?{query}"), "")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text);
        assert!(answer.text.contains(part), "{query}: {}", answer.text);
    }
    let lenient = RestSettings { unknown_query: Unknown::Ignore, ..RestSettings::default() };
    let answer = send(
        &echo(),
        Sent { settings: lenient.clone(), ..sent(GET, "books/1?nope=1&author.x=1&title=t", "") },
    )
    .await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("\"title\":\"t\"") && !answer.text.contains("author"), "{}", answer.text);
    let answer = send(&echo(), Sent { settings: lenient, ..sent(GET, "books/1?author=1", "") }).await;
    assert_eq!(answer.status, 400);
    let ignored = RestSettings { ignored_query: vec!["key".to_owned()], ..RestSettings::default() };
    assert_eq!(send(&echo(), Sent { settings: ignored, ..sent(GET, "books/1?key=1", "") }).await.status, 200);
    let many = format!("books/1?{}", "tags=1&".repeat(257));
    assert_eq!(send(&echo(), sent(GET, &many, "")).await.status, 400);
    let long = format!("books/1?title={}", "x".repeat(17 << 10));
    assert_eq!(send(&echo(), sent(GET, &long, "")).await.status, 414);
}

#[tokio::test]
async fn contents_are_json_of_the_right_type() {
    let echo = echo();
    let answer = send(&echo, sent(POST, "", "{\"title\": \"t\", \"pages\": \"3\"}")).await;
    assert_eq!(answer.text, "{\"name\":\"\",\"title\":\"t\",\"pages\":3,\"tags\":[]}");
    assert_eq!(send(&echo, sent(POST, "", " \n")).await.status, 200);
    for (content, part) in [
        ("null", "expected an object"),
        ("{\"pages\": 1.5}", "`pages`: expected an integer"),
        ("{\"author\": {\"born\": 1}}", "`author.born`: expected a time"),
        ("{\"nope\": 1}", "`nope`: unknown field"),
        ("{} {}", "malformed JSON"),
    ] {
        let answer = send(&echo, sent(POST, "", content)).await;
        assert_eq!(answer.status, 400, "{content}");
        assert!(answer.text.contains(part), "{content}: {}", answer.text);
    }
    assert_eq!(send(&echo, sent(POST, "?title=x", "{}")).await.status, 400);
    for (media_type, status) in [
        ("application/json; charset=utf-8", 200),
        ("application/problem+json", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json; charset=latin1", 415),
    ] {
        let answer =
            send(&echo, Sent { headers: &[("content-type", media_type)], ..sent(POST, "", "{}") }).await;
        assert_eq!(answer.status, status, "{media_type}");
    }
    // gzip has been taken off at the door; what is left is not supported.
    let answer = send(&echo, Sent { headers: &[("content-encoding", "br")], ..sent(POST, "", "{}") }).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["accept-encoding"]),
        (415, &"gzip, identity".parse().unwrap())
    );
    let small = RestSettings { max_content: 3, ..RestSettings::default() };
    assert_eq!(send(&echo, Sent { settings: small, ..sent(POST, "", "{   }") }).await.status, 413);
}

#[tokio::test]
async fn a_patch_fills_its_mask() {
    let patch = show_update();
    for (binding, target, content, mask) in [
        (
            PATCH,
            "books/1",
            "{\"title\":\"t\",\"author\":{\"displayName\":\"d\"},\"tags\":[],\"note\":null}",
            "author.displayName,note,tags,title",
        ),
        (PATCH, "books/1", "{\"author\":{}}", "author"),
        (PATCH, "books/1?updateMask=pages", "{\"title\":\"t\"}", "pages"),
        (PATCH, "books/1?updateMask=", "{\"title\":\"t\"}", ""),
    ] {
        let answer = send(&patch, sent(binding, target, content)).await;
        let expected = format!("\"updateMask\":\"{mask}\"");
        assert!(answer.status == 200 && answer.text.contains(&expected), "{content}: {}", answer.text);
        assert!(answer.text.contains("\"name\":\"books/1\""), "{}", answer.text);
    }
    for (binding, content) in [(PATCH, "{}"), (PATCH, ""), (PUT, "{\"title\":\"t\"}")] {
        let answer = send(&patch, sent(binding, "books/1", content)).await;
        assert!(answer.status == 200 && !answer.text.contains("updateMask"), "{content}: {}", answer.text);
    }
    let answer = send(&patch, sent(PUT, "books/1?wait=1.5s&dryRun=true", "{\"name\":\"books/2\"}")).await;
    assert!(
        answer.text.contains("\"name\":\"books/1\"") && answer.text.contains("\"dryRun\":true"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("\"wait\":\"1.500s\""), "{}", answer.text);
    assert_eq!(send(&patch, sent(PUT, "books/1?book.title=x", "{}")).await.status, 400);
    assert_eq!(send(&patch, sent(PUT, "books/1?metadata=x", "{}")).await.status, 400);
    let answer = send(&patch, sent(PUT, "books/1", "{\"author\": 1}")).await;
    assert!(answer.text.contains("`book.author`: expected an object"), "{}", answer.text);
    assert_eq!(send(&patch, sent(PUT, "books/1", "null")).await.status, 200);
}

#[tokio::test]
async fn replies_can_be_one_field() {
    assert_eq!(send(&echo(), sent(TAGS, "?tags=a", "")).await.text, "[\"a\"]");
    assert_eq!(send(&echo(), sent(TAGS, "", "")).await.text, "[]");
    assert_eq!(send(&echo(), sent(NOTE, "", "")).await.text, "null");
    assert_eq!(send(&echo(), sent(NOTE, "?note=x", "")).await.text, "\"x\"");
}

#[tokio::test]
async fn head_has_headers_and_no_content() {
    let get = send(&echo(), sent(GET, "books/1", "")).await;
    let head = send(&echo(), Sent { headers: &[(":method", "HEAD")], ..sent(GET, "books/1", "") }).await;
    assert_eq!(head.text, "");
    assert_eq!(head.headers["content-length"], get.text.len().to_string());
    let head = send(&echo(), Sent { headers: &[(":method", "HEAD")], ..sent(GET, "books/1?no=1", "") }).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (400, ""));
}

#[tokio::test]
async fn metadata_travels_both_ways() {
    let handler = unary(&METHOD, |request: Request<Book>| -> Handled<Book> {
        Box::pin(async move {
            let seen = request.metadata().get("x-in").unwrap().to_str().unwrap().to_owned();
            let mut response = Response::new(Book { title: seen, ..Book::default() });
            response.metadata_mut().insert("x-http-code", "201".parse().unwrap());
            response.metadata_mut().insert("location", "/v1/books/1".parse().unwrap());
            Ok(response)
        })
    });
    let answer = send(&handler, Sent { headers: &[("x-in", "v")], ..sent(POST, "", "{}") }).await;
    assert_eq!((answer.status.as_u16(), &answer.headers["location"]), (201, &"/v1/books/1".parse().unwrap()));
    assert!(answer.text.contains("\"title\":\"v\"") && !answer.headers.contains_key("x-http-code"));
    let answer =
        send(&handler, Sent { headers: &[("x-in", "v"), ("k-bin", "?")], ..sent(POST, "", "{}") }).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn failures_of_handlers_are_rendered() {
    let handler = unary(&METHOD, |_: Request<Book>| -> Handled<Book> {
        Box::pin(async { Err(Status::not_found("no such book")) })
    });
    let answer = send(&handler, sent(GET, "books/1", "")).await;
    assert_eq!(answer.status, 404);
    assert!(answer.text.contains("no such book"), "{}", answer.text);
    let handler = unary(&METHOD, |_: Request<Book>| -> Handled<Book> {
        let born = Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 });
        let author = Some(Author { born, ..Author::default() });
        Box::pin(async { Ok(Response::new(Book { author, ..Book::default() })) })
    });
    assert_eq!(send(&handler, sent(GET, "books/1", "")).await.status, 500);
}

#[tokio::test]
async fn raw_contents_pass_as_they_are() {
    let handler = unary(&METHOD, |request: Request<Upload>| -> Handled<HttpBody> {
        Box::pin(async move { Ok(Response::new(request.into_inner().file.unwrap_or_default())) })
    });
    let headers = [("content-type", "text/csv; charset=latin1")];
    let answer = send(&handler, Sent { headers: &headers, ..sent(FILE, "files/1", "a,b\n") }).await;
    assert_eq!(
        (answer.text.as_str(), &answer.headers["content-type"]),
        ("a,b\n", &"text/csv; charset=latin1".parse().unwrap())
    );
    let answer = send(&handler, sent(FILE, "files/1", "")).await;
    assert_eq!(answer.headers["content-type"], "application/octet-stream");
}

type Files = Pin<Box<dyn Stream<Item = Result<HttpBody, Status>> + Send>>;
type Books = Pin<Box<dyn Stream<Item = Result<Book, Status>> + Send>>;

fn streaming(items: fn() -> Books) -> Arc<dyn RestHandler> {
    server_streaming(&METHOD, move |_: Request<Book>| -> Handled<Books> {
        Box::pin(async move { Ok(Response::new(items())) })
    })
}

fn book(title: &str) -> Result<Book, Status> {
    Ok(Book { title: title.to_owned(), ..Book::default() })
}

const LINE: &str = "{\"name\":\"\",\"title\":\"a\",\"pages\":0,\"tags\":[]}";
const EVENTS: &[(&str, &str)] = &[("accept", "text/event-stream")];

#[tokio::test]
async fn streams_are_lines_or_events() {
    let two = streaming(|| Box::pin(stream::iter([book("a"), book("a")])));
    let answer = send(&two, sent(GET, "books/1", "")).await;
    assert_eq!(answer.headers["content-type"], "application/x-ndjson");
    assert_eq!(answer.text, format!("{{\"result\": {LINE}}}\n{{\"result\": {LINE}}}\n"));
    let answer = send(&two, Sent { headers: EVENTS, ..sent(GET, "books/1", "") }).await;
    assert_eq!(answer.headers["content-type"], "text/event-stream");
    assert_eq!(
        (&answer.headers["cache-control"], &answer.headers["x-accel-buffering"]),
        (&"no-cache".parse().unwrap(), &"no".parse().unwrap())
    );
    assert_eq!(answer.text, format!("data: {LINE}\n\ndata: {LINE}\n\nevent: stream-end\ndata: {{}}\n\n"));
    let answer = send(&two, sent(TAGS, "", "")).await;
    assert_eq!(answer.text, "{\"result\": []}\n{\"result\": []}\n");
    let answer = send(&two, Sent { headers: &[(":method", "HEAD")], ..sent(GET, "books/1", "") }).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
}

#[tokio::test]
async fn streams_can_fail_early_late_or_be_empty() {
    let early = streaming(|| Box::pin(stream::iter([Err(Status::not_found("gone"))])));
    let answer = send(&early, sent(GET, "books/1", "")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.headers["content-type"].to_str().unwrap_or("")),
        (404, "application/json")
    );
    let late = streaming(|| Box::pin(stream::iter([book("a"), Err(Status::aborted("torn")), book("b")])));
    let answer = send(&late, sent(GET, "books/1", "")).await;
    let (first, last) = answer.text.split_once('\n').unwrap();
    assert_eq!(first, format!("{{\"result\": {LINE}}}"));
    assert!(last.starts_with("{\"error\": {") && last.contains("torn") && last.ends_with("}\n"), "{last}");
    let answer = send(&late, Sent { headers: EVENTS, ..sent(GET, "books/1", "") }).await;
    assert!(
        answer.text.contains("event: stream-error\ndata: {") && !answer.text.contains("stream-end"),
        "{}",
        answer.text
    );
    let empty = streaming(|| Box::pin(stream::empty()));
    assert_eq!(send(&empty, sent(GET, "books/1", "")).await.text, "");
    let answer = send(&empty, Sent { headers: EVENTS, ..sent(GET, "books/1", "") }).await;
    assert_eq!(answer.text, "event: stream-end\ndata: {}\n\n");
}

#[tokio::test(start_paused = true)]
async fn silent_event_streams_send_comments() {
    let slow = streaming(|| {
        let later = stream::once(async {
            tokio::time::sleep(Duration::from_secs(40)).await;
            book("a")
        });
        Box::pin(stream::iter([book("a")]).chain(later))
    });
    let answer = send(&slow, Sent { headers: EVENTS, ..sent(GET, "books/1", "") }).await;
    assert_eq!(answer.text.matches(": keep-alive\n\n").count(), 2, "{}", answer.text);
    let answer = send(&slow, sent(GET, "books/1", "")).await;
    assert!(!answer.text.contains("keep-alive"));
}

#[tokio::test]
async fn streams_of_raw_content_are_joined() {
    let handler = server_streaming(&METHOD, |_: Request<Book>| -> Handled<Files> {
        let part = |data: &str| {
            Ok(HttpBody {
                content_type: "text/plain".to_owned(),
                data: data.as_bytes().to_vec(),
                extensions: Vec::new(),
            })
        };
        let parts: Pin<Box<dyn Stream<Item = _> + Send>> = Box::pin(stream::iter([part("a\n"), part("b")]));
        Box::pin(async move { Ok(Response::new(parts)) })
    });
    let answer = send(&handler, sent(GET, "books/1", "")).await;
    assert_eq!(
        (answer.text.as_str(), &answer.headers["content-type"]),
        ("a\nb", &"text/plain".parse().unwrap())
    );
}

#[tokio::test]
async fn client_streams_are_values_one_after_the_other() {
    let handler = client_streaming(&METHOD, |request: Request<Streaming<Book>>| -> Handled<Book> {
        Box::pin(async move {
            let mut messages = request.into_inner();
            let mut all = Book::default();
            while let Some(book) = messages.next().await {
                all.tags.push(book?.title);
            }
            Ok(Response::new(all))
        })
    });
    let answer = send(&handler, sent(POST, "", "{\"title\":\"a\"}\n{\"title\":\"b}\"} {}\n")).await;
    assert!(answer.text.contains("\"tags\":[\"a\",\"b}\",\"\"]"), "{}", answer.text);
    let answer = send(&handler, sent(POST, "", "{\"title\":\"a\"}\n{\"title\":1}")).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.text.contains("`title`: expected a string"), "{}", answer.text);
    assert_eq!(send(&handler, sent(POST, "?title=x", "{}")).await.status, 400);
}
