//! Runs the table of `fixtures/auth` against the verifier, with the clock of the table.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use http::HeaderValue;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde::Deserialize;
use serde_json::json;

use super::*;

const NOW: u64 = 1_800_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    expect: String,
    #[serde(default = "secret")]
    set: String,
    #[serde(default = "hs256")]
    sign: String,
    header: Option<String>,
    claims: Option<String>,
    payload: Option<String>,
    authorization: Option<Vec<String>>,
    roles: Option<Vec<String>>,
}

fn secret() -> String {
    "secret".to_owned()
}

fn hs256() -> String {
    "HS256".to_owned()
}

fn fixture(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/auth").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn verifier(set: &str) -> Verifier {
    let secret = fixture("keys/hs.key");
    let (rsa, es256, es384, ed) = (
        fixture("keys/rsa.pub.pem"),
        fixture("keys/es256.pub.pem"),
        fixture("keys/es384.pub.pem"),
        fixture("keys/ed.pub.pem"),
    );
    let keys: Vec<(&str, &str, &[u8])> = match set {
        "one" => vec![("hs256", "HS256", &secret)],
        "secret" => {
            vec![("hs256", "HS256", &secret), ("hs384", "HS384", &secret), ("hs512", "HS512", &secret)]
        }
        "public" => vec![
            ("rs256", "RS256", &rsa),
            ("rs384", "RS384", &rsa),
            ("rs512", "RS512", &rsa),
            ("ps256", "PS256", &rsa),
            ("ps384", "PS384", &rsa),
            ("ps512", "PS512", &rsa),
            ("es256", "ES256", &es256),
            ("es384", "ES384", &es384),
            ("eddsa", "EdDSA", &ed),
        ],
        other => panic!("unknown set `{other}`"),
    };
    let expected = Expected {
        issuer: "https://issuer.example".to_owned(),
        audience: "config".to_owned(),
        roles_claim: "roles".to_owned(),
        permissions_claim: "permissions".to_owned(),
        leeway: Duration::from_secs(30),
    };
    Verifier::new(KeySet::for_tests(&keys), expected)
}

fn sign(how: &str, message: &str) -> String {
    let sign = |key: &EncodingKey, algorithm| {
        jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap()
    };
    if let Some(file) = how.strip_prefix("HS256:") {
        return sign(&EncodingKey::from_secret(&fixture(&format!("keys/{file}"))), Algorithm::HS256);
    }
    let secret = fixture("keys/hs.key");
    let secret = EncodingKey::from_secret(secret.strip_suffix(b"\n").unwrap());
    let rsa = || EncodingKey::from_rsa_pem(&fixture("keys/rsa.pem")).unwrap();
    let ec = |name: &str| EncodingKey::from_ec_pem(&fixture(name)).unwrap();
    match how {
        "none" => String::new(),
        "HS256" => sign(&secret, Algorithm::HS256),
        "HS384" => sign(&secret, Algorithm::HS384),
        "HS512" => sign(&secret, Algorithm::HS512),
        "RS256" => sign(&rsa(), Algorithm::RS256),
        "RS384" => sign(&rsa(), Algorithm::RS384),
        "RS512" => sign(&rsa(), Algorithm::RS512),
        "PS256" => sign(&rsa(), Algorithm::PS256),
        "PS512" => sign(&rsa(), Algorithm::PS512),
        "ES256" => sign(&ec("keys/es256.pem"), Algorithm::ES256),
        "ES384" => sign(&ec("keys/es384.pem"), Algorithm::ES384),
        "EdDSA" => sign(&EncodingKey::from_ed_pem(&fixture("keys/ed.pem")).unwrap(), Algorithm::EdDSA),
        other => panic!("unknown signature `{other}`"),
    }
}

