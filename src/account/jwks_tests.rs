//! Id tokens of every wrong kind, made with two test keys (`tests/keys/README.md`).

use jsonwebtoken::{EncodingKey, Header as JwtHeader, encode};
use serde_json::{Value, json};

use super::*;

const KEY_ONE: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/test-key-one.der"));
const KEY_TWO: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/test-key-two.der"));
const JWK_ONE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/test-key-one.jwk.json"));
const ISSUER: &str = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Test";
const NOW_S: i64 = 1_800_000_000;

fn jwk() -> Value {
    serde_json::from_str(JWK_ONE).unwrap()
}

fn jwks() -> Vec<u8> {
    set(&[json!({"kty": "EC", "kid": "ec", "crv": "P-256", "x": "AA", "y": "AA"}), json!("no key"), jwk()])
}

fn set(keys: &[Value]) -> Vec<u8> {
    json!({ "keys": keys }).to_string().into_bytes()
}

fn claims() -> Value {
    json!({
        "sub": "5f0c-1", "iss": ISSUER, "aud": "client1", "token_use": "id", "nonce": "the-nonce",
        "iat": NOW_S - 1, "auth_time": NOW_S - 2, "exp": NOW_S + 3600, "email": "ann@example.org", "new": [1],
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn header(algorithm: Algorithm, kid: Option<&str>) -> JwtHeader {
    JwtHeader { kid: kid.map(ToOwned::to_owned), ..JwtHeader::new(algorithm) }
}

fn signed(claims: &Value) -> Secret {
    let header = header(Algorithm::RS256, Some("test-one"));
    Secret::new(encode(&header, claims, &EncodingKey::from_rsa_der(KEY_ONE)).unwrap())
}

fn check_at(token: &Secret, now_s: i64) -> Result<Claims, Doubt> {
    let nonce = Secret::from("the-nonce");
    let expected = Expected { issuer: ISSUER, audience: "client1", nonce: Some(&nonce), access: None };
    check_id_token(&jwks(), token, &expected, Timestamp(now_s * 1000))
}

fn doubt(token: &Secret) -> Doubt {
    check_at(token, NOW_S).unwrap_err()
}

fn raw(header: &str, claims: &Value, signature: &str) -> Secret {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    Secret::new(format!("{}.{}.{signature}", encode(header), encode(&claims.to_string())))
}

#[test]
fn a_right_token_says_who() {
    let claims = check_at(&signed(&claims()), NOW_S).unwrap();
    assert_eq!((claims.sub.as_str(), claims.email.expose()), ("5f0c-1", "ann@example.org"));
}

#[test]
fn each_claim_is_checked() {
    for (name, value, expected) in [
        ("iss", json!("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Tesu"), Doubt::Issuer),
        ("iss", json!([ISSUER]), Doubt::NoToken),
        ("iss", Value::Null, Doubt::NoToken),
        ("aud", json!("client2"), Doubt::Audience),
        ("aud", json!(["client1", "client2"]), Doubt::Audience),
        ("aud", Value::Null, Doubt::Audience),
        ("token_use", json!("access"), Doubt::Use),
        ("token_use", json!(""), Doubt::Use),
        ("nonce", json!("another-nonce"), Doubt::Nonce),
        ("nonce", json!(""), Doubt::Nonce),
        ("nonce", Value::Null, Doubt::Nonce),
        ("exp", Value::Null, Doubt::NoToken),
        ("exp", json!("soon"), Doubt::NoToken),
        ("exp", json!(i64::MIN), Doubt::Expired(1)),
        ("nbf", json!(i64::MAX), Doubt::NotYet(NOW_S - i64::MAX)),
        ("sub", json!(""), Doubt::NoToken),
        ("sub", json!("a b"), Doubt::NoToken),
    ] {
        assert_eq!(doubt(&signed(&with(name, value.clone()))), expected, "{name} {value}");
    }
    for missing in ["iss", "aud", "token_use", "nonce", "exp", "sub"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(missing);
        assert!(check_at(&signed(&claims), NOW_S).is_err(), "{missing}");
    }
}

#[test]
fn clocks_may_differ_by_five_minutes() {
    let token = signed(&claims());
    let end = NOW_S + 3600;
    assert!(check_at(&token, end + LEEWAY_S - 1).is_ok());
    assert_eq!(check_at(&token, end + LEEWAY_S), Err(Doubt::Expired(3600 + LEEWAY_S + 1)));
    let issue = NOW_S - 1;
    assert!(check_at(&token, issue - LEEWAY_S).is_ok());
    assert_eq!(check_at(&token, issue - LEEWAY_S - 1), Err(Doubt::NotYet(-LEEWAY_S - 1)));
    assert_eq!(check_at(&signed(&with("nbf", json!(NOW_S + 900))), NOW_S), Err(Doubt::NotYet(-900)));
    assert_eq!(AccountError::from(Doubt::Expired(7200)).trouble, Trouble::ClockOff(7200));
}

#[test]
fn only_the_pools_own_signature_counts() {
    let rsa = |key: &[u8], algorithm, kid| {
        Secret::new(encode(&header(algorithm, kid), &claims(), &EncodingKey::from_rsa_der(key)).unwrap())
    };
    let one = Some("test-one");
    assert_eq!(doubt(&rsa(KEY_TWO, Algorithm::RS256, one)), Doubt::Signature, "another pool's key under our name");
    assert_eq!(doubt(&rsa(KEY_TWO, Algorithm::RS256, Some("test-two"))), Doubt::UnknownKey);
    assert_eq!(doubt(&rsa(KEY_ONE, Algorithm::RS256, None)), Doubt::UnknownKey);
    assert_eq!(doubt(&rsa(KEY_ONE, Algorithm::RS256, Some(""))), Doubt::UnknownKey);
    assert_eq!(doubt(&rsa(KEY_ONE, Algorithm::RS256, Some("ec"))), Doubt::UnknownKey);
    for other in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        assert_eq!(doubt(&rsa(KEY_ONE, other, one)), Doubt::Algorithm, "{other:?}");
    }
    let good = signed(&claims());
    let (message, signature) = good.expose().rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let other = URL_SAFE_NO_PAD.encode(with("sub", json!("somebody-else")).to_string());
    assert_eq!(doubt(&Secret::new(format!("{header}.{other}.{signature}"))), Doubt::Signature);
    assert_eq!(doubt(&Secret::new(format!("{message}.{}", &signature[..signature.len() - 4]))), Doubt::Signature);
    assert_eq!(doubt(&Secret::new(format!("{message}.!{signature}"))), Doubt::Signature);
    assert_eq!(doubt(&Secret::new(format!("{message}."))), Doubt::Signature);
}

#[test]
fn a_token_does_not_choose_how_it_is_checked() {
    for none in ["none", "None", "NONE", "", "rs256"] {
        let token = raw(&json!({"alg": none, "kid": "test-one"}).to_string(), &claims(), "");
        assert_eq!(doubt(&token), Doubt::Algorithm, "{none:?}");
    }
    // HMAC with what everybody can read as its secret.
    let public = jwk();
    let modulus = public["n"].as_str().unwrap();
    for secret in [modulus.as_bytes(), &URL_SAFE_NO_PAD.decode(modulus).unwrap(), JWK_ONE.trim().as_bytes()] {
        let header = header(Algorithm::HS256, Some("test-one"));
        let token = encode(&header, &claims(), &EncodingKey::from_secret(secret)).unwrap();
        assert_eq!(doubt(&Secret::new(token)), Doubt::Algorithm);
    }
    // A key that the token brings along, and an extension that must be understood.
    let brought = json!({"alg": "RS256", "kid": "test-two", "jwk": jwk(), "jku": "https://keys.example/"});
    assert_eq!(doubt(&raw(&brought.to_string(), &claims(), "c2ln")), Doubt::UnknownKey);
    let critical = json!({"alg": "RS256", "kid": "test-one", "crit": ["exp"]});
    assert_eq!(doubt(&raw(&critical.to_string(), &claims(), "c2ln")), Doubt::Algorithm);
}

#[test]
fn what_is_no_token_is_doubt_and_no_panic() {
    let good = signed(&claims());
    let long = "x".repeat(100_000);
    let longest = format!("{}.{long}", good.expose().rsplit_once('.').unwrap().0);
    for text in ["", ".", "..", "a.b", "a.b.c", "e30.e30.e30", "....", "é.é.é", &long, &longest, "null", "{}"] {
        assert_eq!(doubt(&Secret::from(text)), Doubt::NoToken, "{}", &text.chars().take(20).collect::<String>());
    }
    for cut in 0..good.expose().len() {
        assert!(check_at(&Secret::from(&good.expose()[..cut]), NOW_S).is_err(), "cut at {cut}");
    }
    assert_eq!(doubt(&Secret::new(format!("{}.x", good.expose()))), Doubt::NoToken);
}

#[test]
fn keys_that_are_no_keys_are_named() {
    let expected = Expected { issuer: ISSUER, audience: "client1", nonce: None, access: None };
    let token = signed(&claims());
    let check = |jwks: &[u8]| check_id_token(jwks, &token, &expected, Timestamp(NOW_S * 1000)).unwrap_err();
    let no_keys: [&[u8]; 7] = [
        b"",
        b"<html><body>Sign in to the hotel</body></html>",
        b"{\"keys\":[",
        b"{}",
        b"[]",
        b"{\"keys\":7}",
        b"\xff",
    ];
    for jwks in no_keys {
        assert_eq!(check(jwks), Doubt::NoKeys, "{}", String::from_utf8_lossy(jwks));
    }
    assert_eq!(check(&set(&vec![jwk(); MOST_KEYS + 1])), Doubt::NoKeys);
    assert_eq!(check(b"{\"keys\":[]}"), Doubt::UnknownKey);
    let changed = |name: &str, value: &str| {
        let mut key = jwk();
        key[name] = json!(value);
        check(&set(&[key]))
    };
    for (name, value, doubt) in [
        ("kty", "EC", Doubt::UnknownKey),
        ("kty", "oct", Doubt::UnknownKey),
        ("use", "enc", Doubt::UnknownKey),
        ("alg", "RS512", Doubt::UnknownKey),
        ("n", "AQAB", Doubt::BadKey),
        ("n", "", Doubt::BadKey),
        ("n", "!", Doubt::BadKey),
        ("e", "!", Doubt::BadKey),
        ("e", "", Doubt::Signature),
        ("e", "AQ", Doubt::Signature),
    ] {
        assert_eq!(changed(name, value), doubt, "{name} {value}");
    }
}

#[test]
fn the_access_token_beside_it_must_be_the_one_it_names() {
    // The example of OpenID Connect Core 1.0, appendix A.3, whose access token and hash belong together.
    let access = Secret::from("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    let other = Secret::from("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Z");
    let token = signed(&with("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ")));
    let check = |access| {
        let expected = Expected { issuer: ISSUER, audience: "client1", nonce: None, access: Some(access) };
        check_id_token(&jwks(), &token, &expected, Timestamp(NOW_S * 1000)).map(|claims| claims.sub)
    };
    assert_eq!(check(&access), Ok("5f0c-1".to_owned()));
    assert_eq!(check(&other), Err(Doubt::Access));
}
