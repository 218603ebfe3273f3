//! Which parts of a range of numbers are no longer covered, and how ranges are written.

use protogate_schema::model::element::NumberRange;

/// Largest number of a field.
pub(crate) const MAX_FIELD: i32 = 536_870_911;
/// Largest number of an enum value.
pub(crate) const MAX_VALUE: i32 = i32::MAX;

/// The parts of `old` that no range of `new` covers, in order. Splitting and regrouping ranges is fine.
pub(crate) fn missing(old: NumberRange, new: &[NumberRange]) -> Vec<NumberRange> {
    let mut new = new.to_vec();
    new.sort_by_key(|range| range.start);
    let mut missing = Vec::new();
    // 64 bits, because one past the largest number does not fit into 32.
    let mut next = i64::from(old.start);
    for range in new {
        if range.start > old.end {
            break;
        }
        if i64::from(range.start) > next {
            missing.push(NumberRange { start: next as i32, end: range.start - 1 });
        }
        next = next.max(i64::from(range.end) + 1);
    }
    if next <= i64::from(old.end) {
        missing.push(NumberRange { start: next as i32, end: old.end });
    }
    missing
}

/// `[5]`, `[5,9]`, `[5,max]`.
pub(crate) fn print(range: NumberRange, max: i32) -> String {
    match (range.start, range.end) {
        (start, end) if start == end => format!("[{start}]"),
        (start, end) if end == max => format!("[{start},max]"),
        (start, end) => format!("[{start},{end}]"),
    }
}

/// Several ranges with commas between them.
pub(crate) fn print_all(ranges: &[NumberRange], max: i32) -> String {
    ranges.iter().map(|range| print(*range, max)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{MAX_FIELD, MAX_VALUE, missing, print_all};
    use protogate_schema::model::element::NumberRange;

    fn ranges(list: &[(i32, i32)]) -> Vec<NumberRange> {
        list.iter().map(|&(start, end)| NumberRange { start, end }).collect()
    }

    #[test]
    fn missing_parts() {
        type Row = ((i32, i32), &'static [(i32, i32)], &'static str);
        let table: &[Row] = &[
            ((5, 9), &[], "[5,9]"),
            ((5, 9), &[(5, 9)], ""),
            ((5, 9), &[(8, 20), (1, 7)], ""),
            ((5, 9), &[(6, 7)], "[5], [8,9]"),
            ((5, 9), &[(20, 30)], "[5,9]"),
            ((5, MAX_FIELD), &[(5, 10)], "[11,max]"),
            ((-5, -1), &[(-3, -3)], "[-5,-4], [-2,-1]"),
        ];
        for (old, new, expected) in table {
            let old = NumberRange { start: old.0, end: old.1 };
            assert_eq!(print_all(&missing(old, &ranges(new)), MAX_FIELD), *expected, "{old:?} {new:?}");
        }
        let all = NumberRange { start: i32::MIN, end: MAX_VALUE };
        assert_eq!(missing(all, &[all]), []);
    }
}
