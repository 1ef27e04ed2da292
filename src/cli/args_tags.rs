//! Words of the sub-commands for tags themselves.

use clap::{Args, Subcommand};

const MERGE_HELP: &str = "The old word is remembered: where a tagger or another program uses it later, the photo gets \
the new one. `lightkeep undo` takes all of it back.\n\nExamples:\n  lightkeep tags merge canine dog\n  lightkeep tags \
merge holyday holiday\n\nJSON keys: changed";

/// `tags`
#[derive(Debug, Args)]
pub struct TagsArgs {
    /// What to do
    #[command(subcommand)]
    pub command: TagsCommand,
}

/// What to do with tags.
#[derive(Debug, Subcommand)]
pub enum TagsCommand {
    /// Show which tags are a kind of which
    #[command(
        after_long_help = "JSON keys: tags[name, query, depth, photos]\nEach before what is a kind of it; photos \
                                 are those of all of it."
    )]
    Tree,
    /// Make one tag another everywhere, or give it another name
    #[command(after_long_help = MERGE_HELP)]
    Merge {
        /// The tag that goes away
        from: String,
        /// The tag that it becomes
        into: String,
    },
    /// Make a tag a kind of another, so that a search for the other finds it
    #[command(after_long_help = "Example:\n  lightkeep tags move dog --under animal\n\nJSON keys: moved, under")]
    Move {
        /// The tag
        tag: String,
        /// What it is a kind of [default: nothing, it stands at the top]
        #[arg(long, value_name = "TAG")]
        under: Option<String>,
    },
}
