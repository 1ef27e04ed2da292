//! The command line's words, as `clap` reads them. Names and JSON keys are a contract; a snapshot test pins them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::args_cloud::CloudArgs;
use super::args_keep;
use super::args_print::PrintArgs;
use super::args_stores::{BatchesArgs, StoreArgs, StoresArgs};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "lightkeep",
    version,
    about = "A photo manager that never loses a photo.",
    long_about = "A photo manager that never loses a photo.\n\nWithout a sub-command the window opens. Every sub-command \
                  works on the same library, with no window.",
    after_long_help = EXIT_CODES,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Arguments {
    /// Library directory (a local disk) [default: the platform's data directory]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub library: Option<PathBuf>,
    /// Print one JSON object on standard output; progress goes to standard error
    #[arg(long, global = true)]
    pub json: bool,
    /// Write a trace of everything that is done, as JSON Lines
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub trace: Option<PathBuf>,
    /// What to do; nothing opens the window
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 all well; 1 some items failed (each is listed); 2 wrong use, or no display \
for the window; 3 failed; 4 another process is writing to the library.\nWith --json a failure is \
{\"error\":{\"code\",\"message\",\"hint\"}}.\nPHOTO is an id, a BLAKE3 hash, a unique prefix of either, or a path.";

/// The sub-commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Take files and folders into the library and store them in the vault
    ///
    /// Files are read, never moved, renamed or written.
    #[command(after_long_help = IMPORT_HELP)]
    Import(ImportArgs),
    /// Find photos
    #[command(after_long_help = SEARCH_HELP)]
    Search(SearchArgs),
    /// Count what the photos of a query have in common: tags, people, cameras, places, years
    #[command(after_long_help = FACETS_HELP)]
    Facets(FacetsArgs),
    /// Show everything about one photo
    #[command(after_long_help = SHOW_HELP)]
    Show(PhotoArgs),
    /// Write a photo's picture, upright and in sRGB, as a JPEG file
    #[command(after_long_help = "Example:\n  lightkeep thumb 3fa94c --size 1600 -o bride.jpg\n\n\
                                 JSON keys: file, width, height")]
    Thumb(ThumbArgs),
    /// Add and remove tags on every photo that a query finds, or have photos looked at by a tagger
    ///
    /// With --auto the model on this computer, or Amazon Rekognition, says what is in them. What was answered once is
    /// never asked, and never paid for, again; a tag that was removed stays removed.
    #[command(
        after_long_help = "Examples:\n  lightkeep tag 'folder-word date:2024-05' --add wedding --remove todo\n  \
                                 lightkeep tag --auto\n  lightkeep tag --auto 'date:2024' --with aws --dry-run\n\nJSON \
                                 keys: changed; with --auto: tagger, looked_at, known, images[labels, faces, text], \
                                 usd, note, stopped, failed[path, why]"
    )]
    Tag(TagArgs),
    /// Say which tags are a kind of which, and merge or rename them
    Tags(super::args_tags::TagsArgs),
    /// Rate, flag or label every photo that a query finds
    #[command(after_long_help = "Examples:\n  lightkeep rate 'tag:wedding' --rating 4\n  lightkeep rate \
                                 'rating:1' --flag reject\n  lightkeep rate 'batch:01J' --colour red\n\nJSON keys: changed")]
    Rate(RateArgs),
    /// Take back the last change of tags, ratings, flags or colour labels
    #[command(after_long_help = "JSON keys: changed, undone")]
    Undo,
    /// Write and read XMP sidecars, where other programs look for ratings, keywords and captions
    Sidecar(super::args_sidecar::SidecarArgs),
    /// Find faces, say whose they are, and find photos by who is in them
    ///
    /// Faces that this computer finds, and boxes drawn by hand, can be named at once. Suggestions come from Amazon
    /// Rekognition, which is asked only after `people consent`.
    #[command(after_long_help = super::args_people::HELP)]
    People(super::args_people::PeopleArgs),
    /// Show the vault, or use another folder as the vault
    #[command(after_long_help = "Examples:\n  lightkeep vault\n  lightkeep vault /media/backup/photos\n\nJSON keys: \
                                 dir, same_disk, free_bytes, problem")]
    Vault(VaultArgs),
    /// Store every photo that is not stored yet, in every store
    ///
    /// It may be interrupted at any moment; the next run goes on, also in the middle of a file.
    #[command(
        after_long_help = "Examples:\n  lightkeep store\n  lightkeep store --to aws --first 'tag:wedding'\n\nJSON \
                                 keys: stored, waiting, needs_you[path, why], batch"
    )]
    Store(StoreArgs),
    /// List, add and remove stores, and say how photos are sent and kept
    #[command(after_long_help = "Examples:\n  lightkeep stores\n  lightkeep stores add vault /media/backup/photos\n  \
                                 lightkeep stores set --limit 2MB --full-speed 23-07\n  lightkeep stores set --class \
                                 glacier-instant\n\nClasses: standard standard-ia intelligent-tiering glacier-instant \
                                 glacier-flexible deep-archive.\n\nJSON keys: stores[name, place, waiting, needs_you, \
                                 receipts, problem, retry_at], keep[paused, limit_bytes_s, full_speed, class, drill]")]
    Stores(StoresArgs),
    /// List the batches in which photos were stored
    #[command(
        after_long_help = "JSON keys: batches[batch, store, started, by, state, segments, stored, bytes, waiting, \
                                 needs_you]; with ULID: batch, items[path, why]"
    )]
    Batches(BatchesArgs),
    /// Show what the library holds and what waits
    #[command(
        after_long_help = "JSON keys: library, photos, stored, waiting, needs_you[path, why], bytes, vault[dir, \
                                 same_disk, free_bytes, problem]"
    )]
    Status,
    /// Build the library, on an empty computer, from an existing vault or from your bucket
    #[command(
        name = "open-store",
        after_long_help = "Example:\n  lightkeep --library ~/new open-store \
              /media/backup/photos\n  lightkeep --library ~/new open-store --remote\n\nJSON keys: photos, failed[path, why]"
    )]
    OpenStore(OpenStoreArgs),
    /// List a photo's versions, newest first
    #[command(after_long_help = args_keep::VERSIONS_HELP)]
    Versions(PhotoArgs),
    /// Show what proves that a photo is stored
    #[command(after_long_help = args_keep::RECEIPT_HELP)]
    Receipt(PhotoArgs),
    /// Bring photos back: an old version of one, or every photo that a query finds, as of any date
    ///
    /// Beside: into a folder, under names that are free. In place: on top of the originals, whose present bytes are
    /// stored first where they are not yet. Neither removes a version.
    #[command(after_long_help = args_keep::RESTORE_HELP)]
    Restore(args_keep::RestoreArgs),
    /// Delete every photo that a query finds, in every store, and take them out of the library
    ///
    /// A marker is put on top; every version stays, and so do the files on this computer. `undelete` is the way back.
    #[command(after_long_help = args_keep::DELETE_HELP)]
    Delete(args_keep::DeleteArgs),
    /// Bring deleted photos back, in the stores and into the library
    #[command(after_long_help = args_keep::UNDELETE_HELP)]
    Undelete(args_keep::UndeleteArgs),
    /// Check the stores against the catalogue
    #[command(after_long_help = args_keep::VERIFY_HELP)]
    Verify(args_keep::VerifyArgs),
    /// Lay out photos on pages, and print them or write a file
    #[command(after_long_help = super::args_print::PRINT_HELP)]
    Print(Box<PrintArgs>),
    /// List printers, or show everything about one
    #[command(after_long_help = super::args_printers::PRINTERS_HELP)]
    Printers(super::args_printers::PrintersArgs),
    /// List print jobs, cancel one, or print one again
    #[command(after_long_help = super::args_printers::JOBS_HELP)]
    Jobs(super::args_printers::JobsArgs),
    /// Copy a memory card, store everything on it, and say when it is safe to format
    ///
    /// Every file, videos and companions too, is copied by the date it was taken, read back from the disk, and stored
    /// in every store in use; then each is looked up by its bytes. The card is never written. A second run goes on
    /// where the first ended.
    #[command(after_long_help = super::args_card::INGEST_HELP)]
    Ingest(super::args_card::IngestArgs),
    /// Make one link to a page with photos, for people without an account
    ///
    /// The page and its copies of 2,048 px without metadata go to the bucket. When the link ends is said before
    /// anything is copied. Whoever has the link sees the photos.
    #[command(after_long_help = super::args_card::LINK_HELP)]
    Link(super::args_card::LinkArgs),
    /// Estimate what keeping photos in a bucket costs, in each storage class
    #[command(after_long_help = super::args_card::COST_HELP)]
    Cost(super::args_card::CostArgs),
    /// Sign in to your own AWS, or use an S3-compatible server
    Account(super::args_account::AccountArgs),
    /// Build, show, check and remove what Lightkeep needs in your own AWS account
    Cloud(CloudArgs),
    /// Print the completion script of a shell
    #[command(
        after_long_help = "Example:\n  lightkeep completions bash > ~/.local/share/bash-completion/completions/lightkeep"
    )]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

