//! Printers that announce themselves in the network or on USB (DNS-SD, RFC 6763), as Avahi sees them.
//!
//! `avahi-browse` is asked and no resolver of our own: where Avahi runs it knows the answers already, and two listeners
//! on one port disturb each other. Where it is not installed, printers are those of CUPS, and any by its address.

use std::collections::BTreeMap;
use std::time::Duration;

use super::commands::{Ran, run};
use super::cups;
use super::wire::Stop;

/// How long is listened.
const LISTEN: Duration = Duration::from_secs(2);
/// Printers that are taken, at most.
const MOST: usize = 50;

/// A printer that announced itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// The name it has in the network.
    pub name: String,
    /// Its address, encrypted where it offers that.
    pub uri: String,
    /// The path below the host: a queue of a print server is `printers/NAME`.
    pub path: String,
}

/// Listens for a moment.
#[must_use]
pub fn find(stop: Stop<'_>) -> Vec<Announced> {
    let listen = |kind: &str| match run("avahi-browse", &["-rptk", kind], LISTEN, stop) {
        Ran::Ended { out, .. } | Ran::Cut(out) => out,
        Ran::NotInstalled => String::new(),
    };
    let (plain, encrypted) = std::thread::scope(|scope| {
        let plain = scope.spawn(|| listen("_ipp._tcp"));
        (listen("_ipps._tcp"), plain.join().unwrap_or_default())
    });
    read(&[plain, encrypted].concat(), &|host, port| {
        use std::net::ToSocketAddrs as _;
        (host, port).to_socket_addrs().is_ok_and(|mut found| found.next().is_some())
    })
}

/// From what `avahi-browse -p` prints; `known` says whether a host's name can be resolved here.
pub(super) fn read(text: &str, known: &dyn Fn(&str, u16) -> bool) -> Vec<Announced> {
    let mut found: BTreeMap<String, Announced> = BTreeMap::new();
    let mut lines: Vec<Vec<&str>> = text.lines().map(|line| line.splitn(10, ';').collect()).collect();
    // Those that encrypt come first, then those of this computer, IPv4 before IPv6; the first of a name is kept.
    let is = |fields: &[&str], at: usize, what: &str| fields.get(at).is_some_and(|field| *field == what);
    lines.sort_by_key(|fields| (!is(fields, 4, "_ipps._tcp"), !is(fields, 1, "lo"), !is(fields, 2, "IPv4")));
    for fields in lines {
        let &["=", _, _, name, kind, _, host, address, port, records] = fields.as_slice() else { continue };
        let (name, Ok(port)) = (super::plain(&unescaped(name)), port.parse::<u16>()) else { continue };
        let path = records.split('"').find_map(|record| record.strip_prefix("rp=")).unwrap_or("ipp/print");
        let path = path.trim_start_matches('/').to_owned();
        let host = host.trim_end_matches('.');
        let host = match address.parse::<std::net::IpAddr>() {
            Ok(address) if address.is_loopback() => "localhost".to_owned(),
            // A name outlives the address that a router gave for a day.
            _ if known(host, port) => host.to_owned(),
            Ok(std::net::IpAddr::V6(v6)) => format!("[{v6}]"),
            Ok(address) => address.to_string(),
            Err(_) => continue,
        };
        let scheme = if kind == "_ipps._tcp" { "ipps" } else { "ipp" };
        let uri = format!("{scheme}://{host}:{port}/{path}");
        if name.is_empty() || cups::by_address(&uri).is_err() || found.len() >= MOST {
            continue;
        }
        found.entry(name.clone()).or_insert(Announced { name, uri, path });
    }
    found.into_values().collect()
}

/// `\032` is a space, `\.` a dot.
fn unescaped(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let number = (bytes[at] == b'\\').then(|| text.get(at + 1..at + 4)).flatten();
        match number.and_then(|number| number.parse::<u8>().ok()) {
            Some(byte) => {
                out.push(byte);
                at += 4;
            }
            None if bytes[at] == b'\\' && at + 1 < bytes.len() => {
                out.push(bytes[at + 1]);
                at += 2;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_are_read_and_encryption_is_preferred() {
        let text = "+;eth0;IPv4;Photo\\032Jet;_ipp._tcp;local\n\
            =;eth0;IPv6;Photo\\032Jet;_ipp._tcp;local;jet.local;fe80::1;631;\"rp=ipp/print\" \"ty=Photo Jet\"\n\
            =;eth0;IPv4;Photo\\032Jet;_ipp._tcp;local;jet.local;192.168.1.7;631;\"rp=ipp/print\"\n\
            =;eth0;IPv4;Photo\\032Jet;_ipps._tcp;local;jet.local;192.168.1.7;443;\"ty=x\" \"rp=ipp/print\"\n\
            =;lo;IPv4;B\\195\\188ro\\059\\032USB;_ipp._tcp;local;me.local;127.0.0.1;60000;\"rp=ipp/print\"\n\
            =;eth0;IPv4;Evil;_ipp._tcp;local;a b;10.0.0.9;631;\"rp=x\r\nHost: y\"\n\
            =;eth0;IPv4;Evil2;_ipp._tcp;local;ok.local;10.0.0.9;99999;\"rp=x\"\n=;;;\n;\n";
        let found = read(text, &|host, _| host == "jet.local");
        let shown: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.uri.as_str())).collect();
        // What stands behind a line break belongs to nobody.
        let expected = [
            ("Büro; USB", "ipp://localhost:60000/ipp/print"),
            ("Evil", "ipp://10.0.0.9:631/x"),
            ("Photo Jet", "ipps://jet.local:443/ipp/print"),
        ];
        assert_eq!(shown, expected);
    }
}
