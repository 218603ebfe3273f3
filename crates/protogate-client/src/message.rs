//! JSON text to a message and back, in protobuf's canonical mapping.

use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor, SerializeOptions};

use crate::catalog::nearest;
use crate::error::Error;

/// How an answer is written.
#[derive(Debug, Clone, Copy)]
pub struct JsonStyle {
    /// Over several lines. Default: yes.
    pub pretty: bool,
    /// With fields that hold their default. Default: no.
    pub defaults: bool,
}

impl Default for JsonStyle {
    fn default() -> Self {
        Self { pretty: true, defaults: false }
    }
}

/// One message that a server sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    message: DynamicMessage,
}

impl Reply {
    pub(crate) fn new(message: DynamicMessage) -> Self {
        Self { message }
    }

    /// The message itself.
    #[must_use]
    pub fn message(&self) -> &DynamicMessage {
        &self.message
    }

    /// The message as JSON: field order of the schema, 64-bit numbers as strings. Strings in it are the server's: untrusted.
    #[must_use]
    pub fn to_json(&self, style: JsonStyle) -> String {
        let options = SerializeOptions::new().skip_default_fields(!style.defaults);
        let mut bytes = Vec::new();
        let written = if style.pretty {
            self.message.serialize_with_options(&mut serde_json::Serializer::pretty(&mut bytes), &options)
        } else {
            self.message.serialize_with_options(&mut serde_json::Serializer::new(&mut bytes), &options)
        };
        match written {
            Ok(()) => String::from_utf8_lossy(&bytes).into_owned(),
            // An `Any` of a type that the schema lacks, or a timestamp out of range: shown, not swallowed.
            Err(error) => {
                let text = serde_json::Value::String(format!("the answer has no JSON form: {error}"));
                format!("{{\"@error\":{text}}}")
            }
        }
    }
}

/// Reads a request.
pub(crate) fn parse(descriptor: &MessageDescriptor, json: &str) -> Result<DynamicMessage, Error> {
    let name = descriptor.full_name().to_owned();
    let json = if json.trim().is_empty() { "{}" } else { json };
    check_field_names(descriptor, json)?;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let wrong = |error: serde_json::Error| Error::usage(format!("the request is no `{name}`: {error}"));
    let message = DynamicMessage::deserialize_with_options(descriptor.clone(), &mut deserializer, &options)
        .map_err(wrong)?;
    deserializer.end().map_err(wrong)?;
    Ok(message)
}

/// Names the nearest field, and all fields, for an unknown key of the outermost object.
fn check_field_names(descriptor: &MessageDescriptor, json: &str) -> Result<(), Error> {
    // Well-known types have JSON forms of their own, and broken JSON gets a better message from the real parser.
    if descriptor.package_name() == "google.protobuf" {
        return Ok(());
    }
    let Ok(serde_json::Value::Object(object)) = serde_json::from_str(json) else { return Ok(()) };
    for key in object.keys() {
        let known = descriptor.get_field_by_json_name(key).is_some()
            || descriptor.get_field_by_name(key).is_some()
            || key.starts_with('[');
        if known {
            continue;
        }
        let fields: Vec<String> = descriptor.fields().map(|field| field.json_name().to_owned()).collect();
        let guess = nearest(key, fields.iter().map(String::as_str));
        let mut message = format!("`{}` has no field `{key}`", descriptor.full_name());
        match guess {
            Some(guess) => message.push_str(&format!("; did you mean `{guess}`?")),
            None if fields.is_empty() => message.push_str("; it has none"),
            None => message.push_str(&format!("; it has `{}`", fields.join("`, `"))),
        }
        return Err(Error::usage(message));
    }
    Ok(())
}
