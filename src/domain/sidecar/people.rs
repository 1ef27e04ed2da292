//! Faces with a name, between the library (upright) and sidecars (as the file stores the picture).

use super::{Conflict, Fields, Ours, Person};
use crate::domain::Orientation;
use crate::domain::edit::Change;
use crate::domain::people::{FaceBox, PARTS, person_key};
use crate::domain::tag::TagName;

/// A point of the upright picture in the stored one (shares of width and height), or the other way round where `back`.
fn turned((u, v): (f64, f64), orientation: Orientation, back: bool) -> (f64, f64) {
    match orientation {
        Orientation::Upright => (u, v),
        Orientation::FlipHorizontal => (1.0 - u, v),
        Orientation::Rotate180 => (1.0 - u, 1.0 - v),
        Orientation::FlipVertical => (u, 1.0 - v),
        Orientation::Transpose => (v, u),
        Orientation::Transverse => (1.0 - v, 1.0 - u),
        // The two that are not their own way back.
        Orientation::Rotate90 if back => (1.0 - v, u),
        Orientation::Rotate90 => (v, 1.0 - u),
        Orientation::Rotate270 if back => (v, 1.0 - u),
        Orientation::Rotate270 => (1.0 - v, u),
    }
}

/// A face as a sidecar says it.
fn said(spot: FaceBox, name: &str, orientation: Orientation) -> Person {
    let share = |parts: u16| f64::from(parts) / f64::from(PARTS);
    let (w, h) = (share(spot.width), share(spot.height));
    let middle = (share(spot.left) + w / 2.0, share(spot.top) + h / 2.0);
    let (x, y) = turned(middle, orientation, false);
    let (w, h) = if orientation.swaps_sides() { (h, w) } else { (w, h) };
    Person { name: name.to_owned(), x, y, w, h }
}

/// A sidecar's face in the upright picture.
fn spot(person: &Person, orientation: Orientation) -> Option<FaceBox> {
    let (x, y) = turned((person.x, person.y), orientation, true);
    let (w, h) = if orientation.swaps_sides() { (person.h, person.w) } else { (person.w, person.h) };
    FaceBox::from_region(Person { name: String::new(), x, y, w, h }.region()?)
}

/// The face of a list that is taken for the same one.
fn same(faces: &[(FaceBox, String)], spot: FaceBox) -> Option<&(FaceBox, String)> {
    let near = faces.iter().filter(|(other, _)| other.is_same_face(spot));
    near.max_by(|a, b| a.0.overlap(spot).total_cmp(&b.0.overlap(spot)))
}

fn named(fields: &Fields, orientation: Orientation) -> Vec<(FaceBox, String)> {
    // What cannot be a name here, or lies nowhere, stays the sidecar's own.
    let with_name = fields.people.iter().filter(|person| TagName::new(&person.name).is_ok());
    with_name.filter_map(|person| Some((spot(person, orientation)?, person.name.clone()))).collect()
}

/// What has to be changed here; where both sides named a face anew, that is told.
pub(super) fn merge(base: Option<&Fields>, theirs: &Fields, ours: &Ours, told: &mut Vec<Conflict>) -> Vec<Change> {
    let before = base.map(|base| named(base, ours.orientation)).unwrap_or_default();
    let now = named(theirs, ours.orientation);
    let mut changes = Vec::new();
    for (spot, name) in &now {
        let was = same(&before, *spot).map(|(_, name)| person_key(name));
        match same(&ours.faces, *spot) {
            Some((_, here)) if person_key(here) == person_key(name) => {}
            Some((here, known)) if was.as_ref() == Some(&person_key(known)) => {
                changes.push(Change::Person(*here, Some(name.clone())));
            }
            // Named anew here since; or taken away here.
            Some(_) | None if was.as_ref() == Some(&person_key(name)) => {}
            Some((_, known)) => {
                told.push(Conflict { field: "person".to_owned(), here: known.clone(), there: name.clone() });
            }
            None => {
                changes.push(Change::Face(*spot, true));
                changes.push(Change::Person(*spot, Some(name.clone())));
            }
        }
    }
    for (spot, name) in &before {
        if same(&now, *spot).is_none()
            && let Some((here, known)) = same(&ours.faces, *spot)
            && person_key(known) == person_key(name)
        {
            changes.push(Change::Person(*here, None));
            changes.push(Change::Face(*here, false));
        }
    }
    changes
}

