//! Words of the sub-commands for sidecars.

use clap::{Args, Subcommand};

const WRITE_HELP: &str = "What is written: stars, flag, colour label, keywords flat and hierarchical (dc:subject, \
lr:hierarchicalSubject, digiKam:TagsList), caption and title. Everything else in a sidecar stays as it is, and the \
photos themselves are never touched.\nTo have it done after every edit, put this into config.toml in the library \
directory:\n  [sidecars]\n  write = \"always\"\n\nExamples:\n  lightkeep sidecar write\n  lightkeep sidecar write \
'rating:3..5'\n\nJSON keys: written, merged, unchanged, conflicts[path, field, here, there], failed[path, why]";

const READ_HELP: &str = "An import notices changed sidecars by itself. Where both sides changed a field since it was \
last read or written, keywords of both are kept, and of anything else the value here stays and is listed.\n\nExample:\n  \
lightkeep sidecar read\n\nJSON keys: written, merged, unchanged, conflicts[path, field, here, there], failed[path, why]";

/// `sidecar`
#[derive(Debug, Args)]
pub struct SidecarArgs {
    /// What to do
    #[command(subcommand)]
    pub command: SidecarCommand,
}

/// What to do with sidecars.
#[derive(Debug, Subcommand)]
pub enum SidecarCommand {
    /// Write what was decided about photos into `name.ext.xmp` beside them
    #[command(after_long_help = WRITE_HELP)]
    Write(PhotosArgs),
    /// Take over what other programs wrote
    #[command(after_long_help = READ_HELP)]
    Read(PhotosArgs),
}

/// Which photos.
#[derive(Debug, Args)]
pub struct PhotosArgs {
    /// Which photos, in the search language [default: all]
    #[arg(default_value = "", hide_default_value = true, allow_hyphen_values = true,
        value_parser = super::args::query_words)]
    pub query: String,
}
