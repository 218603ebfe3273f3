//! Archives of sources: the first byte says how they are packed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_fuzz::{on_disk, render_error, seed};
use protogate_schema::Input;
use protogate_schema::load::{Archive, Compression, Container, Stream, load};

fuzz_target!(init: seed("archive"), |data: &[u8]| {
    let Some((&kind, content)) = data.split_first() else { return };
    let container = match kind & 3 {
        0 => Container::Tar(Compression::None),
        1 => Container::Tar(Compression::Gzip),
        2 => Container::Tar(Compression::Zstd),
        _ => Container::Zip,
    };
    let archive = Archive {
        from: Stream::File(on_disk("archive", content)),
        container,
        strip_components: usize::from(kind >> 2 & 3),
        subdir: (kind & 0x10 != 0).then(|| "proto".to_owned()),
    };
    if let Err(error) = load(&Input::Archive(archive)) {
        render_error(&error);
    }
});
