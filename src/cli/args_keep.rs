//! Words of the sub-commands that check, bring back and delete what is stored.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::TypedValueParser as _;
use clap::{Args, ValueHint};

use crate::domain::Timestamp;

/// The help behind `receipt`.
pub const RECEIPT_HELP: &str = "Example:\n  lightkeep receipt 3fa94c\n\nJSON keys: id, name, receipts[version, current, \
store, batch, by, damage, key, store_version, etag, size, blake3, crc64nvme, mtime, stored_at, class]";

/// The help behind `versions`.
pub const VERSIONS_HELP: &str = "JSON keys: versions[version, size, blake3, crc64nvme, batch, stored_at, current, \
stores[store, batch, by, class, damage, stored_at]]";

/// The help behind `restore`.
pub const RESTORE_HELP: &str = "Examples:\n  lightkeep restore 3fa94c --version 1 --to ~/Desktop\n  lightkeep restore \
3fa94c --version 1 --in-place\n  lightkeep restore 'tag:wedding' --to /media/disk\n  lightkeep restore --as-of \
2024-03-03 --to ~/then\n\nA query looks at what is said of the photos now, also with --as-of.\n\nJSON keys: file, \
version; of a query: files, bytes, present, failed[path, why], dir";

/// The help behind `delete`.
pub const DELETE_HELP: &str = "Example:\n  lightkeep delete 'flag:reject date:2024-05'\n\nJSON keys: photos, files, \
bytes, failed[path, why]";

/// The help behind `undelete`.
pub const UNDELETE_HELP: &str = "Example:\n  lightkeep undelete 'folder-word'\n\nThe query looks at deleted photos.\n\n\
JSON keys: photos, files, bytes, failed[path, why]";

/// The help behind `verify`.
pub const VERIFY_HELP: &str = "Level 1 compares with the listing, 2 sizes and recorded checksums too, 3 reads and \
hashes every byte.\nWhat is damaged is sent again where its original is still here: `store` does it.\n\nExamples:\n  \
lightkeep verify --level 3 --budget 5GB\n  lightkeep verify --drill\n  lightkeep verify --reports\n\nJSON keys: checked, \
ok, missing[path, why], corrupt[path, why], unknown[path, why], stores[store, level, ended, bytes_read, unfinished, \
archived, mending, checked, ok, missing, corrupt, unknown]; with --reports: reports[…]";

/// `restore`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("where").required(true).args(["to", "in_place"]))]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["photos", "as_of"]))]
pub struct RestoreArgs {
    /// Which photos, in the search language; with --version one photo: id, BLAKE3, unique prefix, or path
    #[arg(value_name = "QUERY", allow_hyphen_values = true, value_hint = ValueHint::FilePath,
        value_parser = clap::builder::OsStringValueParser::new().try_map(no_option))]
    pub photos: Option<OsString>,
    /// The version's number, as `versions` lists it
    #[arg(long, value_name = "V", requires = "photos", conflicts_with = "as_of")]
    pub version: Option<u32>,
    /// As they were at the end of this day (YYYY-MM-DD), or at this moment (RFC 3339)
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub as_of: Option<Timestamp>,
    /// Into this folder; nothing there is overwritten
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub to: Option<PathBuf>,
    /// On top of the originals
    #[arg(long)]
    pub in_place: bool,
}

/// `delete`
#[derive(Debug, Args)]
pub struct DeleteArgs {
    /// Which photos, in the search language
    #[arg(allow_hyphen_values = true, value_parser = super::args::query_words)]
    pub query: String,
    /// Without asking
    #[arg(long)]
    pub yes: bool,
}

/// `undelete`
#[derive(Debug, Args)]
pub struct UndeleteArgs {
    /// Which deleted photos, in the search language; empty is all
    #[arg(allow_hyphen_values = true, value_parser = super::args::query_words)]
    pub query: String,
}

/// `verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Only this store
    #[arg(long, value_name = "NAME")]
    pub store: Option<String>,
    /// How deep
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=3))]
    pub level: u8,
    /// Read at most so much of each store (500MB); the next check of level 3 goes on there
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub budget: Option<u64>,
    /// Bring 20 photos, chosen by chance, back from each store and compare them
    #[arg(long, conflicts_with_all = ["level", "budget"])]
    pub drill: bool,
    /// Show the reports of earlier checks
    #[arg(long, conflicts_with_all = ["level", "budget", "drill", "store"])]
    pub reports: bool,
}

/// A query may begin with the hyphen of a "not"; with two it is an option that does not exist.
fn no_option(text: OsString) -> Result<OsString, String> {
    if text.as_encoded_bytes().starts_with(b"--") { Err("there is no such option".to_owned()) } else { Ok(text) }
}

/// `500MB`, `1.5 GB`, `2GiB`, or bytes.
fn bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("not a size like 500MB: {text}");
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 = text[..end].parse().map_err(|_| wrong())?;
    let unit = match text[end..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1_u64,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return Err(wrong()),
    };
    let bytes = number * unit as f64;
    if (1.0..9e18).contains(&bytes) { Ok(bytes as u64) } else { Err(wrong()) }
}

/// The end of a day on this computer's clock, or a moment.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Some(moment) = Timestamp::from_rfc3339(text) {
        return Ok(moment);
    }
    let wrong = || format!("not a day like 2024-03-03, nor a moment in RFC 3339: {text}");
    let day = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())?;
    let next = day.succ_opt().and_then(|next| next.and_hms_opt(0, 0, 0)).ok_or_else(wrong)?;
    // Where the clock is put forward at midnight, the day ends an hour "later".
    let local = (0..3).find_map(|hours| {
        let at = next.checked_add_signed(chrono::TimeDelta::hours(hours))?;
        at.and_local_timezone(chrono::Local).earliest()
    });
    let ends_ms = local.map_or_else(|| next.and_utc().timestamp_millis(), |local| local.timestamp_millis());
    Ok(Timestamp(ends_ms - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let read = [("500MB", 500_000_000), ("1.5 GB", 1_500_000_000), ("2GiB", 2 << 30), ("7", 7), ("1kb", 1_000)];
        for (text, expected) in read {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for wrong in ["", "MB", "-1", "0", "1 parsec", "1..2", "99999999999TB", "nan", "inf"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let (one, two) = (moment("2024-03-03").unwrap(), moment("2024-03-04").unwrap());
        let hours = (two.0 - one.0) / 3_600_000;
        assert!((23..=25).contains(&hours), "{hours}");
        assert_eq!(moment("2024-03-03T12:00:00Z"), Ok(Timestamp(1_709_467_200_000)));
        for wrong in ["", "yesterday", "2024-13-01", "2024-02-30", "2024-03-03T25:00:00Z"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
