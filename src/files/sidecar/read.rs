//! What a tree of XMP says.

use super::tree::{Attribute, Element};
use super::{DC, DIGIKAM, LR, MWG_RS, RDF, ST_AREA, XML_NS, XMP, XMP_DM};
use crate::domain::sidecar::{Fields, Person};
use crate::domain::{ColourLabel, Flag, Rating};

/// The `rdf:RDF` of a packet: the root, or in it.
pub(super) fn rdf(root: &Element) -> Option<&Element> {
    if root.is(RDF, "RDF") { Some(root) } else { root.children.iter().find_map(rdf) }
}

/// The descriptions whose properties are the photo's.
pub(super) fn descriptions(rdf: &Element) -> impl Iterator<Item = &Element> {
    rdf.children.iter().filter(|child| child.is(RDF, "Description"))
}

/// A property, as an attribute of the description or as an element in it.
pub(super) enum Spot<'a> {
    Attribute(&'a Attribute),
    Element(&'a Element),
}

impl Spot<'_> {
    /// Its text, where it is a simple one.
    pub fn text(&self) -> &str {
        match self {
            Self::Attribute(attribute) => attribute.value.trim(),
            Self::Element(element) => element.text.trim(),
        }
    }
}

/// Every place of a property.
pub(super) fn spots<'a>(rdf: &'a Element, namespace: &'a str, local: &'a str) -> Vec<Spot<'a>> {
    let mut found = Vec::new();
    for description in descriptions(rdf) {
        let attributes = description.attributes.iter().filter(|one| one.namespace == namespace && one.local == local);
        found.extend(attributes.map(Spot::Attribute));
        let children = description.children.iter().filter(|child| child.is(namespace, local));
        found.extend(children.map(Spot::Element));
    }
    found
}

/// The container (`rdf:Bag`, `rdf:Seq` or `rdf:Alt`) of a property.
pub(super) fn container(property: &Element) -> Option<&Element> {
    property.children.iter().find(|child| child.namespace == RDF && matches!(&*child.local, "Bag" | "Seq" | "Alt"))
}

/// The entries of a container.
pub(super) fn entries(container: &Element) -> impl Iterator<Item = &Element> {
    container.children.iter().filter(|child| child.is(RDF, "li"))
}

