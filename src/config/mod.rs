//! Where the library is, and what `config.toml` in it says: defaults, reading, checks, atomic writing.
//!
//! A config file that cannot be understood is never overwritten: the error names the line, and the file stays.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::domain::account::{AwsSettings, Place, RemoteSettings};
use crate::domain::keep::KeepSettings;
use crate::domain::tagging::TagSettings;

/// Name of the settings file inside the library directory.
pub const FILE_NAME: &str = "config.toml";

/// The settings of one library.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Which remote store is used beside the vault.
    #[serde(skip_serializing_if = "Account::is_none")]
    pub account: Account,
    /// The vault.
    pub vault: VaultConfig,
    /// An AWS account; kept also while it is not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws: Option<AwsSettings>,
    /// How photos are kept and sent.
    #[serde(skip_serializing_if = "is_default")]
    pub keep: KeepSettings,
    /// Who looks at photos.
    #[serde(skip_serializing_if = "is_default")]
    pub tagging: TagSettings,
    /// Sidecars.
    #[serde(skip_serializing_if = "is_default")]
    pub sidecars: SidecarConfig,
    /// An S3-compatible server; likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<RemoteSettings>,
}

fn is_default<T: Default + PartialEq>(settings: &T) -> bool {
    *settings == T::default()
}

/// `[sidecars]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SidecarConfig {
    /// When they are written.
    pub write: WriteSidecars,
}

/// When sidecars are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteSidecars {
    /// Only where somebody asks for it.
    #[default]
    Never,
    /// Soon after every edit.
    Always,
}

/// `account`: which remote store is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Account {
    /// None: this computer and its vault.
    #[default]
    ThisComputer,
    /// That of `[aws]`.
    Aws,
    /// That of `[remote]`.
    Remote,
}

impl Account {
    fn is_none(&self) -> bool {
        *self == Self::ThisComputer
    }
}

/// `[vault]`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultConfig {
    /// Whether photos are not stored in it, because a remote store is enough.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
    /// The vault's folder, absolute; absent means `vault` inside the library directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
}

/// Why settings could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not what it should be.
    #[error("the settings cannot be understood ({why}): {path}")]
    Wrong {
        /// What is wrong, with line and column.
        why: String,
        /// The file.
        path: String,
    },
    /// The file could not be read or written.
    #[error("the settings cannot be read or written ({source}): {path}")]
    Io {
        /// The file.
        path: String,
        /// The operating system's answer.
        source: io::Error,
    },
}

impl Config {
    /// Reads the settings of a library; a library without a file has the defaults.
    ///
    /// # Errors
    /// [`ConfigError`] where there is a file that cannot be read or understood.
    pub fn load(library: &Path) -> Result<Self, ConfigError> {
        let path = library.join(FILE_NAME);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(ConfigError::Io { path: path.display().to_string(), source }),
        };
        let wrong = |why: String| ConfigError::Wrong { why, path: path.display().to_string() };
        let config: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string().replace('\n', " ")))?;
        if config.vault.dir.as_ref().is_some_and(|dir| !dir.is_absolute()) {
            return Err(wrong("vault.dir must be an absolute path".to_owned()));
        }
        let aws = config.aws.as_ref().map_or(Ok(()), AwsSettings::check);
        let remote = config.remote.as_ref().map_or(Ok(()), RemoteSettings::check);
        aws.and(remote).map_err(|error| wrong(error.to_string()))?;
        match (config.account, &config.aws, &config.remote) {
            (Account::Aws, None, _) => Err(wrong("account is \"aws\", and there is no [aws]".to_owned())),
            (Account::Remote, _, None) => Err(wrong("account is \"remote\", and there is no [remote]".to_owned())),
            _ => Ok(config),
        }
    }

    /// Writes the settings atomically and durably, readable by their owner only.
    ///
    /// # Errors
    /// [`ConfigError`]; the file before stays as it was.
    pub fn save(&self, library: &Path) -> Result<(), ConfigError> {
        let path = library.join(FILE_NAME);
        let failed = |source| ConfigError::Io { path: path.display().to_string(), source };
        // TOML is UTF-8; a path that is not would come back as another one.
        let text = toml::to_string_pretty(self)
            .map_err(|error| ConfigError::Wrong { why: error.to_string(), path: path.display().to_string() })?;
        let temporary = library.join(format!(".{FILE_NAME}.{}", std::process::id()));
        let write = || -> io::Result<()> {
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&temporary)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&temporary, &path)?;
            fs::File::open(library)?.sync_all()
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&temporary);
            failed(error)
        })
    }

    /// Reads the settings, changes them and writes them, one at a time: in this process, and between processes where
    /// the system can lock a folder.
    ///
    /// # Errors
    /// [`ConfigError`]; the file before stays as it was.
    pub fn change(library: &Path, change: impl FnOnce(&mut Self)) -> Result<Self, ConfigError> {
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = fs::File::open(library).ok();
        // A folder that cannot be locked is no reason to stop: what is written is whole all the same.
        let _locked = folder.as_ref().map(fs::File::lock);
        let mut config = Self::load(library)?;
        change(&mut config);
        config.save(library)?;
        Ok(config)
    }

    /// Where photos are stored beside this computer.
    #[must_use]
    pub fn place(&self) -> Place {
        match (self.account, &self.aws, &self.remote) {
            (Account::Aws, Some(aws), _) => Place::Aws(aws.clone()),
            (Account::Remote, _, Some(remote)) => Place::Remote(remote.clone()),
            _ => Place::ThisComputer,
        }
    }

    /// Stores somewhere else from now on. What is known of the other places stays.
    pub fn set_place(&mut self, place: Place) {
        match place {
            Place::ThisComputer => self.account = Account::ThisComputer,
            Place::Aws(aws) => {
                self.account = Account::Aws;
                self.aws = Some(aws);
            }
            Place::Remote(remote) => {
                self.account = Account::Remote;
                self.remote = Some(remote);
            }
        }
    }

    /// The vault's folder of a library.
    #[must_use]
    pub fn vault_dir(&self, library: &Path) -> PathBuf {
        self.vault.dir.clone().unwrap_or_else(|| library.join("vault"))
    }
}

