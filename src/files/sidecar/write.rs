//! Changes a text of XMP in places, so that it says something else and is otherwise as it was, byte for byte.

use std::collections::BTreeSet;
use std::ops::Range;

use super::read::{Spot, container, default_entry, descriptions, entries, levels, person, region_list, spots};
use super::tree::{Element, Scope};
use super::{DC, DIGIKAM, LR, MWG_RS, RDF, ST_AREA, ST_DIM, XML_NS, XMP, XMP_DM};
use crate::domain::sidecar::{Fields, Person, tidy_text};
use crate::domain::{ColourLabel, Flag};

/// The prefixes by which people know these names.
const PREFIXES: [(&str, &str); 9] = [
    (RDF, "rdf"),
    (DC, "dc"),
    (XMP, "xmp"),
    (XMP_DM, "xmpDM"),
    (LR, "lr"),
    (DIGIKAM, "digiKam"),
    (MWG_RS, "mwg-rs"),
    (ST_AREA, "stArea"),
    (ST_DIM, "stDim"),
];

/// The text that says `wanted` where the one before says `now`; `None` where that cannot be done in places.
pub(super) fn change(
    text: &str,
    rdf: &Element,
    now: &Fields,
    wanted: &Fields,
    size_px: Option<(u32, u32)>,
) -> Option<String> {
    let home = descriptions(rdf).next();
    let scope = &home.unwrap_or(rdf).scope;
    let mut editor = Editor { text, rdf, scope, splices: Vec::new(), added: Vec::new() };
    let stars = |fields: &Fields| fields.rating.map_or(0, |rating| rating.stars());
    if stars(now) != stars(wanted) || now.flag != wanted.flag {
        let value = if wanted.flag == Flag::Reject { "-1".to_owned() } else { stars(wanted).to_string() };
        editor.simple(XMP, "Rating", Some(&value), value != "0");
    }
    if now.flag != wanted.flag {
        let (pick, label) = match wanted.flag {
            Flag::None => ("0", "0"),
            Flag::Pick => ("1", "3"),
            Flag::Reject => ("-1", "1"),
        };
        editor.simple(XMP_DM, "pick", Some(pick), wanted.flag == Flag::Pick);
        editor.simple(DIGIKAM, "PickLabel", Some(label), wanted.flag == Flag::Pick);
    }
    if now.label != wanted.label {
        editor.simple(XMP, "Label", wanted.label.as_deref(), true);
        let colour = wanted.label.as_deref().map(ColourLabel::from_xmp).unwrap_or_default();
        editor.simple(DIGIKAM, "ColorLabel", Some(colour.digikam()), false);
    }
    if now.title != wanted.title {
        editor.language("title", wanted.title.as_deref());
    }
    if now.caption != wanted.caption {
        editor.language("description", wanted.caption.as_deref());
    }
    if all_paths(now) != all_paths(wanted) {
        editor.keywords(now, wanted);
    }
    if now.people != wanted.people {
        editor.people(now, wanted, size_px)?;
    }
    editor.finish(home)
}

/// An element that is to be added.
struct New {
    namespace: &'static str,
    local: &'static str,
    /// Namespace (empty for `xml:`), local name and value.
    attributes: Vec<(&'static str, &'static str, String)>,
    content: Content,
}

enum Content {
    Text(String),
    Elements(Vec<New>),
}

impl New {
    fn text(namespace: &'static str, local: &'static str, text: &str) -> Self {
        Self { namespace, local, attributes: Vec::new(), content: Content::Text(text.to_owned()) }
    }

    fn of(namespace: &'static str, local: &'static str, elements: Vec<New>) -> Self {
        Self { namespace, local, attributes: Vec::new(), content: Content::Elements(elements) }
    }

    fn with(mut self, namespace: &'static str, local: &'static str, value: &str) -> Self {
        self.attributes.push((namespace, local, value.to_owned()));
        self
    }
}

/// Finds prefixes that mean something in a place, and declares those that do not exist there. None is given another
/// meaning.
struct Namer<'a> {
    scope: &'a Scope,
    declared: Vec<(&'static str, String)>,
}