const IMPORT_HELP: &str = "Examples:\n  lightkeep import ~/Pictures/2024-05-wedding\n  lightkeep import --no-store \
/media/card/DCIM\n\nJSON keys: files, added, updated, moved, duplicates, unchanged, unreadable[path, why], skipped, \
stored, batch, seconds\nfiles = added + updated + moved + duplicates + unchanged + unreadable; skipped counts what is \
no photo.";

const SEARCH_HELP: &str = "Words match names, folders, captions, tags, people and places; \"several words\" stand \
together.\nFields: tag: person: text: camera: lens: place: batch:\n  date:2024-05 date:2024-05..2024-07 date:>=2024 \
rating:>=3 iso:>800 f:<2.8 size:>20MB\n  flag:pick colour:red type:jpeg|raw stored:no near:64.15,-21.94,10 near:Reykjavik \
as-of:2024-05-03\nA leading - or not is not; or, and, parentheses; several values with |. Quote what has \
spaces.\n\nExamples:\n  lightkeep search 'tag:dog -tag:cat date:2024-05'\n  lightkeep search '\"golden gate\" \
rating:>=4' --json\n  lightkeep search '(tag:dog or tag:cat) f:<2.8 place:iceland' --save 'Pets in Iceland'\n  \
lightkeep search --saved 'Pets in Iceland'\n\nJSON keys: total, \
photos[id, blake3, path, taken_at, width, height, format, camera, tags, rating, flag, colour, stored, stores]\nNewest first, \
then by path. A path that is not UTF-8 is lossy, with path_base64 beside it.\n--saved without a name: \
searches[name, query]";

