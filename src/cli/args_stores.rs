//! Words of `stores`, `store` and `batches`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum, ValueHint};

use crate::domain::StorageClass;
use crate::domain::keep::Hours;

/// `store`
#[derive(Debug, Args)]
pub struct StoreArgs {
    /// Only this store: vault, aws or s3
    #[arg(long, value_name = "NAME")]
    pub to: Option<String>,
    /// These photos before all others, in the search language
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub first: Option<String>,
    /// Try again only what needs you in this batch
    #[arg(long, value_name = "ULID")]
    pub again: Option<String>,
}

/// `stores`
#[derive(Debug, Args)]
pub struct StoresArgs {
    /// What to do; nothing lists them
    #[command(subcommand)]
    pub command: Option<StoresCommand>,
}

/// What can be done with stores.
#[derive(Debug, Subcommand)]
pub enum StoresCommand {
    /// List the stores in use, with what waits and why
    List,
    /// Store photos in one more place
    ///
    /// vault is a folder; aws is the account that `lightkeep account` has set up; s3 is the server that `lightkeep
    /// account remote` has set up.
    Add {
        /// Which
        store: StoreName,
        /// The vault's folder; made where it is absent
        #[arg(value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },
    /// Store nothing more there; everything that is there stays, and so do its receipts
    Remove {
        /// Which
        store: StoreName,
    },
    /// Change how photos are sent and kept
    Set(SetArgs),
}

/// A store's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StoreName {
    /// The vault
    Vault,
    /// Your AWS bucket
    Aws,
    /// An S3-compatible server
    S3,
}

/// `stores set`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args(
    ["limit", "full_speed", "class", "pause", "resume", "drill"]))]
pub struct SetArgs {
    /// At most so much a second to the remote store, like 2MB; 0 is no limit
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub limit: Option<u64>,
    /// Hours of the day in which the limit does not count, like 23-07; "never" takes them back
    #[arg(long, value_name = "HOURS", value_parser = hours)]
    pub full_speed: Option<HoursArg>,
    /// How the remote store keeps originals from now on
    #[arg(long, value_name = "CLASS", value_parser = class)]
    pub class: Option<StorageClass>,
    /// Send nothing to the remote store until --resume
    #[arg(long, conflicts_with = "resume")]
    pub pause: bool,
    /// Go on sending
    #[arg(long)]
    pub resume: bool,
    /// Bring 20 photos back every month and compare them
    #[arg(long, value_name = "on|off", value_parser = on_off)]
    pub drill: Option<bool>,
}

/// `batches`
#[derive(Debug, Args)]
pub struct BatchesArgs {
    /// Show what of this batch waits or needs you
    #[arg(value_name = "ULID")]
    pub batch: Option<String>,
    /// At most so many batches
    #[arg(long, default_value_t = 50, value_name = "N")]
    pub limit: usize,
}

/// Hours, or none any more.
#[derive(Debug, Clone, Copy)]
pub enum HoursArg {
    /// No hours.
    Never,
    /// These.
    At(Hours),
}

fn hours(text: &str) -> Result<HoursArg, String> {
    if text == "never" { Ok(HoursArg::Never) } else { text.parse().map(HoursArg::At) }
}

fn on_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("on or off".to_owned()),
    }
}

fn class(text: &str) -> Result<StorageClass, String> {
    StorageClass::from_name(text).ok_or_else(|| {
        let known: Vec<_> = StorageClass::ALL.iter().map(|class| class.name()).collect();
        format!("one of: {}", known.join(", "))
    })
}

/// `500`, `500kB`, `2MB`, `1.5 GB`: bytes, in powers of 1,000.
pub fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || "bytes, like 500MB".to_owned();
    let text = text.trim();
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..at].parse().map_err(|_| wrong())?;
    let factor = match text[at..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        _ => return Err(wrong()),
    };
    let bytes = number * factor;
    if bytes.is_finite() && (0.0..9e15).contains(&bytes) { Ok(bytes as u64) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_their_usual_units() {
        assert_eq!(bytes("500"), Ok(500));
        assert_eq!(bytes("1.5 GB"), Ok(1_500_000_000));
        assert_eq!(bytes("2mb"), Ok(2_000_000));
        for wrong in ["", "MB", "-1", "1 lightyear", "1e400"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }
}
