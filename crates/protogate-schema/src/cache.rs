//! Remembers what compiling a file gave, from one run to the next: a file that has not changed, and whose imports have not, is
//! neither parsed nor linked again.
//!
//! Entries are found by content: the hash of a file's name and text, and for what was linked, the hashes of everything that it
//! imports. Nothing is decided by times or sizes of files. Entries lie in packs, one folder of packs for each project; a pack is
//! written beside and renamed, carries the hash of all that is in it, and is never changed. A pack that is damaged, or was written by
//! another build of the program, is not looked at. The folder may be deleted at any time, and several processes may use it at once:
//! each adds packs of its own, and the worst that a race costs is work done twice.
//!
//! Off unless a program calls [`enable`]: a library must not write to somebody's home folder by itself.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use prost::Message as _;

/// First bytes of a pack; the number goes up with the layout.
const MAGIC: &[u8; 8] = b"pgpack01";
const HEAD: usize = MAGIC.len() + 32;
/// Compiling fewer files costs less than remembering them.
pub(crate) const MIN_FILES: usize = 200;
/// With more packs than this, what is still needed is written to a new one, and the others go.
const MAX_PACKS: usize = 8;
/// Largest pack that is read, and bound of a project's packs together, in bytes.
const MAX_PROJECT: u64 = 1 << 30;
/// Bound of the whole folder, in bytes; beyond it, the projects go that were changed longest ago.
const MAX_FOLDER: u64 = 4 << 30;

static FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// From now on, this process remembers in this folder what it compiles. The first call counts.
pub fn enable(folder: PathBuf) {
    let _ = FOLDER.set(folder);
}

/// A hash of content.
pub(crate) type Hash = [u8; 32];

/// What is remembered of a file.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Entry {
    /// Hash of name and text.
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) id: Bytes,
    /// The same together with the hashes of all imports.
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) key: Bytes,
    /// Import names as written.
    #[prost(string, repeated, tag = "3")]
    pub(crate) imports: Vec<String>,
    #[prost(string, tag = "4")]
    pub(crate) package: String,
    /// Hashes of the names that it declares in its package.
    #[prost(fixed64, repeated, tag = "5")]
    pub(crate) names: Vec<u64>,
    /// Hashes of its package and of the packages around that.
    #[prost(fixed64, repeated, tag = "6")]
    pub(crate) packages: Vec<u64>,
    /// The encoded descriptor, with source info.
    #[prost(bytes = "bytes", tag = "7")]
    pub(crate) linked: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Pack {
    #[prost(message, repeated, tag = "1")]
    entries: Vec<Entry>,
}

/// The packs of one project.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    packs: Vec<PathBuf>,
    by_id: HashMap<Hash, Vec<Entry>>,
    /// Hash of the program: entries of another build are not taken.
    program: Hash,
}

impl Cache {
    /// Opens the cache of a project, known by a text such as its folder; `None` when no cache is enabled.
    pub(crate) fn of_project(project: &str) -> Option<Self> {
        let name = blake3::hash(project.as_bytes()).to_hex();
        Some(Self::open(FOLDER.get()?.join(&name[..32])))
    }

    /// Opens the packs of a folder, which need not exist.
    pub(crate) fn open(folder: PathBuf) -> Self {
        let mut cache = Self { folder, packs: Vec::new(), by_id: HashMap::new(), program: program() };
        let mut room = MAX_PROJECT;
        for path in packs_in(&cache.folder) {
            let size = fs::metadata(&path).map_or(0, |it| it.len());
            if size <= room
                && let Some(pack) = cache.read(&path)
            {
                room -= size;
                for entry in pack.entries {
                    if let Ok(id) = Hash::try_from(&entry.id[..]) {
                        cache.by_id.entry(id).or_default().push(entry);
                    }
                }
            }
            cache.packs.push(path);
        }
        cache
    }

    fn read(&self, path: &Path) -> Option<Pack> {
        let bytes = Bytes::from(fs::read(path).ok()?);
        let (head, body) = (bytes.get(..HEAD)?, bytes.slice(HEAD..));
        let (magic, sum) = head.split_at(MAGIC.len());
        if magic != MAGIC || self.sum(&body) != sum {
            return None;
        }
        Pack::decode(body).ok()
    }

    fn sum(&self, body: &[u8]) -> Hash {
        *blake3::Hasher::new_keyed(&self.program).update(body).finalize().as_bytes()
    }

