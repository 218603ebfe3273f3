//! Categories: named sets of rules, and how they differ between the versions of the configuration.
//!
//! A rule states its categories for version v2. The older versions, which `buf.yaml` files may still name, are derived here from
//! their differences. Old names of rules and categories, and what replaces them, are here too.

use crate::rule::{Group, Rule};

/// Version of a configuration file; decides which rules exist and what categories contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfigVersion {
    /// `version: v1beta1`.
    V1Beta1,
    /// `version: v1`.
    V1,
    /// `version: v2`, and every `protogate.toml`.
    #[default]
    V2,
}

/// What runs when a section selects nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// The defaults of buf: `FILE` and `STANDARD`. What `breaking` and `lint` take.
    #[default]
    Buf,
    /// Those and the contract rules over the annotations. What `check` and the gate in a build script take.
    Protogate,
}

/// Categories of the breaking rules, strictest first.
const BREAKING: &[&str] = &["FILE", "PACKAGE", "WIRE_JSON", "WIRE", "CSR"];
/// Categories of the lint rules.
const LINT: &[&str] = &["MINIMAL", "BASIC", "STANDARD", "COMMENTS", "UNARY_RPC"];
/// Further categories of the lint rules in v1beta1.
const LINT_V1BETA1: &[&str] =
    &["FILE_LAYOUT", "PACKAGE_AFFINITY", "SENSIBLE", "STYLE_BASIC", "STYLE_STANDARD", "OTHER"];
/// Categories of breaking rules over annotations, and over what the baseline remembers. Ours alone, so every version of the configuration has them.
const CONTRACT_BREAKING: &[&str] = &["ROUTE", "ERROR", "POLICY", "VALIDATION", "PAGE", "HISTORY"];
/// The same for lint.
const CONTRACT_LINT: &[&str] = &["CONTRACT"];

/// The names of the categories of a group.
pub(crate) fn names(group: Group, version: ConfigVersion) -> Vec<&'static str> {
    match (group, version) {
        (Group::Breaking, ConfigVersion::V2) => [BREAKING, CONTRACT_BREAKING].concat(),
        (Group::Breaking, _) => [&BREAKING[..4], CONTRACT_BREAKING].concat(),
        (Group::Lint, ConfigVersion::V1Beta1) => [LINT, LINT_V1BETA1, CONTRACT_LINT].concat(),
        (Group::Lint, _) => [LINT, CONTRACT_LINT].concat(),
        (Group::Waiver, _) => Vec::new(),
    }
}

/// The categories whose rules are on when nothing is selected.
pub(crate) fn defaults_of(group: Group, profile: Profile) -> Vec<&'static str> {
    let (buf, ours): (&[_], _) = match group {
        Group::Breaking => (&["FILE"], CONTRACT_BREAKING),
        Group::Lint => (&["STANDARD"], CONTRACT_LINT),
        Group::Waiver => return Vec::new(),
    };
    match profile {
        Profile::Buf => buf.to_vec(),
        Profile::Protogate => [buf, ours].concat(),
    }
}

/// Whether a category holds contract rules, which the reference checker does not have.
pub(crate) fn is_contract(category: &str) -> bool {
    CONTRACT_BREAKING.contains(&category) || CONTRACT_LINT.contains(&category)
}

/// What an old name stands for, `None` when the name is not an old one.
pub(crate) fn replacement(
    group: Group,
    version: ConfigVersion,
    name: &str,
) -> Option<&'static [&'static str]> {
    match (group, name) {
        (Group::Lint, "DEFAULT") => Some(&["STANDARD"]),
        (Group::Lint, "STYLE_DEFAULT") if version == ConfigVersion::V1Beta1 => Some(&["STYLE_STANDARD"]),
        (Group::Breaking, _) if version == ConfigVersion::V2 => None,
        (Group::Breaking, "FIELD_SAME_CTYPE") => Some(&["FIELD_SAME_CPP_STRING_TYPE"]),
        (Group::Breaking, "FIELD_SAME_LABEL") => Some(&[
            "FIELD_SAME_CARDINALITY",
            "FIELD_WIRE_COMPATIBLE_CARDINALITY",
            "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
        ]),
        (Group::Breaking, "FILE_SAME_JAVA_STRING_CHECK_UTF8") => Some(&["FIELD_SAME_JAVA_UTF8_VALIDATION"]),
        (Group::Breaking, "FILE_SAME_PHP_GENERIC_SERVICES") => Some(&[]),
        _ => None,
    }
}