fn headers(case: &Case) -> HeaderMap {
    let default_header = || json!({ "alg": case.sign, "kid": case.sign.to_lowercase() }).to_string();
    let header = case.header.clone().unwrap_or_else(default_header);
    let payload = case.payload.clone().unwrap_or_else(|| {
        let mut claims = json!({
            "exp": NOW + 600, "iss": "https://issuer.example", "aud": "config", "sub": "u-1", "roles": ["admin"],
        });
        let text = case.claims.as_deref().unwrap_or("{}");
        let text = text.replace("PAD8K", &"x".repeat(8 << 10)).replace("PAD256", &"x".repeat(256));
        let text = text.replace("PAD257", &"x".repeat(257));
        let over: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
        for (name, value) in over {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(&name)),
                value => claims[name] = value,
            }
        }
        claims.to_string()
    });
    let (head, payload) = (URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
    let signature = sign(&case.sign, &format!("{head}.{payload}"));
    let token = format!("{head}.{payload}.{signature}");
    let values = case.authorization.clone().unwrap_or_else(|| vec!["Bearer {token}".to_owned()]);
    let mut headers = HeaderMap::new();
    for value in values {
        let value = value.replace("{token}", &token).replace("{head}", &head);
        let value = value.replace("{payload}", &payload).replace("{signature}", &signature);
        headers.append(AUTHORIZATION, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    headers
}

#[test]
fn every_case_of_the_table() {
    let table: Table = toml::from_str(&String::from_utf8(fixture("cases.toml")).unwrap()).unwrap();
    assert!(table.case.len() >= 100, "{} cases", table.case.len());
    let names: BTreeSet<_> = table.case.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), table.case.len(), "names are unique");
    let now = UNIX_EPOCH + Duration::from_secs(NOW);
    let mut wrong = Vec::new();
    for case in &table.case {
        let verifier = verifier(&case.set);
        let found = verifier.verify(&headers(case), now);
        // The second answer may come from what has been seen; it must be the first one.
        let again = verifier.verify(&headers(case), now);
        assert_eq!(again.is_ok(), found.is_ok(), "{}", case.name);
        let told = found.as_ref().map_or_else(|refused| format!("{refused:?}"), |_| "ok".to_owned());
        if told != case.expect {
            wrong.push(format!("{}: expected {}, found {told}", case.name, case.expect));
        } else if let Ok(identity) = found {
            let roles = case.roles.clone().unwrap_or_else(|| vec!["admin".to_owned()]);
            if identity.roles() != roles {
                wrong.push(format!("{}: expected {roles:?}, found {:?}", case.name, identity.roles()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn good_case(claims: &str) -> Case {
    Case {
        name: "good".to_owned(),
        expect: "ok".to_owned(),
        set: secret(),
        sign: hs256(),
        header: None,
        claims: Some(claims.to_owned()),
        payload: None,
        authorization: None,
        roles: None,
    }
}

fn bearer_of(token: &[u8]) -> HeaderMap {
    let value = [b"Bearer ".as_slice(), token].concat();
    HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_bytes(&value).unwrap())])
}

/// The token of a good case, accepted once by `verifier` and so held by it.
fn seen_token(verifier: &Verifier, claims: &str, now: u64) -> Vec<u8> {
    let headers = headers(&good_case(claims));
    let token = headers[AUTHORIZATION].as_bytes()[7..].to_vec();
    assert!(verifier.verify(&headers, UNIX_EPOCH + Duration::from_secs(now)).is_ok());
    assert!(verifier.seen.get(&token).is_some(), "the token is held");
    token
}

#[test]
fn a_seen_token_is_judged_by_the_clock_of_each_request() {
    let verifier = verifier("secret");
    let claims = format!("{{\"nbf\": {}}}", NOW - 60);
    let token = seen_token(&verifier, &claims, NOW);
    let at = |seconds: u64| {
        let found = verifier.verify(&bearer_of(&token), UNIX_EPOCH + Duration::from_secs(seconds));
        found.map(|identity| identity.subject().to_owned())
    };
    // It expires at NOW + 600, with 30 seconds of leeway on both ends.
    assert_eq!(at(NOW + 629).as_deref(), Ok("u-1"));
    assert_eq!(at(NOW + 630), Err(Refused::Expired));
    assert_eq!(at(NOW + 1_000_000), Err(Refused::Expired));
    assert_eq!(at(NOW - 90).as_deref(), Ok("u-1"));
    assert_eq!(at(NOW - 91), Err(Refused::NotYetValid));
}

#[test]
fn one_flipped_bit_of_a_seen_token_is_refused() {
    let verifier = verifier("secret");
    let token = seen_token(&verifier, "{}", NOW);
    let now = UNIX_EPOCH + Duration::from_secs(NOW);
    for index in 0..token.len() {
        for bit in [1, 2, 32] {
            let mut forged = token.clone();
            forged[index] ^= bit;
            let Ok(value) = HeaderValue::from_bytes(&[b"Bearer ".as_slice(), &forged].concat()) else {
                continue;
            };
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
            assert!(verifier.verify(&headers, now).is_err(), "byte {index}, bit {bit}");
            assert!(verifier.seen.get(&forged).is_none(), "byte {index}, bit {bit}");
        }
    }
    assert!(verifier.verify(&bearer_of(&token), now).is_ok());
    for cut in [&token[..token.len() - 1], &token[1..], b""] {
        assert!(verifier.verify(&bearer_of(cut), now).is_err());
    }
}

#[test]
fn a_seen_token_needs_its_scheme_and_its_only_header() {
    let verifier = verifier("secret");
    let token = seen_token(&verifier, "{}", NOW);
    let now = UNIX_EPOCH + Duration::from_secs(NOW);
    let mut twice = bearer_of(&token);
    twice.append(AUTHORIZATION, twice[AUTHORIZATION].clone());
    assert_eq!(verifier.verify(&twice, now).err(), Some(Refused::SeveralHeaders));
    let value = [b"Basic: ".as_slice(), &token].concat();
    let basic = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_bytes(&value).unwrap())]);
    assert_eq!(verifier.verify(&basic, now).err(), Some(Refused::Scheme));
}

