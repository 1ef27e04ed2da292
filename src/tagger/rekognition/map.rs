//! From the service's shapes to ours. Every field of theirs may be missing; what must be there and is not makes the
//! answer nonsense.

use aws_sdk_rekognition::operation::detect_faces::DetectFacesOutput;
use aws_sdk_rekognition::operation::detect_labels::DetectLabelsOutput;
use aws_sdk_rekognition::operation::detect_text::DetectTextOutput;
use aws_sdk_rekognition::types::{self, BoundingBox, TextTypes};

use super::super::TaggerError;
use crate::domain::labels::{Face, Label, Region, TextLine};

/// Most entries of a list that are looked at: the service gives 100.
pub(super) const MOST_ENTRIES: usize = 1_000;

pub(super) fn nonsense(why: &str) -> TaggerError {
    TaggerError::Nonsense(format!("Rekognition gave no sensible answer: {why}"))
}

/// Labels, and the version of the model that saw them.
pub(super) fn labels(output: DetectLabelsOutput) -> Result<(Vec<Label>, String), TaggerError> {
    let DetectLabelsOutput { labels, label_model_version, .. } = output;
    // A picture in which nothing is seen has an empty list, and a version.
    if labels.is_none() && label_model_version.is_none() {
        return Err(nonsense("neither labels nor a version"));
    }
    let told = labels.unwrap_or_default();
    let had_some = !told.is_empty();
    let labels: Vec<Label> = told.into_iter().take(MOST_ENTRIES).filter_map(label).collect();
    if had_some && labels.is_empty() {
        return Err(nonsense("no label has a name and a confidence"));
    }
    Ok((labels, label_model_version.unwrap_or_default()))
}

fn label(label: types::Label) -> Option<Label> {
    let names = |all: Vec<Option<String>>| all.into_iter().flatten().collect();
    let confidence = label.confidence.filter(|percent| percent.is_finite())?;
    Some(Label {
        name: label.name.filter(|name| !name.trim().is_empty())?,
        confidence,
        parents: names(label.parents.unwrap_or_default().into_iter().map(|one| one.name).collect()),
        aliases: names(label.aliases.unwrap_or_default().into_iter().map(|one| one.name).collect()),
        categories: names(label.categories.unwrap_or_default().into_iter().map(|one| one.name).collect()),
        regions: label.instances.unwrap_or_default().into_iter().filter_map(|one| region(one.bounding_box?)).collect(),
    })
}

/// Where faces are.
pub(super) fn faces(output: DetectFacesOutput) -> Result<Vec<Face>, TaggerError> {
    let told = output.face_details.ok_or_else(|| nonsense("no list of faces"))?;
    let had_some = !told.is_empty();
    let face =
        |face: types::FaceDetail| Some(Face { region: region(face.bounding_box?)?, confidence: face.confidence? });
    let faces: Vec<Face> = told.into_iter().take(MOST_ENTRIES).filter_map(face).collect();
    if had_some && faces.is_empty() { Err(nonsense("no face has a place in the picture")) } else { Ok(faces) }
}

/// Lines of text (not their words, which are told a second time), and the version of the model that read them.
pub(super) fn texts(output: DetectTextOutput) -> Result<(Vec<TextLine>, String), TaggerError> {
    let told = output.text_detections.ok_or_else(|| nonsense("no list of text"))?;
    let line = |text: types::TextDetection| {
        if text.r#type != Some(TextTypes::Line) {
            return None;
        }
        let region = text.geometry.and_then(|geometry| geometry.bounding_box).and_then(region);
        Some(TextLine { text: text.detected_text?, confidence: text.confidence?, region })
    };
    let lines = told.into_iter().take(MOST_ENTRIES).filter_map(line).collect();
    Ok((lines, output.text_model_version.unwrap_or_default()))
}

pub(super) fn region(place: BoundingBox) -> Option<Region> {
    let BoundingBox { left, top, width, height, .. } = place;
    Region { left: left?, top: top?, width: width?, height: height? }.within_picture()
}
