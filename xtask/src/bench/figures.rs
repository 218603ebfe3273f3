//! The little arithmetic that a comparison needs: medians, ratios, spread.

/// The middle value, or the mean of the two middle ones; 0 without values.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        count if count % 2 == 1 => values[count / 2],
        count => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

/// Ratio of two medians, with the smallest and largest ratio of one round in brackets: `0.91 (0.88–0.95)`.
///
/// The ratios of single rounds compare neighbours in time, so a wide bracket means that the machine had other work.
pub(super) fn ratio(ours: &[f64], theirs: &[f64]) -> String {
    let middle = median(ours.iter().copied()) / median(theirs.iter().copied());
    let rounds: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
    let low = rounds.iter().copied().fold(f64::INFINITY, f64::min);
    let high = rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !middle.is_finite() || !low.is_finite() || !high.is_finite() {
        return "–".to_owned();
    }
    format!("{middle:.2} ({low:.2}–{high:.2})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        for (values, expected) in
            [(vec![], 0.0), (vec![3.0], 3.0), (vec![9.0, 1.0, 5.0], 5.0), (vec![4.0, 1.0, 9.0, 2.0], 3.0)]
        {
            assert!((median(values.clone()) - expected).abs() < f64::EPSILON, "{values:?}");
        }
    }

    #[test]
    fn ratio_of_medians_with_the_rounds_beside_it() {
        assert_eq!(ratio(&[9.0, 8.0, 30.0], &[10.0, 10.0, 20.0]), "0.90 (0.80–1.50)");
        assert_eq!(ratio(&[1.0], &[0.0]), "–");
        assert_eq!(ratio(&[], &[]), "–");
    }
}