/// The categories of a rule in a version; `None` when that version does not have the rule.
pub(crate) fn of(rule: &Rule, version: ConfigVersion) -> Option<Vec<&'static str>> {
    let v2 = rule.categories.to_vec();
    if rule.is_contract() {
        return Some(v2);
    }
    match (rule.group(), version) {
        (_, ConfigVersion::V1 | ConfigVersion::V2) if rule.id == "FIELD_NO_DESCRIPTOR" => None,
        (_, ConfigVersion::V2) => Some(v2),
        (Group::Breaking, _) => breaking(rule.id, version, v2),
        (Group::Lint, ConfigVersion::V1) => lint_v1(rule.id, v2),
        (Group::Lint, ConfigVersion::V1Beta1) => lint_v1beta1(rule, v2),
        (Group::Waiver, _) => Some(v2),
    }
}

fn breaking(id: &str, version: ConfigVersion, v2: Vec<&'static str>) -> Option<Vec<&'static str>> {
    if matches!(id, "EXTENSION_NO_DELETE" | "PACKAGE_EXTENSION_NO_DELETE" | "FIELD_SAME_DEFAULT") {
        return None;
    }
    let v1 = v2.into_iter().filter(|&category| category != "CSR").collect();
    if version == ConfigVersion::V1 {
        return Some(v1);
    }
    match id {
        "FILE_SAME_PACKAGE" => Some(vec!["FILE"]),
        "FIELD_SAME_CARDINALITY" | "FIELD_SAME_TYPE" => Some(BREAKING[..4].to_vec()),
        "FIELD_WIRE_COMPATIBLE_TYPE" | "FIELD_WIRE_JSON_COMPATIBLE_TYPE" => None,
        _ => Some(v1),
    }
}

fn lint_v1(id: &str, v2: Vec<&'static str>) -> Option<Vec<&'static str>> {
    match id {
        "FIELD_NOT_REQUIRED" | "STABLE_PACKAGE_NO_IMPORT_UNSTABLE" => None,
        "PACKAGE_NO_IMPORT_CYCLE" => Some(Vec::new()),
        _ => Some(v2),
    }
}

fn lint_v1beta1(rule: &Rule, v2: Vec<&'static str>) -> Option<Vec<&'static str>> {
    let id = rule.id;
    if matches!(id, "IMPORT_USED" | "PACKAGE_NO_IMPORT_CYCLE" | "PROTOVALIDATE" | "SYNTAX_SPECIFIED") {
        return None;
    }
    if id == "FIELD_NO_DESCRIPTOR" {
        return Some(vec!["MINIMAL", "BASIC", "STANDARD", "SENSIBLE"]);
    }
    if id == "ENUM_FIRST_VALUE_ZERO" {
        return Some(vec!["OTHER"]);
    }
    let mut categories = lint_v1(id, v2)?;
    let affinity = id.starts_with("PACKAGE_SAME_") && id != "PACKAGE_SAME_DIRECTORY";
    let case = id.ends_with("_CASE");
    if affinity || matches!(id, "ENUM_NO_ALLOW_ALIAS" | "IMPORT_NO_PUBLIC") {
        categories.insert(0, "MINIMAL");
    }
    if affinity {
        categories.push("PACKAGE_AFFINITY");
    }
    if matches!(id, "DIRECTORY_SAME_PACKAGE" | "PACKAGE_DIRECTORY_MATCH" | "PACKAGE_SAME_DIRECTORY") {
        categories.push("FILE_LAYOUT");
    }
    if matches!(id, "ENUM_NO_ALLOW_ALIAS" | "IMPORT_NO_PUBLIC" | "PACKAGE_DEFINED") {
        categories.push("SENSIBLE");
    }
    if case && rule.categories.contains(&"BASIC") {
        categories.push("STYLE_BASIC");
    }
    let standard_name = case
        || matches!(
            id,
            "ENUM_VALUE_PREFIX"
                | "ENUM_ZERO_VALUE_SUFFIX"
                | "SERVICE_SUFFIX"
                | "RPC_REQUEST_STANDARD_NAME"
                | "RPC_RESPONSE_STANDARD_NAME"
                | "PACKAGE_VERSION_SUFFIX"
                | "RPC_REQUEST_RESPONSE_UNIQUE"
        );
    if standard_name {
        categories.push("STYLE_STANDARD");
    }
    Some(categories)
}