const FACETS_HELP: &str = "Example:\n  lightkeep facets 'date:2024 place:iceland' --limit 5\n\nEach has the query that \
narrows to it. Rare ones may be left out of large libraries; what is shown is counted exactly.\n\nJSON keys: total, \
tags[name, query, photos], people, cameras, lenses, places, years, formats, ratings, colours";

const SHOW_HELP: &str = "JSON keys: those of search, and exif, paths[path, gone], tag_sources[name, source], versions, \
receipts[store, batch, key, version, etag, size, blake3, crc64nvme, mtime, stored_at, current], companions[path, \
stored], place[city, region, country, code], state";

/// A query may begin with the hyphen of a "not"; with two it is an option that does not exist.
pub(super) fn query_words(text: &str) -> Result<String, String> {
    if text.starts_with("--") { Err("there is no such option".to_owned()) } else { Ok(text.to_owned()) }
}

/// `import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// Files and folders
    #[arg(required = true, value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,
    /// Catalogue only; `store` sends what waits
    #[arg(long)]
    pub no_store: bool,
}

/// `search`
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// In the search language; empty is everything
    #[arg(allow_hyphen_values = true, default_value = "", value_parser = query_words)]
    pub query: String,
    /// At most so many photos
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub limit: usize,
    /// Keep the query under this name
    #[arg(long, value_name = "NAME", conflicts_with = "saved")]
    pub save: Option<String>,
    /// Search for what is kept under this name, narrowed by the query; without a name: list what is kept
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "")]
    pub saved: Option<String>,
    /// Forget the query that is kept under this name
    #[arg(long, value_name = "NAME", conflicts_with_all = ["save", "saved"])]
    pub forget: Option<String>,
}

