//! What a program has to know to reach somebody's account: none of it is secret. One line holds it all, to be handed
//! to family or colleagues, pasted, or read from a QR code.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::policy::PasswordPolicy;

/// How a settings line begins; the number is the version of its format.
const SCHEME: &str = "lightkeep:1?";
/// No settings line is longer than this, in bytes.
const MOST_LINE: usize = 4096;
/// First part of every key where there is no identity id.
pub const DEFAULT_PREFIX: &str = "lightkeep";
/// The ports of the addresses to which the browser may come back (`http://localhost:PORT/callback`). The template
/// names the same ones; a second and a third are there for when another program has the first.
pub const CALLBACK_PORTS: [u16; 3] = [47801, 47802, 47803];

/// Stays as it is in a settings line: what addresses and names are made of.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b'/');

/// Where photos are stored beside this computer.
#[allow(clippy::large_enum_variant, reason = "a library has one")]
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// Nowhere else.
    #[default]
    ThisComputer,
    /// In somebody's own AWS, behind a Cognito sign-in.
    Aws(AwsSettings),
    /// On an S3-compatible server, or in AWS with keys of one's own.
    Remote(RemoteSettings),
}

/// `[aws]`: an account that `lightkeep cloud deploy` built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsSettings {
    /// AWS region, such as `eu-central-1`.
    pub region: String,
    /// User pool id, such as `eu-central-1_AbCdEf123`.
    pub user_pool: String,
    /// App client id.
    pub client: String,
    /// Identity pool id, such as `eu-central-1:uuid`.
    pub identity_pool: String,
    /// Bucket name.
    pub bucket: String,
    /// Account id of the bucket's owner (12 digits), so that no stranger's bucket is ever taken for it.
    pub bucket_owner: String,
    /// Address of the managed login pages, where the pool has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// What the pool asks of a password.
    #[serde(default)]
    pub password: PasswordPolicy,
    /// Other addresses than AWS's own, for stand-in servers and private endpoints.
    #[serde(default, skip_serializing_if = "Endpoints::is_default")]
    pub endpoints: Endpoints,
    /// Who was signed in last on this library (the `sub` claim); names the entry in the keyring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// That user's identity id, so that keys stay the same also while offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

/// `[aws.endpoints]`: where a service is that is not at AWS's own address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Endpoints {
    /// Every service that is not named below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<String>,
    /// Cognito user pools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_pools: Option<String>,
    /// Cognito identity pools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_pools: Option<String>,
    /// S3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3: Option<String>,
    /// Rekognition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rekognition: Option<String>,
    /// The whole address of the pool's public keys (JWKS).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<String>,
    /// Who says to have issued the tokens (the `iss` claim).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl Endpoints {
    /// Whether AWS's own addresses are meant everywhere.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    fn each(&self) -> [(&'static str, &Option<String>); 7] {
        [
            ("endpoint", &self.all),
            ("endpoint-pools", &self.user_pools),
            ("endpoint-identity", &self.identity_pools),
            ("endpoint-s3", &self.s3),
            ("endpoint-rekognition", &self.rekognition),
            ("jwks", &self.jwks),
            ("issuer", &self.issuer),
        ]
    }
}

/// `[remote]`: an S3-compatible server, or a bucket in AWS, without Cognito.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteSettings {
    /// Address of the server; absent means AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Region; many servers take any.
    pub region: String,
    /// Bucket name.
    pub bucket: String,
    /// Whether the bucket is named in the path rather than in the host name.
    #[serde(default)]
    pub path_style: bool,
    /// A profile of the AWS configuration files; absent means that the keys lie in the keyring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// First part of every key.
    #[serde(default = "default_prefix")]
    pub prefix: String,
}

fn default_prefix() -> String {
    DEFAULT_PREFIX.to_owned()
}

