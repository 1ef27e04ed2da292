//! Tags themselves: what they are a kind of, which words mean the same, and how they are spelled.

use super::parts::Engine;
use crate::domain::facets::TagNode;
use crate::domain::tag::TagName;
use crate::protocol::{ErrorCode, Event, UserError};

fn tag_name(text: &str) -> Result<TagName, UserError> {
    TagName::new(text).map_err(|why| UserError::new(ErrorCode::Usage, why.to_string()))
}

impl Engine {
    /// Tags that have a place above or below others, each before what is a kind of it.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn tag_tree(&self) -> Result<Vec<TagNode>, UserError> {
        self.read(|reader| reader.tag_tree()).await
    }

    /// Makes one tag another everywhere and from now on; to a name that no tag has, it is renamed. Photos that changed.
    ///
    /// # Errors
    /// Where either is no tag, or there is none of the first name; what the disk says.
    pub async fn merge_tags(&self, from: &str, into: &str) -> Result<u64, UserError> {
        let (from, into, now) = (tag_name(from)?, tag_name(into)?, self.now());
        let text = format!("Tag {from} is {into} now");
        let count = self.write(move |writer| writer.merge_tags(&from, &into, now)).await?;
        self.vocabulary_changed(text, count).await;
        Ok(count)
    }

    /// Makes a tag a kind of another, or of none.
    ///
    /// # Errors
    /// Where there is no such tag, or the other is a kind of it; what the disk says.
    pub async fn move_tag(&self, tag: &str, parent: Option<&str>) -> Result<(), UserError> {
        let (tag, now) = (tag_name(tag)?, self.now());
        let parent = parent.map(tag_name).transpose()?;
        let text = match &parent {
            Some(parent) => format!("Tag {tag} is a kind of {parent} now"),
            None => format!("Tag {tag} stands at the top now"),
        };
        self.write(move |writer| writer.move_tag(&tag, parent.as_ref(), now)).await?;
        self.vocabulary_changed(text, 0).await;
        Ok(())
    }

    async fn vocabulary_changed(&self, text: String, photos: u64) {
        self.0.say.say(Event::Edited { text, photos, undoable: true }).await;
        // Searches for a tag may find others now.
        self.0.say.say(Event::Changed { seats: None, order: true }).await;
        self.say_undo_state().await;
        self.0.stale.notify_one();
    }
}
