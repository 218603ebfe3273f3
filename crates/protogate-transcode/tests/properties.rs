//! Properties over generated templates and paths: the matcher agrees with a naive one that tries every reading of
//! a path (`google/api/http.proto` has the grammar), overlap agrees with trying every short path, printing is undone by
//! parsing, and no input makes anything panic.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use protogate_transcode::{
    Config, FieldPath, Matcher, Outcome, Segment, Template, TrailingSlash, overlaps,
    parse_connect_timeout_ms, parse_grpc_timeout, parse_query, parse_server_timeout,
};

/// A template from few words, so that generated ones meet. Some of its segments are put into variables.
fn template() -> impl Strategy<Value = String> {
    let segment = select(vec!["a", "a", "b", "%61", "a%3Av", "%25zz", "*", "*", "**"]);
    let segments = prop::collection::vec(segment, 0..5);
    let verb = select(vec!["", "", "", ":v", ":%76", ":w"]);
    (segments, verb, any::<u8>()).prop_map(|(mut segments, verb, cut)| {
        let mut double = false;
        segments.retain(|segment| *segment != "**" || !std::mem::replace(&mut double, true));
        if segments.is_empty() {
            return "/".to_owned();
        }
        // Two variables at most: the segments before `from`, and the last one.
        let from = usize::from(cut) % (segments.len() + 1);
        let mut parts = Vec::new();
        if from > 0 {
            parts.push(format!("{{x={}}}", segments[..from].join("/")));
        }
        let mut rest = segments[from..].iter().map(|segment| (*segment).to_owned()).collect::<Vec<_>>();
        if cut > 127
            && let Some(last) = rest.last_mut()
        {
            *last = format!("{{y.z={last}}}");
        }
        parts.extend(rest);
        format!("/{}{verb}", parts.join("/"))
    })
}

const WORDS: [&str; 17] = [
    "a", "b", "c", "%61", "%41", "", "", "a:v", "b:v", "a:w", "a:%76", ":v", "a%2Fb", "%25zz", "%zz", "%ff",
    "a:b:v",
];

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(select(WORDS.to_vec()), 0..6).prop_map(|words| format!("/{}", words.join("/")))
}

/// Percent-decodes; `None` when an escape is malformed.
fn decode(text: &str, keep_slash: bool) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let pair = [bytes.next()?, bytes.next()?];
        let pair =
            std::str::from_utf8(&pair).ok().filter(|pair| pair.chars().all(|c| c.is_ascii_hexdigit()))?;
        match u8::from_str_radix(pair, 16).ok()? {
            b'/' if keep_slash => out.extend(format!("%{pair}").bytes()),
            byte => out.push(byte),
        }
    }
    Some(out)
}

/// How many raw segments each template segment takes; `None` when the template does not match.
fn taken(pattern: &[Segment], raw: &[&str]) -> Option<Vec<usize>> {
    let Some((first, rest)) = pattern.split_first() else {
        return raw.is_empty().then(Vec::new);
    };
    let fits = |count: usize| match first {
        Segment::DoubleWildcard => true,
        Segment::Wildcard => count == 1 && !raw[0].is_empty(),
        Segment::Literal(bytes) => count == 1 && decode(raw[0], false).as_ref() == Some(bytes),
    };
    (0..=raw.len()).filter(|count| fits(*count)).find_map(|count| {
        let mut counts = taken(rest, &raw[count..])?;
        counts.insert(0, count);
        Some(counts)
    })
}

/// The readings of a path: raw segments and verb; the verb reading first.
fn readings(path: &str) -> Vec<(Vec<&str>, Option<Vec<u8>>)> {
    let text = &path[1..];
    let whole: Vec<&str> = if text.is_empty() { Vec::new() } else { text.split('/').collect() };
    let mut readings = vec![(whole.clone(), None)];
    if let Some((stem, verb)) = whole.last().and_then(|last| last.rsplit_once(':'))
        && !stem.is_empty()
        && !verb.is_empty()
        && let Some(verb) = decode(verb, false)
    {
        let mut cut = whole;
        *cut.last_mut().expect("the last segment was split") = stem;
        readings.insert(0, (cut, Some(verb)));
    }
    readings
}

