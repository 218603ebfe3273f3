//! The command as a protoc plugin: called `protoc-gen-protogate-lint` or `protoc-gen-protogate-breaking`, it checks what protoc compiled.
//!
//! Options are a JSON object, with the keys of buf's plugins: `--protogate-breaking_opt='{"against_input":"old.binpb"}'`. Findings are
//! the error of the response, which protoc prints and fails with; whatever keeps the plugin from working goes to stderr. Nothing is
//! generated.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::path::Path;

use prost::Message as _;
use prost::bytes::Bytes;
use protogate_check::report::{self, View};
use protogate_check::{Direction, Report};
use protogate_schema::load::Image;
use protogate_schema::{Input, Project, Schema};
use serde::Deserialize;

use crate::args::{ProfileArg, Selection};
use crate::config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::gate::{self, Limits, Past};
use crate::images::Images;
use crate::project::{Promise, Subject};
use crate::report::today;
use crate::scope::Scope;
use crate::terminal::Terminal;

/// Longest request, in bytes.
const MAX_REQUEST: u64 = 1 << 30;

/// `FEATURE_PROTO3_OPTIONAL | FEATURE_SUPPORTS_EDITIONS`.
const FEATURES: u64 = 3;
/// `EDITION_PROTO2` to `EDITION_2024`.
const EDITIONS: (i32, i32) = (998, 1001);

/// Which plugin the program was called as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Plugin {
    Lint,
    Breaking,
}

impl Plugin {
    /// By the name of the program; `None` when it is the command itself.
    pub(crate) fn called(program: Option<&std::ffi::OsStr>) -> Option<Self> {
        match Path::new(program?).file_stem()?.to_str()? {
            "protoc-gen-protogate-lint" => Some(Self::Lint),
            "protoc-gen-protogate-breaking" => Some(Self::Breaking),
            _ => None,
        }
    }
}

/// `google.protobuf.compiler.CodeGeneratorRequest`, as far as it is read.
#[derive(Clone, PartialEq, prost::Message)]
struct Request {
    #[prost(string, repeated, tag = "1")]
    file_to_generate: Vec<String>,
    #[prost(string, tag = "2")]
    parameter: String,
    #[prost(bytes = "bytes", repeated, tag = "15")]
    proto_file: Vec<Bytes>,
}

/// `google.protobuf.compiler.CodeGeneratorResponse` without files.
#[derive(Clone, PartialEq, prost::Message)]
struct Response {
    #[prost(string, optional, tag = "1")]
    error: Option<String>,
    #[prost(uint64, tag = "2")]
    supported_features: u64,
    #[prost(int32, tag = "3")]
    minimum_edition: i32,
    #[prost(int32, tag = "4")]
    maximum_edition: i32,
}

/// `google.protobuf.FileDescriptorSet`, its files still encoded.
#[derive(Clone, PartialEq, prost::Message)]
struct FileSet {
    #[prost(bytes = "bytes", repeated, tag = "1")]
    file: Vec<Bytes>,
}

/// What the option holds. Keys that say how buf's plugin logs or which module of several is meant are taken and mean nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    against_input: Option<String>,
    #[serde(alias = "against_config")]
    against_input_config: Option<serde_json::Value>,
    #[serde(alias = "config")]
    input_config: Option<serde_json::Value>,
    limit_to_input_files: Option<bool>,
    exclude_imports: Option<bool>,
    error_format: Option<String>,
    profile: Option<String>,
    log_level: Option<serde_json::Value>,
    log_format: Option<serde_json::Value>,
    timeout: Option<serde_json::Value>,
    module: Option<serde_json::Value>,
}

