//! The schema of a running server, by `grpc.reflection.v1` and, where that is unknown, `v1alpha`.
//!
//! Servers differ: some send a file with its imports, some the file alone, some none of the well-known files, so missing imports
//! are asked for by name and `google/protobuf/*` is known here. Everything that a server sends is bounded.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use prost_reflect::DescriptorPool;
use tonic::transport::Channel;
use tonic::{Code, Status};

use crate::error::Error;
use crate::options::CallOptions;

/// Most files that a server may send.
const MAX_FILES: usize = 10_000;
/// Most bytes that all files together may have.
const MAX_BYTES: usize = 64 << 20;

/// What is asked; both versions of the protocol know the same questions.
enum Question {
    Services,
    FileOfSymbol(String),
    FileByName(String),
}

/// What is answered.
enum Answer {
    Services(Vec<String>),
    Files(Vec<Vec<u8>>),
    Refused(String),
    Unexpected,
}

macro_rules! speak {
    ($module:ident, $version:ident) => {
        mod $module {
            use tokio::sync::mpsc;
            use tokio_stream::wrappers::ReceiverStream;
            use tonic::transport::Channel;
            use tonic::{Status, Streaming};
            use tonic_reflection::pb::$version as pb;

            use super::{Answer, CallOptions, MAX_BYTES, Question};

            /// One open reflection stream: a question at a time.
            pub(super) struct Dialogue {
                questions: mpsc::Sender<pb::ServerReflectionRequest>,
                answers: Option<Streaming<pb::ServerReflectionResponse>>,
                waiting: Option<(Channel, tonic::Request<ReceiverStream<pb::ServerReflectionRequest>>)>,
            }

            impl Dialogue {
                pub(super) fn new(channel: Channel, options: &CallOptions) -> Self {
                    let (questions, receiver) = mpsc::channel(1);
                    let request = options.request(ReceiverStream::new(receiver));
                    Self { questions, answers: None, waiting: Some((channel, request)) }
                }

                pub(super) async fn ask(&mut self, question: Question) -> Result<Answer, Status> {
                    use pb::server_reflection_request::MessageRequest as Ask;
                    let question = match question {
                        Question::Services => Ask::ListServices(String::new()),
                        Question::FileOfSymbol(symbol) => Ask::FileContainingSymbol(symbol),
                        Question::FileByName(name) => Ask::FileByFilename(name),
                    };
                    let question =
                        pb::ServerReflectionRequest { host: String::new(), message_request: Some(question) };
                    let closed = || Status::unavailable("the server closed the reflection stream");
                    // The first question is sent before the call starts: some servers answer nothing, not even headers, earlier.
                    self.questions.send(question).await.map_err(|_| closed())?;
                    if let Some((channel, request)) = self.waiting.take() {
                        let mut client = pb::server_reflection_client::ServerReflectionClient::new(channel)
                            .max_decoding_message_size(MAX_BYTES);
                        self.answers = Some(client.server_reflection_info(request).await?.into_inner());
                    }
                    let answers = self.answers.as_mut().ok_or_else(closed)?;
                    let answer = answers.message().await?.ok_or_else(closed)?;
                    use pb::server_reflection_response::MessageResponse as Got;
                    Ok(match answer.message_response {
                        Some(Got::ListServicesResponse(list)) => {
                            Answer::Services(list.service.into_iter().map(|service| service.name).collect())
                        }
                        Some(Got::FileDescriptorResponse(files)) => {
                            Answer::Files(files.file_descriptor_proto)
                        }
                        Some(Got::ErrorResponse(error)) => Answer::Refused(error.error_message),
                        _ => Answer::Unexpected,
                    })
                }
            }
        }
    };
}

speak!(version_1, v1);
speak!(version_1_alpha, v1alpha);

/// Either version of the protocol.
enum Dialogue {
    V1(version_1::Dialogue),
    V1Alpha(version_1_alpha::Dialogue),
}

impl Dialogue {
    async fn ask(&mut self, question: Question) -> Result<Answer, Status> {
        match self {
            Self::V1(dialogue) => dialogue.ask(question).await,
            Self::V1Alpha(dialogue) => dialogue.ask(question).await,
        }
    }
}