impl Namer<'_> {
    fn name(&mut self, namespace: &'static str, local: &str) -> String {
        if namespace == XML_NS {
            return format!("xml:{local}");
        }
        if let Some(prefix) = self.scope.prefix(namespace) {
            return format!("{prefix}:{local}");
        }
        if let Some((_, prefix)) = self.declared.iter().find(|(known, _)| *known == namespace) {
            return format!("{prefix}:{local}");
        }
        let usual = PREFIXES.iter().find(|(known, _)| *known == namespace).map_or("ns", |(_, prefix)| prefix);
        let is_free = |prefix: &String| {
            self.scope.namespace(prefix).is_none() && self.declared.iter().all(|(_, known)| known != prefix)
        };
        let mut prefix = usual.to_owned();
        let mut count = 1;
        while !is_free(&prefix) {
            count += 1;
            prefix = format!("{usual}{count}");
        }
        let name = format!("{prefix}:{local}");
        self.declared.push((namespace, prefix));
        name
    }

    /// Lays an element out below an indentation; declarations go to the outermost one.
    fn lay_out(&mut self, new: &New, indent: &str) -> String {
        let before = self.declared.len();
        let body = self.body(new, indent);
        let declarations: String =
            self.declared[before..].iter().map(|(uri, prefix)| format!(" xmlns:{prefix}=\"{uri}\"")).collect();
        self.declared.truncate(before);
        let end = body.find([' ', '>', '/']).unwrap_or(0);
        format!("{indent}{}{declarations}{}", &body[..end], &body[end..])
    }

    fn body(&mut self, new: &New, indent: &str) -> String {
        let name = self.name(new.namespace, new.local);
        let mut tag = format!("<{name}");
        for (namespace, local, value) in &new.attributes {
            tag.push_str(&format!(" {}=\"{}\"", self.name(namespace, local), escape_attribute(value)));
        }
        match &new.content {
            Content::Text(text) => format!("{tag}>{}</{name}>", escape(text)),
            Content::Elements(elements) if elements.is_empty() => format!("{tag}/>"),
            Content::Elements(elements) => {
                let deeper = format!("{indent} ");
                let inner: String =
                    elements.iter().map(|element| format!("{deeper}{}", self.body(element, &deeper))).collect();
                format!("{tag}>{inner}{indent}</{name}>")
            }
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn escape_attribute(text: &str) -> String {
    escape(text).replace('"', "&quot;").replace('\'', "&apos;").replace('\n', "&#10;").replace('\t', "&#9;")
}

/// One of the three lists in which programs look for keywords.
struct List {
    namespace: &'static str,
    local: &'static str,
    container: &'static str,
    /// What parts levels; none in a flat list.
    separator: Option<char>,
    /// Letters that would be misread in it.
    never: &'static [char],
}

const LISTS: [List; 3] = [
    List { namespace: DC, local: "subject", container: "Bag", separator: None, never: &[] },
    List { namespace: LR, local: "hierarchicalSubject", container: "Bag", separator: Some('|'), never: &['|'] },
    List { namespace: DIGIKAM, local: "TagsList", container: "Seq", separator: Some('/'), never: &['/', '|'] },
];

struct Editor<'a> {
    text: &'a str,
    rdf: &'a Element,
    /// What prefixes mean where properties are added.
    scope: &'a Scope,
    splices: Vec<(Range<usize>, String)>,
    added: Vec<New>,
}

impl<'a> Editor<'a> {
    fn splice(&mut self, at: Range<usize>, by: String) {
        self.splices.push((at, by));
    }

    /// The white space before a place.
    fn space_before(&self, at: usize) -> Range<usize> {
        self.text[..at].trim_end().len()..at
    }

    fn take_out(&mut self, at: &Range<usize>) {
        let from = self.space_before(at.start).start;
        self.splice(from..at.end, String::new());
    }

    fn remove(&mut self, spot: &Spot<'_>) {
        match spot {
            Spot::Attribute(attribute) => self.take_out(&attribute.outer),
            Spot::Element(element) => self.take_out(&element.outer),
        }
    }

    /// Puts a text (escaped already) between an element's tags, which it may have to get first.
    fn fill(&mut self, element: &Element, at: Range<usize>, content: String) {
        if element.is_closed() {
            let end = element.outer.end;
            self.splice(end - 2..end, format!(">{content}</{}>", element.name));
        } else {
            self.splice(at, content);
        }
    }

    fn set_text(&mut self, element: &Element, text: &str) {
        self.fill(element, element.inner.clone(), escape(text));
    }

    /// Sets a simple property wherever it stands; `None` takes it out. `create`: where it is nowhere, adds it.
    fn simple(&mut self, namespace: &'static str, local: &'static str, value: Option<&str>, create: bool) {
        let rdf = self.rdf;
        let spots = spots(rdf, namespace, local);
        for spot in &spots {
            match (spot, value) {
                (Spot::Attribute(attribute), Some(value)) => {
                    self.splice(attribute.value_at.clone(), escape_attribute(value));
                }
                (Spot::Element(element), Some(value)) => self.set_text(element, value),
                (spot, None) => self.remove(spot),
            }
        }
        if let (true, true, Some(value)) = (spots.is_empty(), create, value) {
            self.added.push(New::text(namespace, local, value));
        }
    }

    /// Sets the default language of a text; the others stay. `None` takes all of them out.
    fn language(&mut self, local: &'static str, value: Option<&str>) {
        let rdf = self.rdf;
        let spots = spots(rdf, DC, local);
        for spot in &spots {
            match (spot, value) {
                (spot, None) => self.remove(spot),
                (Spot::Attribute(attribute), Some(value)) => {
                    self.splice(attribute.value_at.clone(), escape_attribute(value));
                }
                (Spot::Element(property), Some(value)) => match container(property) {
                    None => self.set_text(property, value),
                    Some(list) => self.default_language(list, value),
                },
            }
        }
        if let (true, Some(value)) = (spots.is_empty(), value) {
            let entry = New::text(RDF, "li", value).with(XML_NS, "lang", "x-default");
            self.added.push(New::of(DC, local, vec![New::of(RDF, "Alt", vec![entry])]));
        }
    }

    fn default_language(&mut self, list: &Element, value: &str) {
        let is_default = |entry: &&Element| entry.attribute(XML_NS, "lang").is_none_or(|lang| lang == "x-default");
        match default_entry(list).filter(is_default) {
            Some(entry) => self.set_text(entry, value),
            None => {
                let name = name_beside(list);
                let entry = format!("<{name} xml:lang=\"x-default\">{}</{name}>", escape(value));
                self.fill(list, list.inner.start..list.inner.start, entry);
            }
        }
    }

    /// Adds entries (laid out already, without indentation) behind the last one of a list.
    fn append(&mut self, list: &'a Element, new: &[String]) {
        if new.is_empty() {
            return;
        }
        let last = list.children.last();
        let indent = last.map_or(String::new(), |last| self.text[self.space_before(last.outer.start)].to_owned());
        let at = last.map_or(list.inner.start, |last| last.outer.end);
        let text = new.iter().map(|entry| format!("{indent}{entry}")).collect();
        self.fill(list, at..at, text);
    }

    fn keywords(&mut self, now: &Fields, wanted: &Fields) {
        let (before, after) = (all_paths(now), all_paths(wanted));
        for list in &LISTS {
            // What only the file says, and the library does not understand, is nobody's to take out.
            self.keyword_list(list, wanted, &|path| before.contains(path) && !after.contains(path));
        }
    }

    fn keyword_list(&mut self, list: &List, wanted: &Fields, is_gone: &dyn Fn(&Vec<String>) -> bool) {
        let read = |entry: &str| -> Vec<String> {
            let entry = tidy_text(entry);
            list.separator.map_or_else(|| vec![entry.clone()], |separator| levels(&entry, separator))
        };
        let rdf = self.rdf;
        let mut kept: Vec<Vec<String>> = Vec::new();
        let mut home = None;
        let mut loose = Vec::new();
        for spot in spots(rdf, list.namespace, list.local) {
            let Spot::Element(property) = spot else {
                loose.push(spot);
                continue;
            };
            let Some(inside) = container(property) else {
                loose.push(Spot::Element(property));
                continue;
            };
            home = home.or(Some(inside));
            for entry in entries(inside) {
                let path = read(&entry.text);
                if is_gone(&path) { self.take_out(&entry.outer) } else { kept.push(path) }
            }
        }
        let mut new = Vec::new();
        // A list in an unusual form becomes a usual one.
        for spot in &loose {
            new.extend(Some(read(spot.text())).filter(|path| !path.is_empty() && !is_gone(path)));
            self.remove(spot);
        }
        self.missing(list, wanted, &kept, &mut new);
        let joined: Vec<String> =
            new.iter().map(|path| path.join(&list.separator.map(String::from).unwrap_or_default())).collect();
        match home {
            Some(home) => {
                let name = name_beside(home);
                let entries: Vec<String> =
                    joined.iter().map(|word| format!("<{name}>{}</{name}>", escape(word))).collect();
                self.append(home, &entries);
            }
            None if joined.is_empty() => {}
            None => {
                let entries = joined.iter().map(|word| New::text(RDF, "li", word)).collect();
                self.added.push(New::of(list.namespace, list.local, vec![New::of(RDF, list.container, entries)]));
            }
        }
    }

    /// Adds what a list is to say and does not yet. Programs that find one of the lists may look at no other, so that
    /// each is made complete, as far as its separators allow.
    fn missing(&self, list: &List, wanted: &Fields, kept: &[Vec<String>], new: &mut Vec<Vec<String>>) {
        let mut leaves: BTreeSet<String> = kept.iter().chain(&*new).filter_map(|path| path.last()).cloned().collect();
        let can = |word: &String| !word.contains(list.never);
        if list.separator.is_some() {
            let there: BTreeSet<&Vec<String>> = kept.iter().collect();
            for path in wanted.paths.iter().filter(|path| path.iter().all(can) && !there.contains(path)) {
                leaves.extend(path.last().cloned());
                new.push(path.clone());
            }
        }
        for word in &wanted.keywords {
            if can(word) && leaves.insert(word.clone()) {
                new.push(vec![word.clone()]);
            }
        }
    }

    fn people(&mut self, now: &Fields, wanted: &Fields, size_px: Option<(u32, u32)>) -> Option<()> {
        let rdf = self.rdf;
        let new: Vec<&Person> = wanted.people.iter().filter(|person| !now.people.contains(person)).collect();
        let Some(list) = region_list(rdf) else {
            // Regions without a list are something that this program does not understand.
            if !spots(rdf, MWG_RS, "Regions").is_empty() {
                return None;
            }
            let entries = new.into_iter().map(region).collect();
            let list = New::of(MWG_RS, "RegionList", vec![New::of(RDF, "Bag", entries)]);
            let mut parts = Vec::new();
            if let Some((width, height)) = size_px {
                let size = New::of(MWG_RS, "AppliedToDimensions", Vec::new())
                    .with(ST_DIM, "w", &width.to_string())
                    .with(ST_DIM, "h", &height.to_string())
                    .with(ST_DIM, "unit", "pixel");
                parts.push(size);
            }
            parts.push(list);
            self.added.push(New::of(MWG_RS, "Regions", parts).with(RDF, "parseType", "Resource"));
            return Some(());
        };
        for entry in entries(list) {
            if person(entry).is_some_and(|person| !wanted.people.contains(&person)) {
                self.take_out(&entry.outer);
            }
        }
        let mut namer = Namer { scope: &list.scope, declared: Vec::new() };
        let laid_out: Vec<String> = new.into_iter().map(|person| namer.lay_out(&region(person), "")).collect();
        self.append(list, &laid_out);
        Some(())
    }

    fn finish(mut self, home: Option<&'a Element>) -> Option<String> {
        if !self.added.is_empty() {
            let indent = home.and_then(|home| home.children.first()).map_or("\n   ", |first| {
                let space = &self.text[self.space_before(first.outer.start)];
                space.rfind('\n').map_or("\n   ", |at| &space[at..])
            });
            let mut namer = Namer { scope: self.scope, declared: Vec::new() };
            let mut text: String = self.added.iter().map(|new| namer.lay_out(new, indent)).collect();
            match home {
                Some(home) => {
                    let at = home.children.last().map_or(home.inner.start, |last| last.outer.end);
                    if home.is_closed() || home.children.is_empty() && home.inner.is_empty() {
                        text.push_str("\n  ");
                    }
                    self.fill(home, at..at, text);
                }
                None => {
                    let (name, about) = (namer.name(RDF, "Description"), namer.name(RDF, "about"));
                    let rdf = self.rdf;
                    let content = format!("\n  <{name} {about}=\"\">{text}\n  </{name}>");
                    // A default namespace has no prefix to name the new element by: rare enough to leave alone.
                    rdf.scope.prefix(RDF)?;
                    self.fill(rdf, rdf.inner.start..rdf.inner.start, content);
                }
            }
        }
        self.apply()
    }

    /// The text with all changes; `None` where two of them meet.
    fn apply(mut self) -> Option<String> {
        // Insertions at one place keep their order, and come behind what is taken out up to there.
        self.splices.sort_by_key(|(at, _)| (at.start, at.end));
        let mut out = String::with_capacity(self.text.len() + 1_024);
        let mut done = 0;
        for (at, by) in &self.splices {
            if at.start < done {
                return None;
            }
            out.push_str(self.text.get(done..at.start)?);
            out.push_str(by);
            done = at.end;
        }
        out.push_str(self.text.get(done..)?);
        Some(out)
    }
}

/// Every keyword as a path, the flat ones with one level.
fn all_paths(fields: &Fields) -> BTreeSet<Vec<String>> {
    fields.keywords.iter().map(|word| vec![word.clone()]).chain(fields.paths.iter().cloned()).collect()
}

/// The name of an entry, with the prefix that its list has.
fn name_beside(list: &Element) -> String {
    list.name.split_once(':').map_or_else(|| "li".to_owned(), |(prefix, _)| format!("{prefix}:li"))
}

/// A person as an entry of the list of regions.
fn region(person: &Person) -> New {
    let area = New::of(MWG_RS, "Area", Vec::new())
        .with(ST_AREA, "x", &person.x.to_string())
        .with(ST_AREA, "y", &person.y.to_string())
        .with(ST_AREA, "w", &person.w.to_string())
        .with(ST_AREA, "h", &person.h.to_string())
        .with(ST_AREA, "unit", "normalized");
    let inner = New::of(RDF, "Description", vec![area]).with(MWG_RS, "Name", &person.name).with(MWG_RS, "Type", "Face");
    New::of(RDF, "li", vec![inner])
}
