//! `Timestamp` and `Duration` as text.
//!
//! By hand: date libraries accept more than the mapping allows (lower case, leap seconds, the year 0) and print other fractions.

use prost_types::{Duration, Timestamp};

/// 0001-01-01T00:00:00Z.
const FIRST_SECOND: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const LAST_SECOND: i64 = 253_402_300_799;
/// 10,000 years of 365.25 days, as the proto file says.
const LONGEST: i64 = 315_576_000_000;

/// Parses `YYYY-MM-DDTHH:MM:SS[.f](Z|±HH:MM)`; `None` when malformed or out of range.
pub(crate) fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let part = |from: usize, length: usize| digits(bytes.get(from..from + length)?);
    let mark = |at: usize, mark: u8| (bytes.get(at) == Some(&mark)).then_some(());
    let (year, month, day) = (part(0, 4)?, part(5, 2)?, part(8, 2)?);
    let (hour, minute, second) = (part(11, 2)?, part(14, 2)?, part(17, 2)?);
    mark(4, b'-')?;
    mark(7, b'-')?;
    mark(10, b'T')?;
    mark(13, b':')?;
    mark(16, b':')?;
    let (nanos, zone) = match bytes.get(19)? {
        b'.' => {
            let length = bytes[20..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            (fraction(&bytes[20..20 + length])?, 20 + length)
        }
        _ => (0, 19),
    };
    let offset = match (bytes.get(zone)?, bytes.len() - zone) {
        (b'Z', 1) => 0,
        (sign @ (b'+' | b'-'), 6) => {
            let (hours, minutes) = (part(zone + 1, 2)?, part(zone + 4, 2)?);
            mark(zone + 3, b':')?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = hours * 3600 + minutes * 60;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let date_is_real = year >= 1 && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    if !date_is_real || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days_from_civil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    (FIRST_SECOND..=LAST_SECOND).contains(&seconds).then_some(Timestamp { seconds, nanos })
}

/// Prints with `Z` and 0, 3, 6 or 9 fraction digits; `None` when out of range.
pub(crate) fn print_timestamp(value: &Timestamp) -> Option<String> {
    let in_range =
        (FIRST_SECOND..=LAST_SECOND).contains(&value.seconds) && (0..=999_999_999).contains(&value.nanos);
    if !in_range {
        return None;
    }
    let (days, second) = (value.seconds.div_euclid(86_400), value.seconds.rem_euclid(86_400));
    let (year, month, day) = civil_from_days(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = print_fraction(value.nanos.unsigned_abs());
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"))
}

/// Parses `-?digits[.digits]s`; `None` when malformed or out of range.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let body = text.strip_suffix('s')?;
    let (negative, body) = body.strip_prefix('-').map_or((false, body), |body| (true, body));
    let (whole, nanos) = match body.split_once('.') {
        Some((whole, digits)) => (whole, fraction(digits.as_bytes())?),
        None => (body, 0),
    };
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Only the number of digits can make this fail.
    let seconds = whole.parse::<i64>().ok().filter(|seconds| *seconds <= LONGEST)?;
    Some(if negative { Duration { seconds: -seconds, nanos: -nanos } } else { Duration { seconds, nanos } })
}

/// Prints with 0, 3, 6 or 9 fraction digits; `None` when out of range or of mixed signs.
pub(crate) fn print_duration(value: &Duration) -> Option<String> {
    let in_range =
        value.seconds.unsigned_abs() <= LONGEST.unsigned_abs() && value.nanos.unsigned_abs() <= 999_999_999;
    let mixed = value.seconds < 0 && value.nanos > 0 || value.seconds > 0 && value.nanos < 0;
    if !in_range || mixed {
        return None;
    }
    let sign = if value.seconds < 0 || value.nanos < 0 { "-" } else { "" };
    Some(format!("{sign}{}{}s", value.seconds.unsigned_abs(), print_fraction(value.nanos.unsigned_abs())))
}

fn digits(bytes: &[u8]) -> Option<i64> {
    let all = bytes.iter().all(u8::is_ascii_digit);
    all.then(|| bytes.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

/// Nanoseconds of 1 to 9 fraction digits.
fn fraction(bytes: &[u8]) -> Option<i32> {
    if bytes.is_empty() || bytes.len() > 9 {
        return None;
    }
    let scale = 10_i64.pow(9 - bytes.len() as u32);
    i32::try_from(digits(bytes)? * scale).ok()
}

fn print_fraction(nanos: u32) -> String {
    if nanos == 0 {
        String::new()
    } else if nanos.is_multiple_of(1_000_000) {
        format!(".{:03}", nanos / 1_000_000)
    } else if nanos.is_multiple_of(1_000) {
        format!(".{:06}", nanos / 1_000)
    } else {
        format!(".{nanos:09}")
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; years start in March here, so that a leap day ends one.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_there_and_back() {
        for day in (FIRST_SECOND / 86_400)..=(LAST_SECOND / 86_400) {
            let (year, month, date) = civil_from_days(day);
            assert_eq!(days_from_civil(year, month, date), day);
            assert!((1..=days_in(year, month)).contains(&date));
        }
    }
}
