//! Deleting all face data, here and at AWS, and showing by listing that nothing is left.
//!
//! That it began is written down first. What the network does not let come to its end is asked again, and goes on.

use super::{COLLECTION, CONSENT, DELETING, Door, MODEL};
use crate::engine::cancel::Cancel;
use crate::engine::parts::Engine;
use crate::engine::progress::Reporter;
use crate::protocol::{Event, ForgetReport, Phase, UserError};
use crate::tagger::TaggerError;

/// What stays, in plain words.
const STAYS: [&str; 2] = [
    "What stays: your photos, tags and ratings; names in sidecars (.xmp) beside your photos, until the sidecars are \
     written again; and older entries of the edit history in your stores (boxes and names, never face vectors), because \
     versions there are never deleted. Newer entries take them back, so that no name returns.",
    "Switched on again later, every photo is sent, and paid for, anew.",
];

impl Engine {
    /// Deletes all face data and proves it; goes on where an earlier try did not come to its end.
    ///
    /// # Errors
    /// Where the catalogue cannot be used. That AWS cannot be reached is no error but stands in the report.
    pub async fn forget_people(&self, cancel: &Cancel, reporter: &Reporter) -> Result<ForgetReport, UserError> {
        let _one = self.0.tagging.lock().await;
        reporter.phase(Phase::Working);
        self.set_people(DELETING, "yes".to_owned()).await?;
        self.set_people(CONSENT, String::new()).await?;
        let mut report = ForgetReport::default();
        let now = self.now();
        (report.faces, report.names) = self.write(move |writer| writer.forget_faces(now)).await?;
        self.0.say.say(Event::Changed { seats: None, order: false }).await;
        self.0.say.say(Event::PeopleChanged).await;
        self.say_undo_state().await;
        if let Err(error) = self.flush_edits().await {
            tracing::info!("the stores hear later that names were taken back ({error})");
        }
        let known = self.people_setting(COLLECTION).await?;
        match (self.people_door().await, known) {
            _ if cancel.is_cancelled() => report.stopped = Some("it was stopped".to_owned()),
            (Ok(door), known) => {
                let mut names = vec![door.collection.clone()];
                names.extend(known.filter(|known| *known != door.collection));
                for name in names {
                    if let Err(error) = delete_at_aws(&door, &name, &mut report).await {
                        report.stopped = Some(error.to_string());
                        break;
                    }
                }
            }
            (Err(error), None) => report.proof.push(format!(
                "At AWS: this library never made a collection, so that there is nothing to delete ({}).",
                error.message
            )),
            (Err(error), Some(name)) => {
                report.stopped = Some(format!("the collection {name} cannot be deleted now: {}", error.message));
            }
        }
        self.prove_forgotten(&mut report).await?;
        self.0.say.say(Event::PeopleChanged).await;
        Ok(report)
    }

    /// Counts what is left here, and ends the deletion where nothing is.
    async fn prove_forgotten(&self, report: &mut ForgetReport) -> Result<(), UserError> {
        let rows = self.read(|reader| reader.face_rows()).await?;
        let counts: Vec<String> = rows.iter().map(|(table, rows)| format!("{table} {rows}")).collect();
        report.proof.insert(0, format!("Here: {} (rows counted after the deletion).", counts.join(", ")));
        report.proof.extend(STAYS.map(ToOwned::to_owned));
        let is_empty = rows.iter().all(|(_, rows)| *rows == 0);
        report.proved = is_empty && report.stopped.is_none();
        if report.proved {
            for setting in [COLLECTION, MODEL, DELETING] {
                self.set_people(setting, String::new()).await?;
            }
        }
        Ok(())
    }
}

/// Deletes one collection, then looks whether it is gone.
async fn delete_at_aws(door: &Door, name: &str, report: &mut ForgetReport) -> Result<(), TaggerError> {
    let rekognition = &door.rekognition;
    if let Some(before) = rekognition.collection(name).await? {
        report.at_aws += before.faces;
    }
    if rekognition.delete_collection(name).await? {
        report.collections.push(name.to_owned());
    }
    if rekognition.collection(name).await?.is_some() {
        return Err(TaggerError::Unavailable(format!("the collection {name} is still there")));
    }
    let mut left = 0;
    rekognition
        .list_faces(name, |faces| {
            left += faces.len();
            true
        })
        .await?;
    if left > 0 {
        return Err(TaggerError::Unavailable(format!("the collection {name} still lists {left} faces")));
    }
    let region = rekognition.region();
    report.proof.push(format!("At AWS, {region}: there is no collection {name}, and it lists no faces."));
    match rekognition.collections().await {
        Ok(all) if all.iter().any(|one| one == name) => {
            return Err(TaggerError::Unavailable(format!("the collection {name} is still listed")));
        }
        Ok(all) => report.proof.push(format!("At AWS, {region}: of {} collections of the account none is {name}.", all.len())),
        // A signed-in person's role may see its own collection only, which is as it should be.
        Err(TaggerError::Denied(_)) => report.proof.push(format!(
            "At AWS, {region}: the names of all collections are not yours to list; your own was asked for by name, above."
        )),
        Err(error) => return Err(error),
    }
    Ok(())
}
