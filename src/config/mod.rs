//! Where the library is, and what `config.toml` in it says: defaults, reading, checks, atomic writing.
//!
//! A config file that cannot be understood is never overwritten: the error names the line, and the file stays.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Name of the settings file inside the library directory.
pub const FILE_NAME: &str = "config.toml";

/// The settings of one library.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The vault.
    pub vault: VaultConfig,
}

/// `[vault]`
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VaultConfig {
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
        match &config.vault.dir {
            Some(dir) if !dir.is_absolute() => Err(wrong("vault.dir must be an absolute path".to_owned())),
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
        let config = Config { vault: VaultConfig { dir: Some("/mnt/ü \"x\"/vault".into()) } };
        config.save(dir.path()).unwrap();
        assert_eq!(Config::load(dir.path()).unwrap(), config);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn what_cannot_be_understood_is_named_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["[vault", "[vault]\ndir = 3", "[vualt]\n", "[vault]\ndir = \"relative\"", "\u{0}"] {
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
        let config = Config { vault: VaultConfig { dir: Some(bytes.into()) } };
        assert!(config.save(dir.path()).is_err());
        assert!(!dir.path().join(FILE_NAME).exists());
    }
}