/// What is wrong with settings, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// It is something else.
    #[error("this is not a Lightkeep settings line, which begins with \"lightkeep:1?region=\"")]
    NotALine,
    /// It is of a version that this program does not know.
    #[error("this settings line is of a newer Lightkeep")]
    TooNew,
    /// A part is missing.
    #[error("the settings line lacks \"{0}\"; was it copied whole?")]
    Missing(&'static str),
    /// A part is there twice.
    #[error("the settings line has \"{0}\" twice")]
    Twice(String),
    /// A part cannot be right.
    #[error("{what} cannot be right: {why}")]
    Wrong {
        /// Which part.
        what: &'static str,
        /// Why.
        why: String,
    },
}

fn wrong(what: &'static str, why: impl Into<String>) -> SettingsError {
    SettingsError::Wrong { what, why: why.into() }
}

impl AwsSettings {
    /// Everything as one line, to be handed on.
    #[must_use]
    pub fn line(&self) -> String {
        let mut parts = vec![
            ("region", self.region.clone()),
            ("pool", self.user_pool.clone()),
            ("client", self.client.clone()),
            ("identity", self.identity_pool.clone()),
            ("bucket", self.bucket.clone()),
            ("owner", self.bucket_owner.clone()),
            ("password", self.password.short()),
        ];
        parts.extend(self.login.clone().map(|login| ("login", login)));
        parts.extend(self.endpoints.each().into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        let parts: Vec<String> =
            parts.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, PLAIN))).collect();
        format!("{SCHEME}{}", parts.join("&"))
    }

    /// Reads a line, with white space around it and line breaks inside it as mail programs make them. Parts that this
    /// version does not know are passed over.
    ///
    /// # Errors
    /// [`SettingsError`], in words for whoever pasted it.
    pub fn from_line(text: &str) -> Result<Self, SettingsError> {
        if text.len() > MOST_LINE {
            return Err(SettingsError::NotALine);
        }
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let Some(rest) = text.strip_prefix(SCHEME) else {
            let newer = text.strip_prefix("lightkeep:").and_then(|rest| rest.split_once('?'));
            let newer = newer.is_some_and(|(version, _)| version.parse::<u32>().is_ok_and(|version| version > 1));
            return Err(if newer { SettingsError::TooNew } else { SettingsError::NotALine });
        };
        let mut parts = std::collections::BTreeMap::new();
        for part in rest.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(SettingsError::NotALine)?;
            let value = percent_decode_str(value).decode_utf8().map_err(|_| SettingsError::NotALine)?.into_owned();
            if parts.insert(name.to_owned(), value).is_some() {
                return Err(SettingsError::Twice(name.to_owned()));
            }
        }
        let mut take = |name: &'static str| parts.remove(name).filter(|value| !value.is_empty());
        let password = match take("password") {
            None => PasswordPolicy::default(),
            Some(short) => PasswordPolicy::from_short(&short).ok_or_else(|| wrong("the password policy", short))?,
        };
        let settings = Self {
            region: take("region").ok_or(SettingsError::Missing("region"))?,
            user_pool: take("pool").ok_or(SettingsError::Missing("pool"))?,
            client: take("client").ok_or(SettingsError::Missing("client"))?,
            identity_pool: take("identity").ok_or(SettingsError::Missing("identity"))?,
            bucket: take("bucket").ok_or(SettingsError::Missing("bucket"))?,
            bucket_owner: take("owner").ok_or(SettingsError::Missing("owner"))?,
            login: take("login"),
            password,
            endpoints: Endpoints {
                all: take("endpoint"),
                user_pools: take("endpoint-pools"),
                identity_pools: take("endpoint-identity"),
                s3: take("endpoint-s3"),
                rekognition: take("endpoint-rekognition"),
                jwks: take("jwks"),
                issuer: take("issuer"),
            },
            user: None,
            identity: None,
        };
        settings.check()?;
        Ok(settings)
    }

    /// Whether every part can be right.
    ///
    /// # Errors
    /// [`SettingsError::Wrong`] for the first that cannot.
    pub fn check(&self) -> Result<(), SettingsError> {
        check_region(&self.region)?;
        let of_region = |value: &str, separator: char| {
            value.strip_prefix(&self.region).and_then(|rest| rest.strip_prefix(separator)).is_some_and(|rest| {
                !rest.is_empty() && rest.len() <= 64 && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            })
        };
        if !of_region(&self.user_pool, '_') {
            return Err(wrong("the user pool", format!("\"{}\" is not one of {}", self.user_pool, self.region)));
        }
        if !of_region(&self.identity_pool, ':') {
            return Err(wrong(
                "the identity pool",
                format!("\"{}\" is not one of {}", self.identity_pool, self.region),
            ));
        }
        if self.client.is_empty() || self.client.len() > 128 || !self.client.chars().all(|c| c.is_ascii_alphanumeric())
        {
            return Err(wrong("the app client", format!("\"{}\"", self.client)));
        }
        check_bucket(&self.bucket)?;
        if self.bucket_owner.len() != 12 || !self.bucket_owner.chars().all(|c| c.is_ascii_digit()) {
            return Err(wrong("the bucket's owner", format!("\"{}\" is not a 12-digit account id", self.bucket_owner)));
        }
        if let Some(login) = &self.login {
            check_endpoint("the address of the sign-in page", login)?;
        }
        for (_, address) in self.endpoints.each().into_iter().filter(|(name, _)| *name != "issuer") {
            if let Some(address) = address {
                check_endpoint("an endpoint", address)?;
            }
        }
        Ok(())
    }

    /// Who must have issued the tokens.
    #[must_use]
    pub fn issuer(&self) -> String {
        let named = self.endpoints.issuer.clone();
        named.unwrap_or_else(|| format!("https://cognito-idp.{}.amazonaws.com/{}", self.region, self.user_pool))
    }

    /// Where the pool's public keys are.
    #[must_use]
    pub fn jwks_address(&self) -> String {
        let keys = |base: &str| format!("{}/{}/.well-known/jwks.json", base.trim_end_matches('/'), self.user_pool);
        match (&self.endpoints.jwks, self.endpoints.user_pools.as_ref().or(self.endpoints.all.as_ref())) {
            (Some(jwks), _) => jwks.clone(),
            (None, Some(base)) => keys(base),
            (None, None) => keys(&format!("https://cognito-idp.{}.amazonaws.com", self.region)),
        }
    }
}