#[test]
fn a_refused_token_is_not_held() {
    let verifier = verifier("secret");
    let headers = headers(&good_case(r#"{"aud": "other"}"#));
    let now = UNIX_EPOCH + Duration::from_secs(NOW);
    for _ in 0..2 {
        assert_eq!(verifier.verify(&headers, now).err(), Some(Refused::Audience));
    }
    assert!(verifier.seen.get(&headers[AUTHORIZATION].as_bytes()[7..]).is_none());
}

#[test]
fn weak_or_wrong_keys_are_refused() {
    use crate::layer::auth::keys::Key;
    let hs = fixture("keys/hs.key");
    let cases: [(&str, Vec<u8>, &str); 11] = [
        ("HS256", b"short".to_vec(), "at least 32"),
        ("HS256", vec![b'x'; 31], "31 bytes"),
        ("HS384", vec![b'x'; 47], "at least 48"),
        ("HS512", vec![b'x'; 63], "at least 64"),
        ("HS256", fixture("keys/rsa.pub.pem"), "found a PEM"),
        ("RS256", hs.clone(), "no public key"),
        ("RS256", fixture("keys/rsa1024.pub.pem"), "1024 bits"),
        ("ES256", fixture("keys/es384.pub.pem"), "another curve"),
        ("ES384", fixture("keys/es256.pub.pem"), "another curve"),
        ("EdDSA", fixture("keys/es256.pub.pem"), "no public key"),
        ("none", hs, "unknown algorithm"),
    ];
    for (algorithm, bytes, part) in cases {
        let Err(error) = Key::parse(algorithm, &bytes) else { panic!("{algorithm} {part}") };
        assert!(error.contains(part), "{algorithm}: {error}");
    }
}

#[test]
fn secrets_and_public_keys_never_share_a_set() {
    let config = |keys: &str| {
        let base = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/auth/keys");
        crate::Config::from_toml(&format!("[auth]\nkeys = [{keys}]")).unwrap().with_base(base)
    };
    let secret = "{ kid = \"a\", algorithm = \"HS256\", file = \"hs.key\" }";
    let public = "{ kid = \"b\", algorithm = \"RS256\", file = \"rsa.pub.pem\" }";
    assert!(KeySet::load(&config(secret)).is_ok());
    assert!(KeySet::load(&config(public)).is_ok());
    let error = |keys: &str| KeySet::load(&config(keys)).unwrap_err().to_string();
    assert!(error(&format!("{secret}, {public}")).contains("cannot be in one set"));
    assert!(error(&format!("{secret}, {secret}")).contains("used twice"));
    assert!(error("{ kid = \"\", algorithm = \"HS256\", file = \"hs.key\" }").contains("`kid`"));
    let missing = error("{ kid = \"a\", algorithm = \"HS256\", file = \"missing.key\" }");
    assert!(missing.contains("service.toml:2") && missing.contains("missing.key"), "{missing}");
}
