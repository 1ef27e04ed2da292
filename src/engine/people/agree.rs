//! Making the collection say what people decided: users for people, and their faces. Every step may be repeated; what
//! could not be done now is found again by the next look.

use super::look::Run;
use super::{CONSENT, DELETING, MODEL};
use crate::catalog::{AwsFace, Step};
use crate::domain::spend::month_of;
use crate::engine::cancel::Cancel;
use crate::engine::parts::Engine;
use crate::protocol::{Event, LookReport, UserError};
use crate::tagger::TaggerError;

impl Engine {
    /// Does it after a gesture, where people may be recognised and there are faces in a collection; what does not work
    /// now waits for the next look.
    ///
    /// # Errors
    /// Where the catalogue cannot be used.
    pub async fn agree_at_aws(&self) -> Result<(), UserError> {
        let is_on = self.people_setting(CONSENT).await?.is_some() && self.people_setting(DELETING).await?.is_none();
        if !is_on || self.people_setting(MODEL).await?.is_none() {
            return Ok(());
        }
        let _one = self.0.tagging.lock().await;
        let Ok(door) = self.people_door().await else { return Ok(()) };
        let purse = self.purse(None).await?;
        let mut run = Run { engine: self, door, purse, report: LookReport::default() };
        run.agree(&Cancel::default()).await?;
        if let Some(why) = run.report.stopped {
            tracing::info!("the collection does not say yet what was decided ({why})");
        }
        if run.report.suggestions > 0 {
            self.0.say.say(Event::PeopleChanged).await;
        }
        Ok(())
    }
}

impl Run<'_> {
    /// Takes the steps that are left.
    pub(super) async fn agree(&mut self, cancel: &Cancel) -> Result<(), UserError> {
        let steps = self.engine.write(crate::catalog::Writer::steps_at_aws).await?;
        for step in steps {
            if cancel.is_cancelled() || self.report.stopped.is_some() {
                break;
            }
            // A step, and the search that may follow it.
            if !self.purse.has(2) {
                self.report.stopped.get_or_insert(self.purse.empty());
                break;
            }
            let done = match step {
                Step::Take { user, faces } => self.take_away(&user, &faces).await?,
                Step::Drop { user } => self.drop_user(user).await?,
                Step::Give { user, fold, name, faces } => self.give(user, &fold, &name, &faces).await?,
            };
            if let Err(error) = done {
                self.stop(error)?;
            }
        }
        Ok(())
    }

    async fn take_away(&mut self, user: &str, faces: &[AwsFace]) -> Result<Result<(), TaggerError>, UserError> {
        let ids: Vec<String> = faces.iter().map(|face| face.aws.clone()).collect();
        if let Err(error) = self.door.rekognition.disassociate(&self.door.collection, user, &ids).await {
            return Ok(Err(error));
        }
        let (paid, month) = (self.purse.take(), month_of(self.engine.now()));
        let rows: Vec<i64> = faces.iter().map(|face| face.face).collect();
        self.engine.write(move |writer| writer.set_at_user(&rows, None, Some((&month, &paid)))).await?;
        Ok(Ok(()))
    }

    async fn drop_user(&mut self, user: String) -> Result<Result<(), TaggerError>, UserError> {
        if let Err(error) = self.door.rekognition.delete_user(&self.door.collection, &user).await {
            return Ok(Err(error));
        }
        self.engine.write(move |writer| writer.drop_user(&user)).await?;
        Ok(Ok(()))
    }

    async fn give(
        &mut self,
        user: Option<String>,
        fold: &str,
        name: &str,
        faces: &[AwsFace],
    ) -> Result<Result<(), TaggerError>, UserError> {
        let (engine, door) = (self.engine, self.door.clone());
        let user = match user {
            Some(user) => user,
            None => {
                // Written down first: a lost answer then leaves no vector of which nobody knows.
                let (user, fold) = (engine.ulid(), fold.to_owned());
                let new = user.clone();
                engine.write(move |writer| writer.set_user(&new, &fold)).await?;
                user
            }
        };
        // Also where it is known: it may not have come to be made.
        if let Err(error) = door.rekognition.create_user(&door.collection, &user).await {
            return Ok(Err(error));
        }
        let ids: Vec<String> = faces.iter().map(|face| face.aws.clone()).collect();
        let told = match door.rekognition.associate(&door.collection, &user, &ids).await {
            Ok(told) => told,
            Err(error) => return Ok(Err(error)),
        };
        let (paid, month) = (self.purse.take(), month_of(engine.now()));
        let rows = |ids: &[String]| -> Vec<i64> {
            faces.iter().filter(|face| ids.contains(&face.aws)).map(|face| face.face).collect()
        };
        let done = rows(&told.done);
        let refused: Vec<i64> = rows(&told.refused.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>());
        for (_, why) in &told.refused {
            tracing::info!("a face cannot be compared as one of its person's: {why}");
        }
        let (month_then, to) = (month.clone(), user.clone());
        engine
            .write(move |writer| {
                writer.set_at_user(&done, Some(&to), Some((&month_then, &paid)))?;
                writer.refuse_faces(&refused)
            })
            .await?;
        // What is in the library already and like a new face of theirs: one question, whatever the number of faces.
        let Some(example) = told.done.first() else { return Ok(Ok(())) };
        let alike = match door.rekognition.search_faces(&door.collection, example).await {
            Ok(alike) => alike,
            Err(error) => return Ok(Err(error)),
        };
        let (paid, name) = (self.purse.take(), name.to_owned());
        self.report.suggestions +=
            engine.write(move |writer| writer.suggest_like(&name, &alike, (&month, &paid))).await?;
        Ok(Ok(()))
    }
}