impl RemoteSettings {
    /// Whether every part can be right.
    ///
    /// # Errors
    /// [`SettingsError::Wrong`] for the first that cannot.
    pub fn check(&self) -> Result<(), SettingsError> {
        check_region(&self.region)?;
        check_bucket(&self.bucket)?;
        if let Some(endpoint) = &self.endpoint {
            check_endpoint("the address of the server", endpoint)?;
        }
        if self.profile.as_ref().is_some_and(|name| name.trim().is_empty() || name.chars().any(char::is_control)) {
            return Err(wrong("the profile", "it has no name"));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if self.prefix.is_empty() || self.prefix.len() > 64 || !self.prefix.chars().all(plain) {
            return Err(wrong("the prefix", "use letters, digits, - _ and ."));
        }
        Ok(())
    }
}

/// Whether a region's name can be right.
///
/// # Errors
/// [`SettingsError::Wrong`].
pub fn check_region(region: &str) -> Result<(), SettingsError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if region.is_empty() || region.len() > 32 || !region.chars().all(plain) {
        return Err(wrong("the region", format!("\"{region}\"; an example is eu-central-1")));
    }
    Ok(())
}

/// Source: Amazon S3 User Guide, "General purpose bucket naming rules".
fn check_bucket(bucket: &str) -> Result<(), SettingsError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    let ends = bucket.starts_with(['-', '.']) || bucket.ends_with(['-', '.']);
    if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(plain) || ends || bucket.contains("..") {
        return Err(wrong("the bucket", format!("\"{bucket}\"; 3 to 63 lower-case letters, digits, hyphens and dots")));
    }
    Ok(())
}

