//! Which text of an error a caller reads: negotiation of `accept-language` against the locales of the catalogue.
//!
//! Lookup follows RFC 4647 section 3.4 (the tag is shortened from its end until something matches), and a bare language also takes
//! the first regional variant. Without a match the default locale's text, which comes first, is used.

/// The most language ranges that are read from a header.
const MAX_RANGES: usize = 16;

/// The best of `texts` for an `accept-language` value: its locale and text. `None` when there are no texts.
pub(crate) fn negotiate<'t>(
    languages: Option<&str>,
    texts: &'t [(&'t str, &'t str)],
) -> Option<(&'t str, &'t str)> {
    let wanted = languages.map(ranges).unwrap_or_default();
    wanted.iter().find_map(|range| lookup(range, texts)).or_else(|| texts.first().copied())
}

/// The language ranges of a header, the most wanted first; ranges with a quality of 0 or a malformed one are left out.
fn ranges(header: &str) -> Vec<&str> {
    let mut ranges: Vec<(&str, u16)> = header
        .split(',')
        .take(MAX_RANGES)
        .filter_map(|item| {
            let (range, parameters) = item.split_once(';').unwrap_or((item, "q=1"));
            let quality = quality(parameters.trim())?;
            (quality > 0).then_some((range.trim(), quality))
        })
        .filter(|(range, _)| !range.is_empty() && range.len() <= 64)
        .collect();
    // A stable sort keeps the order of equal qualities.
    ranges.sort_by_key(|(_, quality)| std::cmp::Reverse(*quality));
    ranges.into_iter().map(|(range, _)| range).collect()
}

/// `q=0.8` in thousandths.
fn quality(parameters: &str) -> Option<u16> {
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    });
    let Some(value) = value else { return Some(1000) };
    let parsed: f32 = value.parse().ok()?;
    // Truncation is fine: qualities have at most three digits.
    (0.0..=1.0).contains(&parsed).then_some((parsed * 1000.0) as u16)
}

fn lookup<'t>(range: &str, texts: &'t [(&'t str, &'t str)]) -> Option<(&'t str, &'t str)> {
    if range == "*" {
        return texts.first().copied();
    }
    let mut tag = range;
    loop {
        if let Some(found) = texts.iter().find(|(locale, _)| same(locale, tag)) {
            return Some(*found);
        }
        match tag.rsplit_once(['-', '_']) {
            Some((shorter, _)) => tag = shorter,
            None => break,
        }
    }
    // Only the language is left: any variant of it is better than another language.
    texts
        .iter()
        .find(|(locale, _)| locale.split(['-', '_']).next().is_some_and(|head| same(head, tag)))
        .copied()
}

/// Equality of tags: ASCII case and `_` for `-` do not matter.
fn same(a: &str, b: &str) -> bool {
    let fold = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    a.len() == b.len() && a.bytes().map(fold).eq(b.bytes().map(fold))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_text_wins() {
        const TEXTS: &[(&str, &str)] = &[("en", "e"), ("zh-CN", "c"), ("zh-TW", "t"), ("pt-BR", "p")];
        for (header, locale) in [
            (None, "en"),
            (Some(""), "en"),
            (Some("zh-CN"), "zh-CN"),
            (Some("zh-cn"), "zh-CN"),
            (Some("zh_TW"), "zh-TW"),
            (Some("zh-Hans-CN"), "zh-CN"),
            (Some("zh"), "zh-CN"),
            (Some("pt"), "pt-BR"),
            (Some("pt-PT"), "pt-BR"),
            (Some("en-GB"), "en"),
            (Some("fr, zh-TW;q=0.8, en;q=0.9"), "en"),
            (Some("fr;q=1, zh-TW;q=0.8, en;q=0.2"), "zh-TW"),
            (Some("en;q=0, zh-TW;q=0.1"), "zh-TW"),
            (Some("fr"), "en"),
            (Some("*"), "en"),
            (Some("fr, *;q=0.1"), "en"),
            (Some("zh-CN;q=nonsense, pt"), "pt-BR"),
            (Some(";;;,,,==="), "en"),
        ] {
            assert_eq!(negotiate(header, TEXTS).map(|text| text.0), Some(locale), "{header:?}");
        }
        assert_eq!(negotiate(Some("en"), &[]), None);
    }
}
