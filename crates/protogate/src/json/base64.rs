//! `bytes` in JSON: base64 of either alphabet (RFC 4648 sections 4 and 5), padding optional.
//!
//! Reading is by hand because the stock engines read one alphabet each and mind the bits past the last whole byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Standard alphabet, with padding.
pub(crate) fn print_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes either alphabet; bits past the last whole byte are ignored. `None` on other characters, on a length of 1 modulo 4 and on
/// misplaced padding.
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    let unpadded = text.trim_end_matches('=');
    let padding = text.len() - unpadded.len();
    if padding > 0 && (padding > 2 || !text.len().is_multiple_of(4)) || unpadded.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(unpadded.len() * 3 / 4);
    for group in unpadded.as_bytes().chunks(4) {
        let mut bits = 0_u32;
        for &symbol in group {
            bits = bits << 6 | u32::from(sextet(symbol)?);
        }
        bits <<= 6 * (4 - group.len());
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Some(bytes)
}

fn sextet(symbol: u8) -> Option<u8> {
    match symbol {
        b'A'..=b'Z' => Some(symbol - b'A'),
        b'a'..=b'z' => Some(symbol - b'a' + 26),
        b'0'..=b'9' => Some(symbol - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_alphabets() {
        for (text, bytes) in [
            ("", Some(&b""[..])),
            ("AQI=", Some(&b"\x01\x02"[..])),
            ("AQI", Some(&b"\x01\x02"[..])),
            ("-_", Some(&b"\xfb"[..])),
            ("+/8=", Some(&b"\xfb\xff"[..])),
            ("AQID", Some(&b"\x01\x02\x03"[..])),
            ("A", None),
            ("AQID=", None),
            ("AQ=I", None),
            ("AQ=", None),
            ("A===", None),
            ("====", None),
            ("AQ I", None),
            ("AQI\n", None),
        ] {
            assert_eq!(parse_base64(text).as_deref(), bytes, "{text}");
        }
    }
}