/// Whether an address may be used: TLS always, plain HTTP only to this computer, no user name or password in it.
///
/// # Errors
/// [`SettingsError::Wrong`].
pub fn check_endpoint(what: &'static str, address: &str) -> Result<(), SettingsError> {
    let shown: String = address.chars().take(80).collect();
    let (secure, rest) = match (address.strip_prefix("https://"), address.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return Err(wrong(what, format!("it begins with https:// (\"{shown}\")"))),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let printable = rest.chars().all(|c| c.is_ascii_graphic() && !"\"<>\\^`{|}".contains(c));
    if authority.is_empty() || !printable || authority.contains('@') {
        return Err(wrong(what, format!("\"{shown}\"")));
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((six, port)) => (six, port.strip_prefix(':')),
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() || port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(wrong(what, format!("\"{shown}\"")));
    }
    let is_here = host == "localhost" || host.parse::<core::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !secure && !is_here {
        return Err(wrong(what, format!("without https:// only this computer itself may be named (\"{shown}\")")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> AwsSettings {
        AwsSettings {
            region: "eu-central-1".into(),
            user_pool: "eu-central-1_AbC123".into(),
            client: "5nq8example".into(),
            identity_pool: "eu-central-1:0a1b-2c".into(),
            bucket: "lightkeep-photos".into(),
            bucket_owner: "123456789012".into(),
            login: Some("https://x.auth.eu-central-1.amazoncognito.com".into()),
            password: PasswordPolicy::default(),
            endpoints: Endpoints::default(),
            user: None,
            identity: None,
        }
    }

    #[test]
    fn a_line_comes_back_whole() {
        let mut settings = settings();
        assert_eq!(AwsSettings::from_line(&settings.line()), Ok(settings.clone()));
        settings.endpoints.all = Some("http://127.0.0.1:4566".into());
        settings.endpoints.jwks = Some("https://keys.example/a?b=c&d".into());
        settings.login = None;
        let line = settings.line();
        assert_eq!(AwsSettings::from_line(&line), Ok(settings.clone()), "{line}");
        let (start, end) = line.split_at(60);
        assert_eq!(AwsSettings::from_line(&format!("  {start}\r\n {end}&new=thing\n")), Ok(settings));
    }

    #[test]
    fn what_is_no_line_says_what_is_wrong() {
        let line = settings().line();
        let said = |text: &str| AwsSettings::from_line(text).unwrap_err().to_string();
        assert!(said("https://example.org").contains("not a Lightkeep settings line"));
        assert!(said("lightkeep:2?x=y").contains("newer"));
        assert!(said(&line.replace("&bucket=lightkeep-photos", "")).contains("\"bucket\""));
        assert!(said(&format!("{line}&region=x")).contains("twice"));
        assert!(said(&line.replace("pool=eu-central-1_", "pool=us-east-1_")).contains("user pool"));
        assert!(said(&line.replace("owner=123456789012", "owner=1")).contains("owner"));
        assert!(said(&line.replace("https://x", "http://x")).contains("this computer"));
        assert!(said(&line.replace("photos", "Photos")).contains("bucket"));
        assert!(said(&"x".repeat(5000)).contains("not a Lightkeep"));
        assert!(said(&line.replace("region=eu", "region=%ff")).contains("not a Lightkeep"));
    }

    #[test]
    fn plain_http_reaches_this_computer_only() {
        for fine in
            ["https://s3.example.org", "http://127.0.0.1:1", "http://[::1]:80/x", "http://localhost", "https://a:1"]
        {
            assert_eq!(check_endpoint("it", fine), Ok(()), "{fine}");
        }
        for bad in [
            "http://example.org",
            "http://127.0.0.1.example.org",
            "http://localhost.example",
            "ftp://x",
            "",
            "https://",
            "https://user:pw@host",
            "http://127.0.0.1@evil",
            "http://[::2]",
            "https://a:b",
            "https://a:99999",
            "https://a b",
            "http://0.0.0.0",
        ] {
            assert!(check_endpoint("it", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_and_issuer_follow_the_endpoints() {
        let mut settings = settings();
        assert!(settings.jwks_address().starts_with("https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_"));
        settings.endpoints.all = Some("http://127.0.0.1:4566/".into());
        assert_eq!(settings.jwks_address(), "http://127.0.0.1:4566/eu-central-1_AbC123/.well-known/jwks.json");
        assert!(settings.issuer().starts_with("https://cognito-idp."));
    }
}