/// Which of two templates that match one path wins, segment by segment: a literal before `*`, `*` before the end, the end before `**`;
/// of two `**`, the one that more segments follow.
fn compare(a: &[Segment], b: &[Segment]) -> Ordering {
    let rank = |segment: Option<&Segment>| match segment {
        Some(Segment::Literal(_)) => 0,
        Some(Segment::Wildcard) => 1,
        None => 2,
        Some(Segment::DoubleWildcard) => 3,
    };
    for at in 0.. {
        let (x, y) = (a.get(at), b.get(at));
        let order = rank(x).cmp(&rank(y));
        if order != Ordering::Equal {
            return order;
        }
        match x {
            None => return Ordering::Equal,
            Some(Segment::DoubleWildcard) => {
                let (a, b) = (&a[at + 1..], &b[at + 1..]);
                return b.len().cmp(&a.len()).then_with(|| compare(a, b));
            }
            Some(_) => {}
        }
    }
    unreachable!("the loop ends with the shorter template")
}

fn naive(routes: &[(&str, Template)], method: &str, path: &str) -> Outcome {
    let mut allow = BTreeSet::new();
    for (raw, verb) in readings(path) {
        let matching = routes.iter().enumerate().filter_map(|(id, (known, template))| {
            let same_verb = template.verb() == verb.as_deref();
            let counts = taken(template.segments(), &raw).filter(|_| same_verb)?;
            Some((id, *known, template, counts))
        });
        let matching: Vec<_> = matching.collect();
        allow.extend(matching.iter().map(|(_, known, ..)| *known));
        let winner = matching
            .into_iter()
            .filter(|(_, known, ..)| *known == method || *known == "*")
            .min_by(|x, y| compare(x.2.segments(), y.2.segments()).then((x.1 == "*").cmp(&(y.1 == "*"))));
        let Some((id, _, template, counts)) = winner else { continue };
        if decode(path, false).is_none() {
            return Outcome::BadPath(String::new());
        }
        let mut captures = Vec::new();
        for (variable, spec) in template.variables().iter().enumerate() {
            let before: usize = counts[..spec.segments.start].iter().sum();
            let count: usize = counts[spec.segments.clone()].iter().sum();
            let multi = spec.segments.len() != 1
                || template.segments()[spec.segments.start] == Segment::DoubleWildcard;
            let parts: Vec<_> = raw[before..before + count]
                .iter()
                .map(|part| decode(part, multi).expect("the whole path decodes"))
                .collect();
            match String::from_utf8(parts.join(&b'/')) {
                Ok(value) => captures.push(protogate_transcode::Capture { variable, value }),
                Err(_) => return Outcome::BadPath(String::new()),
            }
        }
        return Outcome::Found { id, captures };
    }
    if allow.is_empty() {
        return Outcome::NotFound;
    }
    if allow.contains("GET") {
        allow.insert("HEAD");
    }
    allow.insert("OPTIONS");
    Outcome::MethodNotAllowed(allow.into_iter().map(str::to_owned).collect())
}

fn matches(template: &Template, path: &str) -> bool {
    readings(path)
        .iter()
        .any(|(raw, verb)| template.verb() == verb.as_deref() && taken(template.segments(), raw).is_some())
}

/// The short paths, made once.
fn paths() -> &'static [String] {
    static PATHS: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    PATHS.get_or_init(|| short_paths(4))
}

