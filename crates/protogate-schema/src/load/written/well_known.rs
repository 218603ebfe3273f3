//! The messages with a JSON form of their own: durations, timestamps, field masks, wrappers, `Struct` and its kin, `Any`.

use serde_json::{Map, Value};

use super::encoder::Types;
use super::encoder::{Scalar, Type};
use super::json::{put_field, put_tree};

const WRAPPERS: [&str; 9] = [
    "DoubleValue",
    "FloatValue",
    "Int64Value",
    "UInt64Value",
    "Int32Value",
    "UInt32Value",
    "BoolValue",
    "StringValue",
    "BytesValue",
];

fn short(name: &str) -> Option<&str> {
    name.strip_prefix("google.protobuf.")
}

/// Whether this message has a form of its own.
pub(super) fn is(name: &str) -> bool {
    short(name).is_some_and(|it| {
        WRAPPERS.contains(&it)
            || matches!(it, "Duration" | "Timestamp" | "FieldMask" | "Struct" | "Value" | "ListValue" | "Any")
    })
}

/// The encoded message, `None` when it has no form of its own.
pub(super) fn encode<'a>(types: &Types<'a>, of: Type<'a>, value: &Value) -> Option<Result<Vec<u8>, String>> {
    let name = short(of.full_name())?;
    if WRAPPERS.contains(&name) {
        let slot = of.numbered(1)?;
        let mut body = Vec::new();
        return Some(put_field(types, slot, value, &mut body).map(|()| body));
    }
    Some(match (name, value) {
        ("Duration", Value::String(text)) => duration(text)
            .map(|it| seconds(of, it))
            .ok_or_else(|| format!("`{}` is no duration", text.escape_debug())),
        ("Timestamp", Value::String(text)) => timestamp(text)
            .map(|it| seconds(of, it))
            .ok_or_else(|| format!("`{}` is no time", text.escape_debug())),
        ("FieldMask", Value::String(text)) => Ok(field_mask(of, text)),
        ("Struct", Value::Object(_)) => field(types, of, 1, value),
        ("ListValue", Value::Array(_)) => field(types, of, 1, value),
        ("Value", Value::Null) => Ok(of.numbered(1).map_or_else(Vec::new, |slot| {
            let mut body = Vec::new();
            slot.put_scalar(Scalar::Whole(0), &mut body);
            body
        })),
        ("Value", Value::Number(_)) => field(types, of, 2, value),
        ("Value", Value::String(_)) => field(types, of, 3, value),
        ("Value", Value::Bool(_)) => field(types, of, 4, value),
        ("Value", Value::Object(_)) => field(types, of, 5, value),
        ("Value", Value::Array(_)) => field(types, of, 6, value),
        ("Any", Value::Object(object)) => any(types, of, object),
        ("Duration" | "Timestamp" | "FieldMask" | "Struct" | "ListValue" | "Any", _) => {
            Err(format!("this is no form of `{}`", of.full_name()))
        }
        _ => return None,
    })
}

fn field<'a>(types: &Types<'a>, of: Type<'a>, number: i32, value: &Value) -> Result<Vec<u8>, String> {
    let slot = of.numbered(number).ok_or_else(|| format!("`{}` is not the known one", of.full_name()))?;
    let mut body = Vec::new();
    put_field(types, slot, value, &mut body)?;
    Ok(body)
}

fn any<'a>(types: &Types<'a>, of: Type<'a>, object: &Map<String, Value>) -> Result<Vec<u8>, String> {
    if object.is_empty() {
        return Ok(Vec::new());
    }
    let url = object.get("@type").and_then(Value::as_str).ok_or("an `Any` has no `@type`")?;
    let name = url.rsplit('/').next().unwrap_or(url);
    let inner =
        types.message(name).ok_or_else(|| format!("`{}` is no type of the set", name.escape_debug()))?;
    let body = if is(name) {
        put_tree(types, inner, object.get("value").unwrap_or(&Value::Null))?
    } else {
        let rest: Map<_, _> = object
            .iter()
            .filter(|(key, _)| *key != "@type")
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        put_tree(types, inner, &Value::Object(rest))?
    };
    let mut out = Vec::new();
    for (number, bytes) in [(1, url.as_bytes()), (2, &body)] {
        if let Some(slot) = of.numbered(number) {
            slot.put_bytes(bytes, &mut out);
        }
    }
    Ok(out)
}

