//! Deadlines in request headers: `grpc-timeout`, `X-Server-Timeout` and `Connect-Timeout-Ms` as durations.
//!
//! Which of them applies, and what a malformed one does to the request, is the deadline layer's decision.

use std::time::Duration;

/// The longest timeout that any of these parsers returns: what `grpc-timeout` can say at most. Longer ones
/// are cut to it, so that adding one to a point in time cannot overflow.
pub const MAX_TIMEOUT: Duration = Duration::from_secs(99_999_999 * 3600);

/// Parses `grpc-timeout`: 1 to 8 digits and one unit of `H M S m u n` (hours, minutes, seconds, milli-,
/// micro- and nanoseconds). `None` when malformed.
#[must_use]
pub fn parse_grpc_timeout(text: &str) -> Option<Duration> {
    let (last, _) = text.char_indices().next_back()?;
    let (digits, unit) = text.split_at(last);
    let value = parse_digits(digits, 8)?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

/// Parses `X-Server-Timeout`: seconds as digits with an optional fraction (`30`, `0.25`); no sign, no
/// exponent. Below a nanosecond it rounds down. `None` when malformed.
#[must_use]
pub fn parse_server_timeout(text: &str) -> Option<Duration> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return None;
    }
    let nanos = fraction.unwrap_or_default().bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = nanos.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    // Only the number of digits can make this fail; so many seconds are more than the maximum.
    let seconds = whole.parse().unwrap_or(u64::MAX);
    Some(Duration::new(seconds, nanos).min(MAX_TIMEOUT))
}

/// Parses `Connect-Timeout-Ms`: milliseconds as 1 to 10 digits. `None` when malformed.
#[must_use]
pub fn parse_connect_timeout_ms(text: &str) -> Option<Duration> {
    parse_digits(text, 10).map(Duration::from_millis)
}

/// Writes a `grpc-timeout` value: the finest unit in which the duration fits eight digits, rounded down so
/// that a remaining time never grows on its way.
#[must_use]
pub fn format_grpc_timeout(timeout: Duration) -> String {
    const LIMIT: u128 = 100_000_000;
    let nanos = timeout.min(MAX_TIMEOUT).as_nanos();
    let units = [
        ('n', 1),
        ('u', 1_000),
        ('m', 1_000_000),
        ('S', 1_000_000_000),
        ('M', 60_000_000_000),
        ('H', 3_600_000_000_000),
    ];
    let fitting = units.into_iter().find(|(_, size)| nanos / size < LIMIT);
    let (unit, size) = fitting.expect("the maximum fits eight digits of hours");
    format!("{}{unit}", nanos / size)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_digits(text: &str, most: usize) -> Option<u64> {
    if text.len() > most || !is_digits(text) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatting_keeps_the_finest_unit() {
        for (timeout, text) in [
            (Duration::ZERO, "0n"),
            (Duration::from_nanos(99_999_999), "99999999n"),
            (Duration::from_nanos(100_000_999), "100000u"),
            (Duration::from_secs(5), "5000000u"),
            (Duration::from_secs(100_000), "100000S"),
            (Duration::MAX, "99999999H"),
        ] {
            assert_eq!(format_grpc_timeout(timeout), text);
            assert!(parse_grpc_timeout(text).unwrap() <= timeout);
        }
    }
}
