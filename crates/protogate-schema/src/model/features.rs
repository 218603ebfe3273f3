//! Resolved features: the defaults of each dialect, overridden by the nearest `features` option.
//!
//! Defaults are those of `FeatureSetDefaults` in protobuf's own descriptor for proto2, proto3 and the editions.

use super::element::{Features, Syntax};
use super::options::FeatureSet;

pub(crate) const EXPLICIT: i32 = 1;
pub(crate) const IMPLICIT: i32 = 2;
pub(crate) const LEGACY_REQUIRED: i32 = 3;
pub(crate) const DELIMITED: i32 = 2;

impl Features {
    pub(crate) fn of_syntax(syntax: Syntax) -> Self {
        match syntax {
            Syntax::Proto2 => Self {
                field_presence: EXPLICIT,
                enum_type: 2,
                repeated_field_encoding: 2,
                utf8_validation: 3,
                message_encoding: 1,
                json_format: 2,
            },
            Syntax::Proto3 => Self {
                field_presence: IMPLICIT,
                enum_type: 1,
                repeated_field_encoding: 1,
                utf8_validation: 2,
                message_encoding: 1,
                json_format: 1,
            },
            Syntax::Edition(_) => Self {
                field_presence: EXPLICIT,
                enum_type: 1,
                repeated_field_encoding: 1,
                utf8_validation: 2,
                message_encoding: 1,
                json_format: 1,
            },
        }
    }

    pub(crate) fn with(self, own: Option<&FeatureSet>) -> Self {
        let Some(own) = own else { return self };
        let pick = |own: i32, inherited: i32| if own == 0 { inherited } else { own };
        Self {
            field_presence: pick(own.field_presence, self.field_presence),
            enum_type: pick(own.enum_type, self.enum_type),
            repeated_field_encoding: pick(own.repeated_field_encoding, self.repeated_field_encoding),
            utf8_validation: pick(own.utf8_validation, self.utf8_validation),
            message_encoding: pick(own.message_encoding, self.message_encoding),
            json_format: pick(own.json_format, self.json_format),
        }
    }
}