    /// Identity of a file's content.
    pub(crate) fn id(&self, name: &str, text: &[u8]) -> Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.program);
        hasher.update(&(name.len() as u64).to_le_bytes()).update(name.as_bytes()).update(text);
        *hasher.finalize().as_bytes()
    }

    /// Identity of a file with all that it imports, whose keys are given in the order of the imports.
    pub(crate) fn key<'a>(&self, id: &Hash, imports: impl Iterator<Item = Option<&'a Hash>>) -> Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.program);
        hasher.update(id);
        for import in imports {
            hasher.update(import.unwrap_or(&[0; 32]));
        }
        *hasher.finalize().as_bytes()
    }

    /// Something remembered of a file with this content: good for what depends on nothing but the content.
    pub(crate) fn known(&self, id: &Hash) -> Option<&Entry> {
        self.by_id.get(id)?.first()
    }

    /// What linking gave, if the imports were the same then.
    pub(crate) fn linked(&self, id: &Hash, key: &Hash) -> Option<&Bytes> {
        let found = self.by_id.get(id)?.iter().find(|it| it.key == key[..])?;
        Some(&found.linked)
    }

    /// Adds entries; `used` are the ids and keys of this run, all of which stay when old packs are cleared away.
    ///
    /// A cache that cannot be written is slow and nothing else: nobody hears of it.
    pub(crate) fn add(&self, mut entries: Vec<Entry>, used: &[(Hash, Hash)]) {
        if entries.is_empty() {
            return;
        }
        let size = |it: &Path| fs::metadata(it).map_or(0, |it| it.len());
        let old: u64 = self.packs.iter().map(|it| size(it)).sum();
        let clear = self.packs.len() >= MAX_PACKS || old > MAX_PROJECT / 2;
        if clear {
            let kept =
                used.iter().filter_map(|(id, key)| self.by_id.get(id)?.iter().find(|it| it.key == key[..]));
            entries.extend(kept.cloned());
        }
        if self.write(&Pack { entries }).is_some() {
            if clear {
                self.packs.iter().for_each(|it| drop(fs::remove_file(it)));
            }
            self.bound();
        }
    }

    fn write(&self, pack: &Pack) -> Option<()> {
        fs::create_dir_all(&self.folder).ok()?;
        let body = pack.encode_to_vec();
        let mut file = tempfile::Builder::new().prefix(".pack-").tempfile_in(&self.folder).ok()?;
        let sum = self.sum(&body);
        file.write_all(MAGIC)
            .and_then(|()| file.write_all(&sum))
            .and_then(|()| file.write_all(&body))
            .ok()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_nanos());
        let sum = blake3::Hash::from_bytes(sum).to_hex();
        file.persist(self.folder.join(format!("{now:032x}-{}.pack", &sum[..8]))).ok()?;
        Some(())
    }

    /// Keeps the folder of all projects within its bound.
    fn bound(&self) {
        let Some(all) = self.folder.parent().and_then(|it| fs::read_dir(it).ok()) else { return };
        let mut projects: Vec<(SystemTime, u64, PathBuf)> = all
            .flatten()
            .filter(|it| it.file_type().is_ok_and(|it| it.is_dir()))
            .map(|it| {
                let size =
                    packs_in(&it.path()).iter().map(|it| fs::metadata(it).map_or(0, |it| it.len())).sum();
                let changed = it.metadata().and_then(|it| it.modified()).unwrap_or(UNIX_EPOCH);
                (changed, size, it.path())
            })
            .collect();
        projects.sort();
        let mut total: u64 = projects.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in projects {
            if total <= MAX_FOLDER {
                break;
            }
            if path != self.folder {
                packs_in(&path).iter().for_each(|it| drop(fs::remove_file(it)));
                total -= size;
            }
        }
    }
}

/// The packs of a folder, newest first.
fn packs_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path());
    let mut packs: Vec<_> = entries.filter(|it| it.extension().is_some_and(|it| it == "pack")).collect();
    packs.sort_unstable_by(|a, b| b.cmp(a));
    packs
}

/// Differs between builds of the program, as far as its file tells.
fn program() -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(env!("CARGO_PKG_VERSION").as_bytes());
    if let Ok(found) = std::env::current_exe().and_then(fs::metadata) {
        let changed = found.modified().ok().and_then(|it| it.duration_since(UNIX_EPOCH).ok());
        hasher.update(&found.len().to_le_bytes());
        hasher.update(&changed.map_or(0, |it| it.as_nanos()).to_le_bytes());
    }
    *hasher.finalize().as_bytes()
}