/// Seconds and nanoseconds, of `Duration` and `Timestamp` alike.
fn seconds(of: Type<'_>, (seconds, nanos): (i64, i32)) -> Vec<u8> {
    let mut body = Vec::new();
    for (number, value) in [(1, i128::from(seconds)), (2, i128::from(nanos))] {
        if let Some(slot) = of.numbered(number).filter(|_| value != 0) {
            slot.put_scalar(Scalar::Whole(value), &mut body);
        }
    }
    body
}

/// Digits after the point as nanoseconds.
fn nanos(digits: &str) -> Option<i32> {
    if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    format!("{digits:0<9}").parse().ok()
}

fn duration(text: &str) -> Option<(i64, i32)> {
    let number = text.strip_suffix('s')?;
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => (-1, number),
        None => (1, number),
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, nanos(fraction)?),
        None => (number, 0),
    };
    if whole.is_empty() || !whole.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    Some((i64::from(sign) * whole.parse::<i64>().ok()?, sign * fraction))
}

/// RFC 3339.
fn timestamp(text: &str) -> Option<(i64, i32)> {
    let number = |range: std::ops::Range<usize>| {
        let digits = text.get(range)?;
        if digits.bytes().all(|it| it.is_ascii_digit()) { digits.parse::<i64>().ok() } else { None }
    };
    let sign = |at: usize, sign: &[u8]| text.as_bytes().get(at).is_some_and(|it| sign.contains(it));
    if !(sign(4, b"-") && sign(7, b"-") && sign(10, b"Tt") && sign(13, b":") && sign(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let rest = text.get(19..)?;
    let split = rest.find(['Z', 'z', '+', '-'])?;
    let (fraction, zone) = rest.split_at(split);
    let nanos = if fraction.is_empty() { 0 } else { nanos(fraction.strip_prefix('.')?)? };
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            let minutes = hours.parse::<i64>().ok()?.checked_mul(60)? + minutes.parse::<i64>().ok()?;
            if zone.starts_with('-') { -minutes } else { minutes }
        }
    };
    if !((1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60
        && offset.abs() < 1440)
    {
        return None;
    }
    // Days since 1970 of a date in the proleptic Gregorian calendar, with the year beginning in March.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some((days * 86_400 + hour * 3600 + (minute - offset) * 60 + second, nanos))
}

/// `a.bC,d` holds the paths `a.b_c` and `d`.
fn field_mask(of: Type<'_>, text: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let Some(slot) = of.numbered(1) else { return body };
    for path in text.split(',').filter(|it| !it.is_empty()) {
        let mut snake = String::new();
        for c in path.chars() {
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
        }
        slot.put_bytes(snake.as_bytes(), &mut body);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(duration("3.5s"), Some((3, 500_000_000)));
        assert_eq!(duration("-0.000000001s"), Some((0, -1)));
        for wrong in ["", "s", "3", "1.s", ".5s", "+1s", "1.0000000000s", "99999999999999999999s"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
        assert_eq!(timestamp("1970-01-01T00:00:00Z"), Some((0, 0)));
        assert_eq!(timestamp("2000-02-29T12:30:15.25Z"), Some((951_827_415, 250_000_000)));
        assert_eq!(timestamp("2024-12-31T23:59:59+01:00"), Some((1_735_685_999, 0)));
        for wrong in [
            "",
            "2024",
            "2024-13-01T00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00+é",
            "é024-01-01T00:00:00Z",
        ] {
            assert_eq!(timestamp(wrong), None, "{wrong}");
        }
    }
}
