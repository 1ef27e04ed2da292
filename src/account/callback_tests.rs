//! Requests of every kind, as bytes.

use std::sync::atomic::AtomicBool;

use proptest::prelude::*;

use super::*;

const STATE: &str = "the-state_of-this-sign-in";

fn rules() -> Rules {
    Rules { port: 47801, state: STATE.into(), used: AtomicBool::new(false) }
}

fn request(line: &str, fields: &str) -> String {
    format!("{line} HTTP/1.1\r\n{fields}\r\n")
}

fn judged(bytes: &[u8]) -> Option<Verdict> {
    judge(bytes, &rules())
}

/// What a GET of an address with the right `Host` comes to.
fn got(target: &str) -> Verdict {
    judged(request(&format!("GET {target}"), "Host: localhost:47801\r\nCookie: a=b\r\n").as_bytes()).unwrap()
}

#[track_caller]
fn refused(verdict: &Verdict) -> u16 {
    let Verdict::Refuse(page) = verdict else { panic!("was believed: {verdict:?}") };
    check_page(page)
}

/// The status of a page that has all it should have.
#[track_caller]
fn check_page(page: &str) -> u16 {
    let (head, body) = page.split_once("\r\n\r\n").unwrap();
    for field in [
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        "Content-Type: text/html; charset=utf-8",
        &format!("Content-Length: {}", body.len()),
    ] {
        assert!(head.lines().any(|line| line == field), "{field}\n{head}");
    }
    assert!(!body.contains("<script") && !body.contains(STATE));
    head.split(' ').nth(1).unwrap().parse().unwrap()
}

