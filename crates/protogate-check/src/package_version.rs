//! The version at the end of a package name: `acme.config.v1`, `acme.config.v1beta2`, `acme.config.v2p1alpha1`.

/// What the last component of a package says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackageVersion {
    /// `v1`.
    Stable,
    /// `v1test…`, `v1alpha`, `v1beta2`, `v1p1alpha`.
    Unstable,
}

impl PackageVersion {
    /// The version of a package, `None` when it has none.
    pub(crate) fn of(package: &str) -> Option<Self> {
        let (_, last) = package.rsplit_once('.')?;
        let rest = last.strip_prefix('v')?;
        if let Some((number, _)) = rest.split_once("test") {
            return is_number(number).then_some(Self::Unstable);
        }
        let (alpha, beta) = (rest.split_once("alpha"), rest.split_once("beta"));
        let (before, after) = match (alpha, beta) {
            (None, None) => return is_number(rest).then_some(Self::Stable),
            (Some(it), None) | (None, Some(it)) => it,
            (Some(_), Some(_)) => return None,
        };
        let before = match before.split_once('p') {
            Some((major, patch)) => is_number(major) && is_number(patch),
            None => is_number(before),
        };
        (before && (after.is_empty() || is_number(after))).then_some(Self::Unstable)
    }
}

/// A number from 1 to 2^31 - 1; leading zeros are accepted.
fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && text.parse::<i32>().is_ok_and(|number| number > 0)
}

#[cfg(test)]
mod tests {
    use super::PackageVersion::{self, Stable, Unstable};

    #[test]
    fn versions() {
        let table = [
            ("a.v1", Some(Stable)),
            ("a.b.v12", Some(Stable)),
            ("a.v01", Some(Stable)),
            ("a.v1alpha", Some(Unstable)),
            ("a.v1beta2", Some(Unstable)),
            ("a.v1p1alpha", Some(Unstable)),
            ("a.v1p1beta3", Some(Unstable)),
            ("a.v1test", Some(Unstable)),
            ("a.v1testfoo", Some(Unstable)),
            ("v1", None),
            ("a.v0", None),
            ("a.v1p1", None),
            ("a.v1alphabeta", None),
            ("a.v1alpha0", None),
            ("a.vx", None),
            ("a.1", None),
            ("a", None),
            ("", None),
            ("a.v99999999999", None),
            ("a.v+1", None),
        ];
        for (package, expected) in table {
            assert_eq!(PackageVersion::of(package), expected, "{package}");
        }
    }
}
