//! Paths as bytes and as JSON: names that are not UTF-8 are carried whole, never repaired.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

/// The path's bytes as the operating system gave them (on Windows: WTF-8, which is UTF-8 for all ordinary names).
#[must_use]
pub fn path_bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_encoded_bytes()
}

/// The path from [`path_bytes`].
#[must_use]
pub fn path_from_bytes(bytes: Vec<u8>) -> PathBuf {
    match String::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) => not_utf8(error.into_bytes()),
    }
}

#[cfg(unix)]
fn not_utf8(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn not_utf8(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// A path in JSON: a text, or `{"base64": …}` where it is not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathText(pub PathBuf);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Bytes { base64: String },
}

impl Serialize for PathText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.to_str() {
            Some(text) => serializer.serialize_str(text),
            None => Form::Bytes { base64: STANDARD.encode(path_bytes(&self.0)) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for PathText {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Ok(Self(text.into())),
            Form::Bytes { base64 } => {
                let bytes = STANDARD.decode(base64).map_err(serde::de::Error::custom)?;
                Ok(Self(path_from_bytes(bytes)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        #[cfg(unix)]
        fn any_bytes_go_both_ways(bytes in proptest::collection::vec(1_u8.., 1..40)) {
            let path = path_from_bytes(bytes.clone());
            prop_assert_eq!(path_bytes(&path), &bytes[..]);
            let json = serde_json::to_string(&PathText(path.clone())).unwrap();
            prop_assert_eq!(serde_json::from_str::<PathText>(&json).unwrap().0, path);
        }
    }
}
