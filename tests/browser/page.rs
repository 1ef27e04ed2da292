//! As much of a browser as the sign-in needs: gets a page, fills its form in, and says where it was sent next.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// `None` where nobody answers.
pub fn get(address: &str) -> Option<Page> {
    send("GET", address, "")
}

pub fn post(address: &str, form: &[(String, String)]) -> Option<Page> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let form: Vec<String> = form.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    send("POST", address, &form.join("&"))
}

fn send(method: &str, address: &str, body: &str) -> Option<Page> {
    let rest = address.strip_prefix("http://").unwrap();
    let (host, target) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = format!(
        "{method} /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAccept: text/html\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned()));
    Some(Page { status, headers: headers.collect(), body: body.to_owned() })
}

/// Opens the sign-in page, fills name and password in, and says where the page sends the browser then.
pub fn log_in(address: &str, name: &str, password: &str) -> Result<String, Page> {
    let login = get(address).unwrap();
    if let Some(next) = login.headers.get("location") {
        return Ok(next.clone());
    }
    let mut form = hidden(&login.body);
    assert!(!form.is_empty(), "no form: {login:?}");
    form.extend([("username", name), ("password", password)].map(|(name, value)| (name.into(), value.into())));
    let base = &address[..address.find("/oauth2").unwrap()];
    let answer = post(&format!("{base}/login"), &form).unwrap();
    answer.headers.get("location").cloned().ok_or(answer)
}

/// The hidden fields of the form.
fn hidden(html: &str) -> Vec<(String, String)> {
    let value = |tag: &str, name: &str| {
        let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
        Some(tag[start..].split('"').next().unwrap_or_default().replace("&amp;", "&"))
    };
    let tags = html.split('<').filter(|tag| tag.starts_with("input type=\"hidden\""));
    tags.filter_map(|tag| Some((value(tag, "name")?, value(tag, "value")?))).collect()
}

/// One part of an address's query.
pub fn part(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let value = query.split('&').filter_map(|part| part.split_once('=')).find(|(given, _)| *given == name)?.1;
    Some(percent_decode_str(value).decode_utf8().unwrap().into_owned())
}