/// All files of all services of a server as an encoded descriptor set.
pub(crate) async fn descriptor_set(
    channel: Channel,
    options: &CallOptions,
    target: &str,
) -> Result<Vec<u8>, Error> {
    let (mut dialogue, services) = open(channel, options, target).await?;
    let mut files = Files::default();
    for service in &services {
        match ask(&mut dialogue, Question::FileOfSymbol(service.clone()), target).await? {
            Answer::Files(received) => files.take(received, target)?,
            // A server may list a service that it has no descriptor of; its other services are still usable.
            Answer::Refused(_) | Answer::Services(_) | Answer::Unexpected => {}
        }
    }
    while let Some(name) = files.missing.pop_first() {
        match ask(&mut dialogue, Question::FileByName(name.clone()), target).await? {
            Answer::Files(received) => files.take(received, target)?,
            _ => files.take_well_known(&name, target)?,
        }
        if !files.known.contains_key(&name) {
            files.take_well_known(&name, target)?;
        }
    }
    if files.known.is_empty() {
        return Err(Error::environment(format!(
            "{target} reflects no services; give a schema with `--schema`"
        )));
    }
    Ok(files.encode())
}

async fn open(
    channel: Channel,
    options: &CallOptions,
    target: &str,
) -> Result<(Dialogue, Vec<String>), Error> {
    let mut dialogue = Dialogue::V1(version_1::Dialogue::new(channel.clone(), options));
    let mut answer = dialogue.ask(Question::Services).await;
    if matches!(&answer, Err(status) if status.code() == Code::Unimplemented) {
        dialogue = Dialogue::V1Alpha(version_1_alpha::Dialogue::new(channel, options));
        answer = dialogue.ask(Question::Services).await;
    }
    match answer.map_err(|status| refused(&status, target))? {
        Answer::Services(mut names) => {
            names.sort();
            names.dedup();
            Ok((dialogue, names))
        }
        Answer::Refused(message) => {
            Err(Error::environment(format!("{target} does not list its services: {message}")))
        }
        Answer::Files(_) | Answer::Unexpected => {
            Err(Error::environment(format!("{target} answers reflection questions out of turn")))
        }
    }
}

async fn ask(dialogue: &mut Dialogue, question: Question, target: &str) -> Result<Answer, Error> {
    dialogue.ask(question).await.map_err(|status| refused(&status, target))
}

fn refused(status: &Status, target: &str) -> Error {
    match status.code() {
        Code::Unimplemented => Error::environment(format!(
            "{target} has no server reflection; give a schema with `--schema` (a directory, a `.proto` file or a descriptor set)"
        )),
        Code::Unauthenticated | Code::PermissionDenied => Error::environment(format!(
            "{target} refuses server reflection: {}; send credentials, or give a schema with `--schema`",
            status.message()
        )),
        code => Error::environment(format!(
            "{target} gave no answer to server reflection ({}): {}; does the port speak plaintext gRPC?",
            code.description(),
            crate::call::innermost(status)
        )),
    }
}

#[derive(Default)]
struct Files {
    known: BTreeMap<String, Vec<u8>>,
    missing: BTreeSet<String>,
    bytes: usize,
}

impl Files {
    fn take(&mut self, received: Vec<Vec<u8>>, target: &str) -> Result<(), Error> {
        for bytes in received {
            let header = FileHeader::decode(bytes.as_slice()).map_err(|error| {
                Error::environment(format!("{target} reflects a broken file descriptor: {error}"))
            })?;
            self.missing.remove(&header.name);
            if self.known.contains_key(&header.name) {
                continue;
            }
            self.bytes += bytes.len();
            if self.bytes > MAX_BYTES || self.known.len() >= MAX_FILES {
                return Err(Error::environment(format!(
                    "{target} reflects more than {MAX_FILES} files or {} MiB; give a schema with `--schema`",
                    MAX_BYTES >> 20
                )));
            }
            self.known.insert(header.name, bytes);
            self.missing.extend(header.dependency.into_iter().filter(|name| !self.known.contains_key(name)));
        }
        Ok(())
    }

    fn take_well_known(&mut self, name: &str, target: &str) -> Result<(), Error> {
        let file = DescriptorPool::global().get_file_by_name(name).ok_or_else(|| {
            Error::environment(format!("{target} does not reflect `{name}`, which its own files import; give a schema with `--schema`"))
        })?;
        self.take(vec![file.encode_to_vec()], target)
    }

    fn encode(self) -> Vec<u8> {
        RawSet { file: self.known.into_values().collect() }.encode_to_vec()
    }
}

/// The two fields of a `FileDescriptorProto` that order the questions; the rest stays bytes, custom options included.
#[derive(Clone, PartialEq, prost::Message)]
struct FileHeader {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, repeated, tag = "3")]
    dependency: Vec<String>,
}

/// A `FileDescriptorSet` whose files stay bytes (a message and a byte string look alike on the wire).
#[derive(Clone, PartialEq, prost::Message)]
struct RawSet {
    #[prost(bytes = "vec", repeated, tag = "1")]
    file: Vec<Vec<u8>>,
}
