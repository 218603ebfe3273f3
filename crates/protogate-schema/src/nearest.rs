//! The known name that a mistyped one was meant to be.

/// The candidate closest to `wanted`, if one is close enough to be worth saying: at most a third of the name differs.
///
/// Among equally close ones the shortest, then the first in alphabetical order.
#[must_use]
pub fn nearest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (wanted.len() / 3).min(4);
    if limit == 0 {
        return None;
    }
    candidates
        .into_iter()
        .filter(|it| it.len().abs_diff(wanted.len()) <= limit && it.len() < 512 && *it != wanted)
        .map(|it| (strsim::damerau_levenshtein(wanted, it), it.len(), it))
        .filter(|&(distance, ..)| distance <= limit)
        .min()
        .map(|(_, _, it)| it)
}

/// `` did you mean `x`? `` for the closest candidate, else the list of them.
pub(crate) fn suggest<'a>(wanted: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(wanted, candidates.clone()) {
        Some(it) => format!("did you mean `{it}`?"),
        None => {
            let all: Vec<_> = candidates.into_iter().map(|it| format!("`{it}`")).collect();
            format!("known are {}", all.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closeness_has_a_limit() {
        let known = ["roots", "exclude"];
        assert_eq!(nearest("root", known), Some("roots"));
        assert_eq!(nearest("exlcude", known), Some("exclude"));
        assert_eq!(nearest("banana", known), None);
        assert_eq!(nearest("A", ["B"]), None);
        assert_eq!(suggest("banana", known), "known are `roots`, `exclude`");
    }
}
