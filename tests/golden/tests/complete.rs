//! Every generated case is compiled, and behaves where its `Debug` must not talk.

use protogate_fixture::cases;
use protogate_golden::service::acme::library::v1::{Book, LibraryError, Shelf, shelf};

#[test]
fn every_generated_case_is_included() {
    let source = include_str!("../src/lib.rs");
    for case in cases("codegen").iter().filter(|it| it.has("out")) {
        assert!(source.contains(&format!("= \"{}\",", case.name)), "`{}` is not compiled", case.name);
    }
}

#[test]
fn debug_shows_no_secret() {
    let book = Book { name: "shown".to_owned(), access_code: "hidden".to_owned(), ..Book::default() };
    let text = format!("{book:?}");
    assert!(text.contains("shown") && text.contains("[redacted]") && !text.contains("hidden"), "{text}");
    let shelf = Shelf { key: Some(shelf::Key::Secret("hidden".to_owned())) };
    let text = format!("{shelf:?}");
    assert!(text.contains("Secret") && !text.contains("hidden"), "{text}");
}

#[test]
fn constructors_take_what_the_text_needs() {
    let status: tonic::Status = LibraryError::book_not_found("Emma", "3").into();
    assert_eq!(status.code(), tonic::Code::NotFound);
    assert_eq!(status.message(), "no book `Emma` on shelf `3`");
}
