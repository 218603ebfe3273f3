//! The JSON number grammar, and numbers from their text.
//!
//! Integers never pass through a double, so all 64 bits are exact; floats are rounded once, from the text.

/// The end of the number (RFC 8259 section 6) that starts at `at`; `None` when there is none.
pub(crate) fn scan(text: &[u8], at: usize) -> Option<usize> {
    let digits = |mut at: usize| {
        while text.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = if text.get(at) == Some(&b'-') { at + 1 } else { at };
    at = match text.get(at)? {
        b'0' => at + 1,
        b'1'..=b'9' => digits(at),
        _ => return None,
    };
    if text.get(at) == Some(&b'.') {
        let end = digits(at + 1);
        if end == at + 1 {
            return None;
        }
        at = end;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let start = if matches!(text.get(at + 1), Some(b'+' | b'-')) { at + 2 } else { at + 1 };
        let end = digits(start);
        if end == start {
            return None;
        }
        at = end;
    }
    Some(at)
}

/// Whether the whole text is one JSON number.
pub(crate) fn is_number(text: &str) -> bool {
    scan(text.as_bytes(), 0) == Some(text.len())
}

/// The integer that a JSON number stands for, such as `12`, `1e3` or `12.0`; `None` when it is not integral, has more than 38 digits,
/// or is not a JSON number.
pub(crate) fn parse_integer(text: &str) -> Option<i128> {
    if !is_number(text) {
        return None;
    }
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let trailing = digits.len() - digits.trim_end_matches('0').len();
    // An exponent beyond an i64 is as good as any other that is out of range.
    let exponent =
        exponent.parse::<i64>().unwrap_or(if exponent.starts_with('-') { -1 << 40 } else { 1 << 40 });
    let zeros = exponent.clamp(-(1 << 40), 1 << 40) + trailing as i64 - fraction.len() as i64;
    if zeros < 0 || significant.len() as i64 + zeros > 38 {
        return None;
    }
    let value = significant.parse::<i128>().ok()? * 10_i128.pow(u32::try_from(zeros).ok()?);
    Some(if negative { -value } else { value })
}

/// A double; `None` when the text is neither a JSON number nor one of the three names, or overflows.
pub(crate) fn parse_double(text: &str) -> Option<f64> {
    match text {
        "NaN" => return Some(f64::NAN),
        "Infinity" => return Some(f64::INFINITY),
        "-Infinity" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let value: f64 = if is_number(text) { text.parse().ok()? } else { return None };
    value.is_finite().then_some(value)
}

/// A float, rounded once from the text; `None` as for [`parse_double`].
pub(crate) fn parse_float(text: &str) -> Option<f32> {
    match text {
        "NaN" => return Some(f32::NAN),
        "Infinity" => return Some(f32::INFINITY),
        "-Infinity" => return Some(f32::NEG_INFINITY),
        _ => {}
    }
    let value: f32 = if is_number(text) { text.parse().ok()? } else { return None };
    value.is_finite().then_some(value)
}

/// The text of a finite double, shortest that reads back equal; the names of the others in quotes.
pub(crate) fn print_double(value: f64) -> String {
    special(value).map_or_else(|| shorten(format!("{value:?}")), str::to_owned)
}

/// The text of a finite float, shortest that reads back equal as a float; the names of the others in quotes.
pub(crate) fn print_float(value: f32) -> String {
    special(f64::from(value)).map_or_else(|| shorten(format!("{value:?}")), str::to_owned)
}

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("\"NaN\"")
    } else if value == f64::INFINITY {
        Some("\"Infinity\"")
    } else if value == f64::NEG_INFINITY {
        Some("\"-Infinity\"")
    } else {
        None
    }
}

fn shorten(mut text: String) -> String {
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact() {
        for (text, value) in [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("-0.000e99999999999999999999", Some(0)),
            ("18446744073709551615", Some(18_446_744_073_709_551_615)),
            ("9007199254740993", Some(9_007_199_254_740_993)),
            ("1e5", Some(100_000)),
            ("100000.000", Some(100_000)),
            ("1.5e1", Some(15)),
            ("120e-1", Some(12)),
            ("-1.20E+2", Some(-120)),
            ("1.5", None),
            ("1e-1", None),
            ("1e39", None),
            ("1e99999999999999999999", None),
            ("1e-99999999999999999999", None),
            ("01", None),
            ("+1", None),
            (" 1", None),
            ("1.", None),
            (".5", None),
            ("1e", None),
            ("0x10", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(parse_integer(text), value, "{text}");
        }
    }

    #[test]
    fn floats_print_shortest() {
        for (value, text) in [
            (0.1, "0.1"),
            (1.0, "1"),
            (-0.0, "-0"),
            (1e300, "1e300"),
            (5e-324, "5e-324"),
            (f64::NAN, "\"NaN\""),
        ] {
            assert_eq!(print_double(value), text);
        }
        assert_eq!(print_float(0.1), "0.1");
        assert_eq!(print_float(16_777_216.0), "16777216");
        assert_eq!(print_float(f32::MAX), "3.4028235e38");
    }

    #[test]
    fn overflow_is_refused_and_underflow_is_zero() {
        assert_eq!(parse_double("1e400"), None);
        assert_eq!(parse_float("3.5e38"), None);
        assert_eq!(parse_double("1e-400"), Some(0.0));
        assert_eq!(parse_float("1e-60"), Some(0.0));
    }
}
