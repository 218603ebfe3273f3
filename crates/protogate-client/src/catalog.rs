//! The methods that a schema offers, found by any unambiguous ending of their names.

use prost_reflect::{DescriptorPool, MethodDescriptor};

use crate::error::Error;

/// What a server, or a descriptor set, has to offer.
#[derive(Debug, Clone)]
pub struct Catalog {
    pool: DescriptorPool,
    origin: String,
}

/// One method, ready to be called.
#[derive(Debug, Clone)]
pub struct Method {
    descriptor: MethodDescriptor,
}

impl Catalog {
    /// Reads an encoded `google.protobuf.FileDescriptorSet` that holds its imports.
    ///
    /// # Errors
    /// When the bytes are no complete descriptor set.
    pub fn from_descriptor_set(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_origin(bytes, "the descriptor set")
    }

    pub(crate) fn from_origin(bytes: &[u8], origin: &str) -> Result<Self, Error> {
        let pool = DescriptorPool::decode(bytes)
            .map_err(|error| Error::environment(format!("{origin} is not usable: {error}")))?;
        Ok(Self { pool, origin: origin.to_owned() })
    }

    /// All methods as `package.Service/Method`, sorted.
    #[must_use]
    pub fn methods(&self) -> Vec<String> {
        let mut names: Vec<_> = self.all().map(|method| method.path()).collect();
        names.sort();
        names
    }

    /// The method with this name: `package.Service/Method`, `Service/Method`, `Service.Method` or `Method`, as long as only one
    /// method ends so. A full name wins over a longer one that ends in it.
    ///
    /// # Errors
    /// When no method, or more than one, answers to the name; the message holds the nearest names.
    pub fn resolve(&self, name: &str) -> Result<Method, Error> {
        let wanted = name.trim_start_matches('/').replace('/', ".");
        let all: Vec<Method> = self.all().collect();
        let exact = all.iter().find(|method| method.descriptor.full_name() == wanted);
        if let Some(method) = exact {
            return Ok(method.clone());
        }
        let ending = format!(".{wanted}");
        let mut found: Vec<&Method> =
            all.iter().filter(|method| method.descriptor.full_name().ends_with(&ending)).collect();
        match found.len() {
            1 => Ok(found.remove(0).clone()),
            0 => Err(self.unknown(name, &all)),
            _ => {
                let names: Vec<_> = found.iter().map(|method| format!("`{}`", method.path())).collect();
                Err(Error::usage(format!(
                    "`{name}` names {} methods on {}: {}; say which",
                    found.len(),
                    self.origin,
                    names.join(", ")
                )))
            }
        }
    }

    fn all(&self) -> impl Iterator<Item = Method> + '_ {
        self.pool
            .services()
            .flat_map(|service| service.methods().collect::<Vec<_>>())
            .map(|descriptor| Method { descriptor })
    }

    fn unknown(&self, name: &str, all: &[Method]) -> Error {
        let last = name.rsplit(['/', '.']).next().unwrap_or(name);
        // Compared by what was typed: the whole path against paths, a bare name against names.
        let guess = nearest(last, all.iter().map(|method| method.descriptor.name()))
            .and_then(|near| all.iter().find(|method| method.descriptor.name() == near));
        match guess {
            Some(method) => Error::usage(format!(
                "no method `{name}` on {}; did you mean `{}`?",
                self.origin,
                method.path()
            )),
            None if all.is_empty() => {
                Error::usage(format!("no method `{name}` on {}: it has no methods at all", self.origin))
            }
            None => {
                let mut names = self.methods();
                let more = names.len().saturating_sub(10);
                names.truncate(10);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                Error::usage(format!(
                    "no method `{name}` on {}; it has `{}`{more}",
                    self.origin,
                    names.join("`, `")
                ))
            }
        }
    }
}

impl Method {
    /// `package.Service/Method`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.descriptor.parent_service().full_name(), self.descriptor.name())
    }

    /// The server answers with a stream.
    #[must_use]
    pub fn is_server_streaming(&self) -> bool {
        self.descriptor.is_server_streaming()
    }

    /// The caller sends a stream.
    #[must_use]
    pub fn is_client_streaming(&self) -> bool {
        self.descriptor.is_client_streaming()
    }

    pub(crate) fn descriptor(&self) -> &MethodDescriptor {
        &self.descriptor
    }
}

/// The name that is so near to `name` that it was probably meant.
pub(crate) fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_ascii_lowercase();
    among
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(lower.len()) / 4)
        .min()
        .map(|(_, candidate)| candidate)
}
