//! The encoded descriptor set: what reflection serves and dynamic clients read.
//!
//! Taken from the schema's bytes and not from decoded structs, because those would lose custom options. Source info is cut out: it
//! is large, and a server has no business in handing out comments. Also here: where each package finds the constant.

use proc_macro2::TokenStream;
use quote::quote;

use crate::artifact::Artifact;
use crate::plan::Plan;
use crate::{DESCRIPTOR_FILE, types};

/// Number of `file` in `FileDescriptorSet`.
const FILE: u64 = 1;
/// Number of `source_code_info` in `FileDescriptorProto`.
const SOURCE_CODE_INFO: u64 = 9;

/// The constant in the root file.
pub(super) fn constant() -> TokenStream {
    quote! {
        /// The encoded `google.protobuf.FileDescriptorSet` of all files and their imports, without comments.
        #[allow(dead_code, unreachable_pub)]
        pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(#DESCRIPTOR_FILE);
    }
}

/// The constant in a package with services.
pub(super) fn reexport(plan: &Plan<'_>, package: usize) -> TokenStream {
    if plan.packages[package].module.is_empty() {
        return TokenStream::new();
    }
    let root = types::root(plan, package);
    quote!(pub use #root FILE_DESCRIPTOR_SET;)
}

/// The file.
pub(super) fn artifact(plan: &Plan<'_>) -> Artifact {
    let bytes = without_comments(plan.schema.descriptor_bytes());
    Artifact { path: DESCRIPTOR_FILE.to_owned(), bytes, users: false }
}

/// A set whose files have no source info.
fn without_comments(set: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(set.len());
    for (number, whole, content) in fields(set) {
        if number != FILE {
            out.extend_from_slice(whole);
            continue;
        }
        let mut file = Vec::with_capacity(content.len());
        for (inner, whole, _) in fields(content) {
            if inner != SOURCE_CODE_INFO {
                file.extend_from_slice(whole);
            }
        }
        out.push((FILE << 3 | 2) as u8);
        prost::encoding::encode_varint(file.len() as u64, &mut out);
        out.extend_from_slice(&file);
    }
    out
}

/// The fields of a message that was decoded once already: number, whole field, content of a length-delimited one. Stops at what
/// is no field, which for bytes that a schema was made from does not happen.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = (u64, &[u8], &[u8])> {
    std::iter::from_fn(move || {
        let start = rest;
        let mut at = rest;
        let key = prost::encoding::decode_varint(&mut at).ok()?;
        let mut content = &[][..];
        match key & 7 {
            0 => {
                prost::encoding::decode_varint(&mut at).ok()?;
            }
            1 => at = at.get(8..)?,
            2 => {
                let length = usize::try_from(prost::encoding::decode_varint(&mut at).ok()?).ok()?;
                content = at.get(..length)?;
                at = at.get(length..)?;
            }
            5 => at = at.get(4..)?,
            _ => return None,
        }
        rest = at;
        Some((key >> 3, &start[..start.len() - at.len()], content))
    })
}