/// The first text of a simple property that is not empty.
fn text(rdf: &Element, namespace: &str, local: &str) -> Option<String> {
    let spots = spots(rdf, namespace, local);
    spots.iter().map(Spot::text).find(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// The entry of an alternative in the default language, or else the first.
pub(super) fn default_entry(container: &Element) -> Option<&Element> {
    let is_default = |entry: &&Element| entry.attribute(XML_NS, "lang").is_none_or(|language| language == "x-default");
    entries(container).find(is_default).or_else(|| entries(container).next())
}

/// A text in several languages: the default one.
fn language_text(rdf: &Element, local: &str) -> Option<String> {
    let spots = spots(rdf, DC, local);
    let texts = spots.iter().map(|spot| match spot {
        Spot::Element(property) => match container(property) {
            Some(container) => default_entry(container).map_or("", |entry| entry.text.trim()),
            None => property.text.trim(),
        },
        Spot::Attribute(attribute) => attribute.value.trim(),
    });
    texts.into_iter().find(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// Every entry of a list of keywords.
fn words(rdf: &Element, namespace: &str, local: &str) -> Vec<String> {
    let mut words = Vec::new();
    for spot in spots(rdf, namespace, local) {
        match &spot {
            Spot::Element(property) if container(property).is_some() => {
                let all = container(property).into_iter().flat_map(entries);
                words.extend(all.map(|entry| entry.text.trim().to_owned()));
            }
            other => words.push(other.text().to_owned()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The levels of an entry of a hierarchical list.
pub(super) fn levels(entry: &str, separator: char) -> Vec<String> {
    entry.split(separator).map(str::trim).filter(|level| !level.is_empty()).map(ToOwned::to_owned).collect()
}

/// A number as programs write ratings: `5`, `5.0`, `-1`.
fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The colour that only digiKam's own property names.
fn digikam_label(rdf: &Element) -> Option<String> {
    let number = text(rdf, DIGIKAM, "ColorLabel")?;
    ColourLabel::from_digikam(&number).xmp().map(ToOwned::to_owned)
}

/// What the properties say, in the form that [`Fields::tidied`] gives.
pub(super) fn fields(rdf: &Element) -> Fields {
    let mut fields = Fields {
        label: text(rdf, XMP, "Label").or_else(|| digikam_label(rdf)),
        keywords: words(rdf, DC, "subject"),
        title: language_text(rdf, "title"),
        caption: language_text(rdf, "description"),
        people: people(rdf),
        ..Fields::default()
    };
    let stars = text(rdf, XMP, "Rating").as_deref().and_then(number);
    fields.rating = stars.filter(|stars| (0.0..=5.0).contains(stars)).and_then(|n| Rating::new(n.round() as u8));
    let pick = text(rdf, XMP_DM, "pick").as_deref().and_then(number).unwrap_or_default();
    let label = text(rdf, DIGIKAM, "PickLabel").as_deref().and_then(number).unwrap_or_default();
    fields.flag = match () {
        () if stars.is_some_and(|stars| stars < 0.0) || pick < 0.0 || label == 1.0 => Flag::Reject,
        () if pick > 0.0 || label == 3.0 => Flag::Pick,
        () => Flag::None,
    };
    let lists = [(LR, "hierarchicalSubject", '|'), (DIGIKAM, "TagsList", '/')];
    for (namespace, local, separator) in lists {
        for entry in words(rdf, namespace, local) {
            let mut levels = levels(&entry, separator);
            match levels.len() {
                0 => {}
                1 => fields.keywords.append(&mut levels),
                _ => fields.paths.push(levels),
            }
        }
    }
    fields.tidied()
}

/// The value of a member of a structure: as an attribute, an element, or in the description that wraps it.
pub(super) fn member<'a>(structure: &'a Element, namespace: &str, local: &str) -> Option<&'a str> {
    let direct = structure.attribute(namespace, local);
    let child = || structure.child(namespace, local).map(|child| child.text.trim());
    direct.or_else(child).or_else(|| wrapped(structure).and_then(|inner| member(inner, namespace, local)))
}

/// The description that a structure's members may be wrapped in.
fn wrapped(structure: &Element) -> Option<&Element> {
    structure.child(RDF, "Description")
}

/// A member that is a structure or a list itself.
pub(super) fn part<'a>(structure: &'a Element, namespace: &str, local: &str) -> Option<&'a Element> {
    let direct = structure.child(namespace, local);
    direct.or_else(|| wrapped(structure).and_then(|inner| inner.child(namespace, local)))
}

/// The list of regions, where there is one.
pub(super) fn region_list(rdf: &Element) -> Option<&Element> {
    spots(rdf, MWG_RS, "Regions").into_iter().find_map(|spot| match spot {
        Spot::Element(property) => part(property, MWG_RS, "RegionList").and_then(container),
        Spot::Attribute(_) => None,
    })
}

/// The person of an entry; none where it is something else, or measured in pixels.
pub(super) fn person(entry: &Element) -> Option<Person> {
    if member(entry, MWG_RS, "Type") != Some("Face") {
        return None;
    }
    let area = part(entry, MWG_RS, "Area")?;
    if member(area, ST_AREA, "unit").is_some_and(|unit| unit != "normalized") {
        return None;
    }
    let share = |local: &str| member(area, ST_AREA, local).and_then(number);
    let (x, y) = (share("x")?, share("y")?);
    // A point or a circle has no sides.
    let (w, h) = (share("w").or_else(|| share("d"))?, share("h").or_else(|| share("d"))?);
    let name = member(entry, MWG_RS, "Name").unwrap_or_default().trim().to_owned();
    Some(Person { name, x, y, w, h })
}

fn people(rdf: &Element) -> Vec<Person> {
    region_list(rdf).into_iter().flat_map(entries).filter_map(person).collect()
}
