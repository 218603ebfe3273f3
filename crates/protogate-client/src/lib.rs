//! A gRPC client that knows no message at compile time.
//!
//! The schema comes from the server itself ([`Client::reflect`]) or from descriptor bytes ([`Catalog::from_descriptor_set`]);
//! requests and answers are JSON in protobuf's canonical mapping. Unary and server-streaming methods over plaintext HTTP/2.
//! Deliberately not here: TLS, client streaming, printing, and exit codes (the command line owns the last two).
//!
//! ```no_run
//! # async fn example() -> Result<(), protogate_client::Error> {
//! use protogate_client::{CallOptions, Client, Target};
//!
//! let client = Client::connect(&Target::parse("127.0.0.1:8080")?).await?;
//! let options = CallOptions::default().with_metadata("authorization", "Bearer …")?;
//! let catalog = client.reflect(&options).await?;
//! let method = catalog.resolve("GetConfig")?;
//! let reply = client.unary(&method, r#"{"key": "limits"}"#, &options).await?;
//! assert!(reply.to_json(Default::default()).contains("limits"));
//! # Ok(()) }
//! ```

mod call;
mod catalog;
mod codec;
mod error;
mod failure;
mod message;
mod options;
mod reflection;
mod target;

pub use call::{Client, Messages};
pub use catalog::{Catalog, Method};
pub use error::{Error, ErrorKind};
pub use failure::{Detail, Failure, Violation};
pub use message::{JsonStyle, Reply};
pub use options::CallOptions;
pub use target::Target;