/// `facets`
#[derive(Debug, Args)]
pub struct FacetsArgs {
    /// In the search language; empty is everything
    #[arg(allow_hyphen_values = true, default_value = "", value_parser = query_words)]
    pub query: String,
    /// At most so many of each kind
    #[arg(long, default_value_t = 12, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub limit: u16,
}

/// One photo.
#[derive(Debug, Args)]
pub struct PhotoArgs {
    /// Id, BLAKE3, unique prefix, or path
    #[arg(value_hint = ValueHint::FilePath)]
    pub photo: OsString,
}

/// `thumb`
#[derive(Debug, Args)]
pub struct ThumbArgs {
    /// Id, BLAKE3, unique prefix, or path
    #[arg(value_hint = ValueHint::FilePath)]
    pub photo: OsString,
    /// Long edge in pixels; never larger than the photo
    #[arg(long, value_name = "PX", default_value_t = 320, value_parser = clap::value_parser!(u32).range(1..=65_535))]
    pub size: u32,
    /// The JPEG file to write
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
}

/// `tag`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args(["add", "remove", "auto"]))]
pub struct TagArgs {
    /// Which photos, in the search language; with --auto it may be left out: all that no tagger has looked at
    #[arg(allow_hyphen_values = true, value_parser = query_words, required_unless_present = "auto")]
    pub query: Option<String>,
    /// A tag to add
    #[arg(long, value_name = "TAG")]
    pub add: Vec<String>,
    /// A tag to remove; it stays removed
    #[arg(long, value_name = "TAG")]
    pub remove: Vec<String>,
    /// Have them looked at by a tagger
    #[arg(long, conflicts_with_all = ["add", "remove"])]
    pub auto: bool,
    /// By which: the model on this computer, or Amazon Rekognition, which costs money
    #[arg(long, requires = "auto")]
    pub with: Option<TaggerArg>,
    /// For this at most, in US dollars
    #[arg(long, value_name = "USD", requires = "auto", value_parser = dollars)]
    pub max_cost: Option<f64>,
    /// Only say how many photos that would be, and what they would cost
    #[arg(long, requires = "auto")]
    pub dry_run: bool,
}

/// A tagger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TaggerArg {
    /// Amazon Rekognition
    Aws,
    /// The model on this computer
    Device,
}

pub(super) fn dollars(text: &str) -> Result<f64, String> {
    let amount: f64 =
        text.trim_start_matches('$').parse().map_err(|_| "an amount like 2.50 was expected".to_owned())?;
    if (0.0..=1e6).contains(&amount) { Ok(amount) } else { Err("0 to 1,000,000 dollars".to_owned()) }
}

/// `rate`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["rating", "flag", "colour"]))]
pub struct RateArgs {
    /// Which photos, in the search language
    #[arg(allow_hyphen_values = true, value_parser = query_words)]
    pub query: String,
    /// Stars, 0 to 5
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=5))]
    pub rating: Option<u8>,
    /// Flag
    #[arg(long)]
    pub flag: Option<FlagArg>,
    /// Colour label
    #[arg(long, alias = "color")]
    pub colour: Option<ColourArg>,
}

/// A flag's name.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FlagArg {
    /// To keep
    Pick,
    /// Not to keep
    Reject,
    /// Not decided
    None,
}

/// A colour label's name.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum ColourArg {
    /// Key 6 in the window
    Red,
    /// Key 7
    Yellow,
    /// Key 8
    Green,
    /// Key 9
    Blue,
    /// Without a key
    Purple,
    /// No label
    None,
}

/// `vault`
#[derive(Debug, Args)]
pub struct VaultArgs {
    /// The folder to use from now on; made where it is absent
    #[arg(value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

/// `open-store`
#[derive(Debug, Args)]
pub struct OpenStoreArgs {
    /// The vault
    #[arg(value_hint = ValueHint::DirPath, required_unless_present = "remote")]
    pub dir: Option<PathBuf>,
    /// The bucket of the account or the S3-compatible server that `lightkeep account` has set up
    #[arg(long, conflicts_with = "dir")]
    pub remote: bool,
}