#[track_caller]
fn code(verdict: &Verdict) -> &str {
    match verdict {
        Verdict::Answer(Answer::Code(code)) => code.expose(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_right_callback_gives_its_code() {
    assert_eq!(code(&got(&format!("/callback?code=a-b&state={STATE}"))), "a-b");
    assert_eq!(code(&got(&format!("/callback?state={STATE}&session_state=7&code=a%2Bb+c%25&x"))), "a+b c%");
    let shown = format!("{:?}", got(&format!("/callback?code=hidden-code&state={STATE}")));
    assert!(!shown.contains("hidden-code"), "{shown}");
    for host in ["127.0.0.1:47801", "[::1]:47801", "LOCALHOST:47801"] {
        let bytes = request(&format!("GET /callback?code=c&state={STATE}"), &format!("hOsT:{host}\r\n"));
        assert_eq!(code(&judged(bytes.as_bytes()).unwrap()), "c", "{host}");
    }
}

#[test]
fn forged_callbacks_are_refused() {
    let half = &STATE[..STATE.len() - 1];
    let changed = format!("{half}X");
    for query in [
        String::new(),
        "?".into(),
        "?code=c".into(),
        "?code=c&state=".into(),
        format!("?code=c&state={half}"),
        format!("?code=c&state={changed}"),
        format!("?code=c&state={STATE}x"),
        format!("?code=c&state={}", STATE.to_ascii_uppercase()),
        format!("?code=c&state={STATE}&state={STATE}"),
        format!("?code=c&state=x&state={STATE}"),
        format!("?code=c&code=d&state={STATE}"),
        format!("?state={STATE}"),
        format!("?code=&state={STATE}"),
        format!("?code=c&error=access_denied&state={STATE}"),
        format!("?code=%ff&state={STATE}"),
        format!("?Code=c&state={STATE}"),
        "?error=access_denied".into(),
        "?error=access_denied&state=x".into(),
        format!("#code=c&state={STATE}"),
    ] {
        let status = refused(&got(&format!("/callback{query}")));
        assert!(status == 400 || query.starts_with('#'), "{query}: {status}");
    }
}

#[test]
fn other_pages_methods_and_hosts_are_refused() {
    let right = format!("/callback?code=c&state={STATE}");
    for path in ["/", "/favicon.ico", "/callback/", "/Callback", "//callback", "/callback/../callback", "*"] {
        assert_eq!(refused(&got(&format!("{path}?code=c&state={STATE}"))), 404, "{path}");
    }
    for method in ["POST", "HEAD", "PUT", "OPTIONS", "get"] {
        let bytes = request(&format!("{method} {right}"), "Host: localhost:47801\r\nContent-Length: 0\r\n");
        let verdict = judged(bytes.as_bytes()).unwrap();
        assert_eq!(refused(&verdict), 405, "{method}");
        assert!(matches!(verdict, Verdict::Refuse(page) if page.contains("\r\nAllow: GET\r\n")));
    }
    for fields in [
        "",
        "Host: \r\n",
        "Host: localhost\r\n",
        "Host: localhost:47802\r\n",
        "Host: evil.example:47801\r\n",
        "Host: localhost.evil.example:47801\r\n",
        "Host: localhost:47801.evil.example\r\n",
        "Host: 127.0.0.1:47801@evil\r\n",
        "Host: 0.0.0.0:47801\r\n",
        "Host: localhost:47801\r\nHost: localhost:47801\r\n",
        "Host: \u{ff}\r\n",
        "X-Forwarded-Host: localhost:47801\r\n",
    ] {
        assert_eq!(refused(&judged(request(&format!("GET {right}"), fields).as_bytes()).unwrap()), 421, "{fields:?}");
    }
}

#[test]
fn an_error_with_our_state_ends_it_in_words() {
    let verdict = got(&format!("/callback?error=access_denied&error_description=No%0d%0a%3Cb%3E+thanks&state={STATE}"));
    let Verdict::Answer(Answer::Error { code, description }) = verdict else { panic!("{verdict:?}") };
    assert_eq!((code.as_str(), description.as_str()), ("access_denied", "No <b> thanks"));
    let named = got(&format!("/callback?error=e&error_description=ann%40example.org+is+unknown&state={STATE}"));
    assert!(matches!(named, Verdict::Answer(Answer::Error { description, .. }) if description == "… is unknown"));
    let long = got(&format!("/callback?error={}&state={STATE}", "x".repeat(5000)));
    assert!(matches!(long, Verdict::Answer(Answer::Error { code, .. }) if code.len() == MOST_WORDS));
}

#[test]
fn what_is_said_to_a_person_is_escaped() {
    let page = not_signed_in("<script>alert(\"1\")</script> & 'so on'");
    assert_eq!(check_page(&page), 200);
    assert!(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;so on&#39;"));
    assert_eq!(check_page(&signed_in()), 200);
    assert!(signed_in().contains("You are signed in. You can close this page and go back to Lightkeep."));
    assert_eq!(refused(&used()), 409);
}

#[test]
fn a_head_is_bounded_and_awaited_to_its_end() {
    let whole = request(&format!("GET /callback?code=c&state={STATE}"), "Host: localhost:47801\r\n");
    for cut in 0..whole.len() {
        assert!(judged(&whole.as_bytes()[..cut]).is_none(), "cut at {cut}");
    }
    let endless = format!("GET /callback?code={} HTTP/1.1\r\n", "x".repeat(MOST_HEAD));
    assert!(judged(&endless.as_bytes()[..MOST_HEAD - 1]).is_none());
    assert_eq!(refused(&judged(&endless.as_bytes()[..MOST_HEAD]).unwrap()), 431);
    let many = request("GET /callback", &"A: b\r\n".repeat(MOST_FIELDS + 1));
    assert_eq!(refused(&judged(many.as_bytes()).unwrap()), 431);
    let cookies = format!("Host: localhost:47801\r\nCookie: {}\r\n", "x".repeat(16 << 10));
    let bytes = request(&format!("GET /callback?code=c&state={STATE}"), &cookies);
    assert_eq!(code(&judged(bytes.as_bytes()).unwrap()), "c", "cookies of other programs on localhost are no harm");
    // A browser that was told to use TLS.
    assert_eq!(refused(&judged(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").unwrap()), 400);
}

proptest! {
    #[test]
    fn no_bytes_are_believed_or_make_it_panic(bytes: Vec<u8>, query in "[ -~]{0,80}") {
        for bytes in [bytes, request(&format!("GET /callback?{query}"), "Host: localhost:47801\r\n").into_bytes()] {
            if let Some(verdict) = judged(&bytes) {
                prop_assert!(matches!(verdict, Verdict::Refuse(_)));
            }
        }
    }
}
