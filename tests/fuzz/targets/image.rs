//! Images in every encoding and packing: the first byte says which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use protogate_fuzz::{on_disk, render_error, seed};
use protogate_schema::Input;
use protogate_schema::load::{Compression, Encoding, Image, Stream, load};

fuzz_target!(init: seed("image"), |data: &[u8]| {
    let Some((&kind, content)) = data.split_first() else { return };
    let encoding = match kind & 3 {
        0 => Encoding::Binary,
        1 => Encoding::Json,
        2 => Encoding::Text,
        _ => Encoding::Yaml,
    };
    let compression = match kind >> 2 & 3 {
        0 | 3 => Compression::None,
        1 => Compression::Gzip,
        _ => Compression::Zstd,
    };
    let image = Image { from: Stream::File(on_disk("image", content)), encoding, compression };
    if let Err(error) = load(&Input::Image(image)) {
        render_error(&error);
    }
});
