//! `tags`: which tags are a kind of which, and which words mean the same.

use serde_json::json;

use crate::cli::args_tags::{TagsArgs, TagsCommand};
use crate::cli::output::{Answer, harmless};
use crate::engine::Engine;
use crate::protocol::UserError;

pub(super) async fn run(engine: &Engine, args: TagsArgs) -> Result<Answer, UserError> {
    Ok(match args.command {
        TagsCommand::Tree => {
            let tree = engine.tag_tree().await?;
            let line = |node: &crate::domain::facets::TagNode| {
                format!("{:>9}  {}{}", node.photos, "  ".repeat(node.depth), harmless(&node.name, false))
            };
            let text = match tree.is_empty() {
                true => "No tag is a kind of another.".to_owned(),
                false => tree.iter().map(line).collect::<Vec<_>>().join("\n"),
            };
            Answer::new(json!({ "tags": tree }), text)
        }
        TagsCommand::Merge { from, into } => super::changed(engine.merge_tags(&from, &into).await?),
        TagsCommand::Move { tag, under } => {
            engine.move_tag(&tag, under.as_deref()).await?;
            let text = match &under {
                Some(under) => format!("{tag} is a kind of {under} now"),
                None => format!("{tag} stands at the top now"),
            };
            Answer::new(json!({ "moved": tag, "under": under }), text)
        }
    })
}