/// The faces that a sidecar is to name: its own boxes with our names, and ours that it lacks. Boxes without a name stay.
pub(super) fn wanted(theirs: &Fields, ours: &Ours) -> Vec<Person> {
    let mut left = ours.faces.clone();
    let mut people = Vec::new();
    for person in &theirs.people {
        let here = spot(person, ours.orientation).and_then(|spot| same(&left, spot).cloned());
        match here {
            Some((spot, name)) => {
                left.retain(|(known, _)| *known != spot);
                people.push(Person { name, ..person.clone() });
            }
            None if spot(person, ours.orientation).is_some() && TagName::new(&person.name).is_ok() => {}
            None => people.push(person.clone()),
        }
    }
    people.extend(left.iter().map(|(spot, name)| said(*spot, name, ours.orientation)));
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Orientation; 8] = [
        Orientation::Upright,
        Orientation::FlipHorizontal,
        Orientation::Rotate180,
        Orientation::FlipVertical,
        Orientation::Transpose,
        Orientation::Rotate90,
        Orientation::Transverse,
        Orientation::Rotate270,
    ];

    const ANN: FaceBox = FaceBox { left: 1_000, top: 2_000, width: 1_000, height: 3_000 };

    fn ours(faces: &[(FaceBox, &str)], orientation: Orientation) -> Ours {
        let faces = faces.iter().map(|(spot, name)| (*spot, (*name).to_owned())).collect();
        Ours { faces, orientation, ..Ours::default() }
    }

    #[test]
    fn a_face_goes_into_the_file_and_comes_back_whatever_its_orientation() {
        for orientation in ALL {
            let person = said(ANN, "Ann", orientation);
            assert_eq!(spot(&person, orientation), Some(ANN), "{orientation:?}");
        }
        // A camera held upright (6): what is at the top left of the picture lies at the bottom left of the file.
        let person = said(FaceBox { left: 0, top: 0, width: 1_000, height: 2_000 }, "Ann", Orientation::Rotate90);
        assert!((person.x - 0.1).abs() < 1e-9 && (person.y - 0.95).abs() < 1e-9, "{person:?}");
        assert!((person.w - 0.2).abs() < 1e-9 && (person.h - 0.1).abs() < 1e-9, "{person:?}");
    }

    #[test]
    fn names_are_merged_by_face() {
        let up = Orientation::Upright;
        let says = |name: &str| Fields { people: vec![said(ANN, name, up)], ..Fields::default() };
        let merged = |base: Option<&Fields>, theirs: &Fields, here: &[(FaceBox, &str)]| {
            let mut told = Vec::new();
            (merge(base, theirs, &ours(here, up), &mut told), told.len())
        };
        let new = vec![Change::Face(ANN, true), Change::Person(ANN, Some("Ann".into()))];
        assert_eq!(merged(None, &says("Ann"), &[]), (new, 0), "read for the first time");
        assert_eq!(merged(Some(&says("Ann")), &says("Ann"), &[]), (vec![], 0), "taken away here, it stays away");
        let renamed = vec![Change::Person(ANN, Some("Anne".into()))];
        assert_eq!(merged(Some(&says("Ann")), &says("Anne"), &[(ANN, "Ann")]), (renamed, 0));
        assert_eq!(merged(Some(&says("Ann")), &says("Anne"), &[(ANN, "Bo")]), (vec![], 1), "both did");
        assert_eq!(merged(Some(&says("Ann")), &says("Ann"), &[(ANN, "Bo")]), (vec![], 0), "named anew here");
        let gone = vec![Change::Person(ANN, None), Change::Face(ANN, false)];
        assert_eq!(merged(Some(&says("Ann")), &Fields::default(), &[(ANN, "Ann")]), (gone, 0));
    }

    #[test]
    fn a_sidecar_keeps_its_boxes_and_takes_our_names() {
        let up = Orientation::Upright;
        let near = FaceBox { left: 1_050, ..ANN };
        let far = FaceBox { left: 7_000, ..ANN };
        let nobody = Person { name: String::new(), ..said(FaceBox { left: 4_000, ..ANN }, "", up) };
        let theirs = Fields { people: vec![said(near, "Old", up), nobody.clone()], ..Fields::default() };
        let people = wanted(&theirs, &ours(&[(ANN, "Ann"), (far, "Bo")], up));
        assert_eq!(people[0], said(near, "Ann", up), "one truth, and their box");
        assert_eq!(people[1], nobody);
        assert_eq!(people[2], said(far, "Bo", up));
        assert_eq!(wanted(&theirs, &ours(&[], up)), [nobody], "a name that was taken away goes");
    }
}