/// The library that is used where none is named: `lightkeep` in the platform's data directory.
///
/// `None` where the platform names no data directory (no home).
#[must_use]
pub fn default_library() -> Option<PathBuf> {
    directories::ProjectDirs::from("app.lightkeep", "", "Lightkeep").map(|dirs| dirs.data_local_dir().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_back_as_they_were_saved() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Config::load(dir.path()).unwrap(), Config::default());
        let aws = AwsSettings::from_line(
            "lightkeep:1?region=eu-central-1&pool=eu-central-1_a&client=c&identity=eu-central-1:1&bucket=abc\
             &owner=123456789012&endpoint=http://127.0.0.1:1",
        );
        let mut config =
            Config { vault: VaultConfig { dir: Some("/mnt/ü \"x\"/vault".into()), off: false }, ..Config::default() };
        config.set_place(Place::Aws(aws.unwrap()));
        let remote = "region = 'x'\nbucket = 'b-1'\nendpoint = 'https://s3.example.org'\npath_style = true";
        config.set_place(Place::Remote(toml::from_str(remote).unwrap()));
        assert!(matches!(config.place(), Place::Remote(remote) if remote.prefix == "lightkeep"));
        config.set_place(Place::ThisComputer);
        assert_eq!(config.place(), Place::ThisComputer);
        assert!(config.aws.is_some(), "what was set up once is not forgotten");
        config.account = Account::Aws;
        config.save(dir.path()).unwrap();
        assert_eq!(Config::load(dir.path()).unwrap(), config);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn what_cannot_be_understood_is_named_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        for text in [
            "[vault",
            "[vault]\ndir = 3",
            "[vualt]\n",
            "[vault]\ndir = \"relative\"",
            "\u{0}",
            "account = \"aws\"",
            "account = \"x\"",
            "[sidecars]\nwrite = \"sometimes\"",
            "[remote]\nregion = \"x\"\nbucket = \"b-1\"\nendpoint = \"http://example.org\"",
        ] {
            fs::write(dir.path().join(FILE_NAME), text).unwrap();
            let error = Config::load(dir.path()).unwrap_err().to_string();
            assert!(error.ends_with(FILE_NAME) && !error.contains('\n'), "{error}");
            assert_eq!(fs::read_to_string(dir.path().join(FILE_NAME)).unwrap(), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_utf8_is_refused_rather_than_changed() {
        use std::os::unix::ffi::OsStringExt as _;
        let dir = tempfile::tempdir().unwrap();
        let bytes = std::ffi::OsString::from_vec(b"/mnt/\xff".to_vec());
        let config = Config { vault: VaultConfig { dir: Some(bytes.into()), off: false }, ..Config::default() };
        assert!(config.save(dir.path()).is_err());
        assert!(!dir.path().join(FILE_NAME).exists());
    }
}
