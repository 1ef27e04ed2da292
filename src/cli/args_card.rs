//! The words of `ingest`, `link` and `cost`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::args::query_words;
use crate::domain::ingest_template::USUAL;

pub(super) const INGEST_HELP: &str = "Fields of a template: {year} {month} {day} {date} {name} {camera}; {name} is \
the card's. The date is the camera's, of files without one that of their photo or their last change. File names stay; \
a name that other bytes have gets ` (2)`. System folders and links on the card are left out and named.\n\nExamples:\n  \
lightkeep ingest /media/anna/EOS_DIGITAL --to ~/Pictures\n  lightkeep ingest /media/card --to /data/photos --template \
'{year}/{month}/{date} {camera}'\n\nJSON keys: files, copied, verified, stored, safe_to_format, sheet, card, \
failed[path, why], left_out\nExit code 1 where the card is not safe to format.";

pub(super) const LINK_HELP: &str = "A link made with a sign-in lasts at most an hour, one made with an access key at \
most 7 days. Originals are linked where they are stored: nothing is sent twice, and their folder names can be read in \
the address.\n\nExamples:\n  lightkeep link 'tag:wedding rating:>=4' --for 7d\n  lightkeep link 'flag:pick' --originals \
--yes\n\nJSON keys: url, ends_at, photos, bytes, failed[path, why]";

pub(super) const COST_HELP: &str = "An estimate from Amazon's list prices: storage for a month, and once the requests \
that put it there. Thumbnails are counted, and always kept in Standard.\n\nExamples:\n  lightkeep cost\n  lightkeep \
cost 'date:2024-05'\n  lightkeep cost --waiting\n\nJSON keys: files, bytes, classes[class, month, once, least_days], \
region, as_of, words";

/// `ingest`
#[derive(Debug, Args)]
pub struct IngestArgs {
    /// Where the card is mounted; any folder will do
    #[arg(value_hint = ValueHint::DirPath)]
    pub card: PathBuf,
    /// Below which folder the copies go
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub to: PathBuf,
    /// Folders below that, for each file
    #[arg(long, value_name = "TEMPLATE", default_value = USUAL)]
    pub template: String,
}

/// `link`
#[derive(Debug, Args)]
pub struct LinkArgs {
    /// Which photos, in the search language
    #[arg(allow_hyphen_values = true, value_parser = query_words)]
    pub query: String,
    /// The originals too
    #[arg(long)]
    pub originals: bool,
    /// How long the link lasts at most: 30m, 1h, 7d [default: as long as it can]
    #[arg(long = "for", value_name = "TIME", value_parser = lasting)]
    pub lasts_s: Option<u64>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// `cost`
#[derive(Debug, Args)]
pub struct CostArgs {
    /// Which photos, in the search language [default: all]
    #[arg(allow_hyphen_values = true, value_parser = query_words)]
    pub query: Option<String>,
    /// Only what still waits to be stored
    #[arg(long, conflicts_with = "query")]
    pub waiting: bool,
}

/// Minutes, hours or days as seconds.
fn lasting(text: &str) -> Result<u64, String> {
    let wrong = || "not a time like 30m, 1h or 7d".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let factor = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    number.checked_mul(factor).filter(|seconds| *seconds > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!((lasting("30m"), lasting("1h"), lasting("7d")), (Ok(1_800), Ok(3_600), Ok(604_800)));
        for wrong in ["", "h", "0h", "1", "1w", "-1h", "99999999999999999999d", "18446744073709551615d", "1é"] {
            assert!(lasting(wrong).is_err(), "{wrong}");
        }
    }
}