/// Answers the request on stdin.
pub(crate) fn run(plugin: Plugin, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(MAX_REQUEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::environment(format!("the request cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_REQUEST {
        return Err(Failure::usage(format!("the request has more than {MAX_REQUEST} bytes")));
    }
    let request = Request::decode(Bytes::from(bytes)).map_err(|error| {
        Failure::usage(format!("stdin holds no request of protoc: {error}"))
            .with_help("this program is run by protoc: `protoc --plugin=protoc-gen-protogate-lint=PROGRAM --protogate-lint_out=. FILE`")
    })?;
    let options = options(&request.parameter)?;
    let found = check(plugin, &request, &options, terminal)?;
    let response = Response {
        error: (!found.is_empty()).then_some(found),
        supported_features: FEATURES,
        minimum_edition: EDITIONS.0,
        maximum_edition: EDITIONS.1,
    };
    // Past the terminal's stream, which is for text.
    let mut out = std::io::stdout().lock();
    out.write_all(&response.encode_to_vec())?;
    out.flush()?;
    // What was found is in the response: protoc reads it only from a plugin that ended well.
    Ok(Exit::Clean)
}

fn options(text: &str) -> Result<Options, Failure> {
    if text.trim().is_empty() {
        return Ok(Options::default());
    }
    let options: Options = serde_json::from_str(text).map_err(|error| {
        Failure::usage(format!("the plugin's option cannot be read: {error}")).with_help(
            "it is one JSON object, such as `{\"against_input\":\"old.binpb\",\"error_format\":\"json\"}`",
        )
    })?;
    // Taken for buf's sake.
    let _ = (&options.log_level, &options.log_format, &options.timeout, &options.module);
    Ok(options)
}

/// A configuration as `--config` takes it: a path, a text, or the object itself.
fn as_text(value: Option<&serde_json::Value>) -> Option<String> {
    match value? {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// What was found, rendered; empty when nothing was denied.
fn check(
    plugin: Plugin,
    request: &Request,
    options: &Options,
    terminal: &mut Terminal,
) -> Result<String, Failure> {
    let format: report::Format = match options.error_format.as_deref().filter(|it| !it.is_empty()) {
        Some(name) => name.parse().map_err(Failure::usage)?,
        None => report::Format::Text,
    };
    let profile = match options.profile.as_deref() {
        None | Some("buf") => ProfileArg::Buf,
        Some("protogate") => ProfileArg::Protogate,
        Some(_) => return Err(Failure::usage("`profile` is `buf` or `protogate`")),
    };
    let here = Path::new(".");
    let config = as_text(options.input_config.as_ref());
    let project = match &config {
        Some(config) => config::read(config, here)?,
        None => Project::discover(here)?,
    };
    let subject = Subject {
        input: Input::Image(Image::binary("request")),
        project: project.clone(),
        configured: config.is_some(),
        scope: Scope::default(),
    };
    let targets: HashSet<String> = request.file_to_generate.iter().cloned().collect();
    let set = FileSet { file: request.proto_file.clone() };
    let schema = Schema::from_descriptor_set(set.encode_to_vec().into(), Some(&targets))?;
    let images = Images::of_image(schema, project);
    let selection = Selection { rules: Vec::new(), except: Vec::new() };
    let mut promises: Vec<Promise> = Vec::new();
    let mut report = match plugin {
        Plugin::Lint => gate::lint(&subject, &images, &selection, profile.into())?,
        Plugin::Breaking => {
            let against = options.against_input.as_deref().filter(|it| !it.is_empty()).ok_or_else(|| {
                Failure::usage("`against_input` is missing: there is nothing to compare with")
                    .with_help("write `--protogate-breaking_opt='{\"against_input\":\"old.binpb\"}'`")
            })?;
            let limits = Limits {
                exclude_imports: options.exclude_imports.unwrap_or(false),
                input_files: options.limit_to_input_files.unwrap_or(false),
            };
            let config = as_text(options.against_input_config.as_ref());
            let past = [Past::read(&subject, &images, against, config.as_deref(), limits)?];
            let report = gate::breaking(
                &subject,
                &images,
                &past,
                &selection,
                profile.into(),
                limits,
                Direction::Backward,
            )?;
            promises.extend(past.map(|it| Promise { name: it.name, schema: it.images.into_whole() }));
            report
        }
    };
    waive(&subject, &images, &mut report)?;
    for note in &report.notes {
        terminal.warn(crate::escape::line(note));
    }
    if !report.has_denied() {
        return Ok(String::new());
    }
    let view = View {
        current: Some(images.whole()),
        baseline: promises.first().map(|it| &it.schema),
        frames: false,
        today: Some(today()),
        ..View::default()
    };
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = report::render(format, &report, &view, &mut text);
    Ok(text.trim_end().to_owned())
}

fn waive(subject: &Subject, images: &Images, report: &mut Report) -> Result<(), Failure> {
    let mut waivers = subject.waivers()?;
    waivers.read_comments(images.whole());
    waivers.apply(report, today());
    Ok(())
}