/// Every path of at most `most` segments over words that cover what generated templates can tell apart: their
/// literals, one that none has, and at the end of the path each of them with every verb.
fn short_paths(most: usize) -> Vec<String> {
    let mut all = vec!["/".to_owned()];
    let mut fronts = vec![String::new()];
    for _ in 0..most {
        for front in &fronts {
            for last in ["a", "b", "z", "a:v", "a%3Av", "%25zz"] {
                all.extend(["", ":v", ":w"].map(|verb| format!("{front}/{last}{verb}")));
            }
        }
        let words = ["a", "b", "z", "a:v", "%25zz"];
        fronts = fronts.iter().flat_map(|front| words.map(|word| format!("{front}/{word}"))).collect();
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_the_naive_matcher(
        routes in prop::collection::vec((select(vec!["GET", "POST", "*"]), template()), 1..12),
        requests in prop::collection::vec((select(vec!["GET", "POST", "PUT", "HEAD"]), path()), 1..20),
    ) {
        let mut matcher = Matcher::new(Config::default());
        let mut known: Vec<(&str, Template)> = Vec::new();
        for (method, text) in routes {
            let template = Template::parse(&text).unwrap();
            let same = known.iter().position(|(m, t)| *m == method && t.shape() == template.shape());
            match matcher.insert(method, template.clone(), known.len()) {
                Ok(()) => {
                    prop_assert_eq!(same, None);
                    known.push((method, template));
                }
                Err(conflict) => prop_assert_eq!(Some(conflict.existing), same),
            }
        }
        for (method, path) in requests {
            let mut found = matcher.find(method, &path);
            if let Outcome::BadPath(message) = &mut found {
                prop_assert!(!message.is_empty());
                message.clear();
            }
            prop_assert_eq!(found, naive(&known, method, &path), "{} {} in {:?}", method, path, known);
        }
    }

    #[test]
    fn printing_is_undone_by_parsing(text in template()) {
        let template = Template::parse(&text).unwrap();
        let printed = template.to_string();
        let again = Template::parse(&printed).unwrap();
        prop_assert_eq!(&again, &template);
        prop_assert_eq!(again.to_string(), printed);
    }

    #[test]
    fn any_literal_can_be_escaped(bytes in prop::collection::vec(any::<u8>(), 1..12)) {
        let escaped: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
        let template = Template::parse(&format!("/{escaped}:{escaped}")).unwrap();
        prop_assert_eq!(template.segments(), [Segment::Literal(bytes.clone())]);
        prop_assert_eq!(template.verb(), Some(bytes.as_slice()));
        prop_assert_eq!(Template::parse(&template.to_string()).unwrap(), template);
    }

    #[test]
    fn nothing_panics(
        template in "[/{}*:=%a-z.2é]{0,30}|\\PC*",
        path in "/[/:%a-f2é*]{0,30}|\\PC*",
        text in "[0-9.%&=+a-zHMSmun]{0,30}|\\PC*",
    ) {
        match Template::parse(&template) {
            Ok(parsed) => {
                prop_assert_eq!(&Template::parse(&parsed.to_string()).unwrap(), &parsed);
                prop_assert!(overlaps(&parsed, &parsed));
                for trailing_slash in [TrailingSlash::Strict, TrailingSlash::Ignore] {
                    let mut matcher = Matcher::new(Config { trailing_slash });
                    matcher.insert("GET", parsed.clone(), 0).unwrap();
                    let _ = matcher.find("GET", &path);
                    let _ = matcher.find("PUT", &template);
                }
            }
            Err(error) => {
                prop_assert!(error.offset() <= template.len());
                prop_assert!(template.is_char_boundary(error.offset()));
            }
        }
        let _ = parse_query(&text);
        let _ = (parse_grpc_timeout(&text), parse_server_timeout(&text), parse_connect_timeout_ms(&text));
        let _ = (FieldPath::parse(&text), FieldPath::parse_parameter(&text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn overlap_agrees_with_trying_short_paths(a in template(), b in template()) {
        let (a, b) = (Template::parse(&a).unwrap(), Template::parse(&b).unwrap());
        // The shortest common path of two templates has at most as many segments as both have fixed ones, and one
        // more for a verb: four suffice for those with five segments together.
        let witness = paths().iter().find(|path| matches(&a, path) && matches(&b, path));
        if let Some(path) = witness {
            prop_assert!(overlaps(&a, &b), "{} and {} both match {}", a, b, path);
        } else if a.segments().len() + b.segments().len() <= 5 {
            prop_assert!(!overlaps(&a, &b), "{} and {} share no short path", a, b);
        }
    }
}

#[test]
fn a_long_template_is_refused_not_overflown() {
    let text = "/a".repeat(100_000);
    assert!(Template::parse(&text).is_err());
    let longest = Template::parse(&"/*".repeat(protogate_transcode::MAX_SEGMENTS)).unwrap();
    let mut matcher = Matcher::new(Config::default());
    matcher.insert("GET", longest, 0).unwrap();
    assert_eq!(matcher.find("GET", &text), Outcome::NotFound);
    let found = matcher.find("GET", &"/a".repeat(protogate_transcode::MAX_SEGMENTS));
    assert!(matches!(found, Outcome::Found { id: 0, .. }));
}
