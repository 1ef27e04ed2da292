//! XML as a tree that remembers where in the text everything stands, so that it can be changed in places and stays as
//! it is everywhere else.
//!
//! Strict, because what is misunderstood here would be written back: names must match, prefixes must be bound where
//! they matter, and no document type or entity of one's own is allowed. Bounded: see the constants.

use std::ops::Range;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::events::Event;

/// Deeper nesting is refused.
const MOST_DEPTH: usize = 100;
/// More elements are refused: a tree takes about 300 bytes for each.
const MOST_ELEMENTS: usize = 200_000;
/// More attributes are refused.
const MOST_ATTRIBUTES: usize = 400_000;

const XML_NS: &str = "http://www.w3.org/XML/1998/namespace";

/// The prefixes that an element declares, and those around it.
#[derive(Debug, Default)]
pub(super) struct Scope {
    parent: Option<Arc<Scope>>,
    bound: Vec<(String, Arc<str>)>,
}

impl Scope {
    /// What a prefix means here; the empty one is the default namespace.
    pub fn namespace(&self, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some(XML_NS);
        }
        let mut at = Some(self);
        while let Some(scope) = at {
            if let Some((_, namespace)) = scope.bound.iter().rev().find(|(known, _)| known == prefix) {
                return Some(namespace);
            }
            at = scope.parent.as_deref();
        }
        None
    }

    /// A prefix, not the empty one, that means this namespace here.
    pub fn prefix(&self, namespace: &str) -> Option<&str> {
        let mut at = Some(self);
        while let Some(scope) = at {
            for (prefix, known) in scope.bound.iter().rev() {
                // One that is bound anew further in means something else here.
                if &**known == namespace && !prefix.is_empty() && self.namespace(prefix) == Some(namespace) {
                    return Some(prefix);
                }
            }
            at = scope.parent.as_deref();
        }
        None
    }
}

/// An attribute, without the declarations of prefixes.
#[derive(Debug)]
pub(super) struct Attribute {
    /// Empty where there is no prefix.
    pub namespace: String,
    /// Name without prefix.
    pub local: String,
    /// With its references resolved.
    pub value: String,
    /// Where the value stands, between the quotes.
    pub value_at: Range<usize>,
    /// Where all of it stands, from its name to the last quote.
    pub outer: Range<usize>,
}

/// An element.
#[derive(Debug)]
pub(super) struct Element {
    /// As written, with its prefix.
    pub name: String,
    /// Empty where it has none.
    pub namespace: String,
    /// Name without prefix.
    pub local: String,
    /// Its attributes, in order.
    pub attributes: Vec<Attribute>,
    /// Its elements, in order.
    pub children: Vec<Element>,
    /// The text directly in it, with references resolved.
    pub text: String,
    /// From `<` to the last `>`.
    pub outer: Range<usize>,
    /// What lies between its tags; empty, at the end, where it is `<one/>`.
    pub inner: Range<usize>,
    /// What prefixes mean in it.
    pub scope: Arc<Scope>,
}

impl Element {
    /// Whether it has this name.
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace == namespace && self.local == local
    }

    /// Whether it is written as `<one/>`.
    pub fn is_closed(&self) -> bool {
        self.inner.start == self.outer.end
    }

    /// An attribute's value.
    pub fn attribute(&self, namespace: &str, local: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|one| one.namespace == namespace && one.local == local);
        found.map(|one| one.value.as_str())
    }

    /// The first child of this name.
    pub fn child(&self, namespace: &str, local: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.is(namespace, local))
    }
}

/// Reads a text; its root.
///
/// # Errors
/// One clear line.
pub(super) fn parse(text: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(text);
    let mut builder = Builder { text, open: Vec::new(), root: None, elements: 0, attributes: 0 };
    loop {
        let start = position(&reader);
        let event = reader.read_event().map_err(|why| format!("it is no sound XML: {why}"))?;
        let at = start..position(&reader);
        match event {
            Event::Start(_) => builder.start(at)?,
            Event::Empty(_) => {
                builder.start(at.clone())?;
                builder.end(at.end..at.end)?;
            }
            Event::End(_) => builder.end(at)?,
            Event::Text(_) => builder.add_text(&text[at].replace("\r\n", "\n").replace('\r', "\n"))?,
            Event::CData(_) => {
                let inside = text[at].trim_start_matches("<![CDATA[");
                builder.add_text(inside.strip_suffix("]]>").unwrap_or(inside))?;
            }
            Event::GeneralRef(_) => {
                let letters = quick_xml::escape::unescape(&text[at.clone()])
                    .map_err(|_| format!("it uses an entity of its own: {}", shown(&text[at])))?;
                builder.add_text(&letters)?;
            }
            Event::DocType(_) => return Err("it has a document type, which XMP must not have".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    if !builder.open.is_empty() {
        return Err("it is no sound XML: it ends too early".to_owned());
    }
    builder.root.ok_or_else(|| "there is nothing in it".to_owned())
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// The beginning of something that came from outside.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

struct Builder<'a> {
    text: &'a str,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    attributes: usize,
}

impl Builder<'_> {
    fn start(&mut self, at: Range<usize>) -> Result<(), String> {
        self.elements += 1;
        if self.open.len() >= MOST_DEPTH {
            return Err("it is nested too deeply".to_owned());
        }
        if self.elements > MOST_ELEMENTS {
            return Err(format!("it has more than {MOST_ELEMENTS} elements"));
        }
        if self.root.is_some() {
            return Err("it is no sound XML: something follows its end".to_owned());
        }
        let (name, raw) = scan_tag(self.text, at.clone())?;
        self.attributes += raw.len();
        if self.attributes > MOST_ATTRIBUTES {
            return Err(format!("it has more than {MOST_ATTRIBUTES} attributes"));
        }
        let around = self.open.last().map(|parent| parent.scope.clone());
        let mut bound = Vec::new();
        for one in &raw {
            let prefix = if one.name == "xmlns" { Some("") } else { one.name.strip_prefix("xmlns:") };
            if let Some(prefix) = prefix {
                bound.push((prefix.to_owned(), Arc::from(one.value.as_str())));
            }
        }
        let scope = match around {
            Some(around) if bound.is_empty() => around,
            parent => Arc::new(Scope { parent, bound }),
        };
        let mut attributes = Vec::new();
        for Raw { name, value, value_at, outer } in raw {
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            let (namespace, local) = match name.split_once(':') {
                Some((prefix, local)) => (scope.namespace(prefix).unwrap_or_default().to_owned(), local.to_owned()),
                None => (String::new(), name),
            };
            attributes.push(Attribute { namespace, local, value, value_at, outer });
        }
        let (prefix, local) = name.split_once(':').unwrap_or(("", &name));
        let (namespace, local) = (scope.namespace(prefix).unwrap_or_default().to_owned(), local.to_owned());
        let inner = at.end..at.end;
        let (children, text) = (Vec::new(), String::new());
        self.open.push(Element { name, namespace, local, attributes, children, text, outer: at, inner, scope });
        Ok(())
    }

    fn end(&mut self, at: Range<usize>) -> Result<(), String> {
        let Some(mut element) = self.open.pop() else { return Err("it is no sound XML".to_owned()) };
        element.inner.end = at.start;
        element.outer.end = at.end;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn add_text(&mut self, text: &str) -> Result<(), String> {
        match self.open.last_mut() {
            Some(parent) => parent.text.push_str(text),
            // Packets are padded, and some are cut out of blocks that end with zeros.
            None if text.chars().all(|c| c.is_whitespace() || c == '\0') => {}
            None => return Err("it is no XML".to_owned()),
        }
        Ok(())
    }
}

/// An attribute before its prefix is looked up.
struct Raw {
    name: String,
    value: String,
    value_at: Range<usize>,
    outer: Range<usize>,
}

/// The name and the attributes of a start tag.
fn scan_tag(text: &str, at: Range<usize>) -> Result<(String, Vec<Raw>), String> {
    let wrong = || format!("it is no sound XML: {}", shown(&text[at.clone()]));
    let bytes = text.as_bytes();
    let is_space = |byte: u8| byte.is_ascii_whitespace();
    let mut end = at.end - 1;
    if bytes[end - 1] == b'/' && end - 1 > at.start {
        end -= 1;
    }
    let mut here = at.start + 1;
    let take = |here: &mut usize, stop: &dyn Fn(u8) -> bool| {
        let start = *here;
        while *here < end && !stop(bytes[*here]) {
            *here += 1;
        }
        start..*here
    };
    let name = text[take(&mut here, &is_space)].to_owned();
    let mut attributes = Vec::new();
    loop {
        take(&mut here, &|byte| !is_space(byte));
        if here >= end {
            break;
        }
        let name_at = take(&mut here, &|byte| is_space(byte) || byte == b'=');
        take(&mut here, &|byte| !is_space(byte));
        if here >= end || bytes[here] != b'=' {
            return Err(wrong());
        }
        here += 1;
        take(&mut here, &|byte| !is_space(byte));
        let quote = if here < end { bytes[here] } else { 0 };
        if quote != b'"' && quote != b'\'' {
            return Err(wrong());
        }
        here += 1;
        let value_at = take(&mut here, &|byte| byte == quote);
        if here >= end || name_at.is_empty() {
            return Err(wrong());
        }
        here += 1;
        let raw = text[value_at.clone()].replace(['\n', '\t', '\r'], " ");
        let value = quick_xml::escape::unescape(&raw)
            .map_err(|_| format!("it uses an entity of its own: {}", shown(&text[value_at.clone()])))?;
        let (name, outer) = (text[name_at.clone()].to_owned(), name_at.start..here);
        attributes.push(Raw { name, value: value.into_owned(), value_at, outer });
    }
    Ok((name, attributes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_knows_where_it_stands() {
        let text = "<?x y?><!-- c --><a:b xmlns:a='u'  q = \"1 &amp; 2\"\n a:r='&#x41;'><c/>t&lt;<![CDATA[<x>]]><c  /></a:b>\n\0";
        let root = parse(text).unwrap();
        assert!(root.is("u", "b") && !root.is_closed());
        assert_eq!(&text[root.outer.clone()], text.trim_start_matches("<?x y?><!-- c -->").trim_end_matches("\n\0"));
        assert_eq!(&text[root.inner.clone()], "<c/>t&lt;<![CDATA[<x>]]><c  />");
        assert_eq!(root.text, "t<<x>");
        assert_eq!((root.attribute("", "q"), root.attribute("u", "r")), (Some("1 & 2"), Some("A")));
        assert_eq!(&text[root.attributes[0].value_at.clone()], "1 &amp; 2");
        assert!(root.children.len() == 2 && root.children.iter().all(|child| child.is_closed() && child.is("", "c")));
    }

    #[test]
    fn a_prefix_means_what_the_nearest_declaration_says() {
        let root = parse("<r xmlns:p='1' xmlns:q='1'><p:x xmlns:p='2'><p:y xmlns='3'><z/></p:y></p:x></r>").unwrap();
        let x = &root.children[0];
        assert!(x.is("2", "x") && x.children[0].is("2", "y") && x.children[0].children[0].is("3", "z"));
        assert_eq!(
            (root.scope.prefix("1"), x.scope.prefix("1"), x.scope.prefix("2")),
            (Some("q"), Some("q"), Some("p"))
        );
        assert_eq!(x.children[0].scope.prefix("3"), None, "the empty prefix is no use for attributes");
    }

    #[test]
    fn what_is_unsound_is_refused() {
        let deep = "<a>".repeat(101) + &"</a>".repeat(101);
        let wide = format!("<r>{}</r>", "<a/>".repeat(MOST_ELEMENTS));
        let many = format!("<r {}/>", "a='' ".repeat(MOST_ATTRIBUTES + 1));
        let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>";
        for wrong in [
            "",
            " ",
            "x",
            "<a>",
            "<a></b>",
            "</a>",
            "<a/><b/>",
            "<a b/>",
            "<a b=c/>",
            "<a b='/>",
            "<a>&nope;</a>",
            "<a b='&x;'/>",
            "<a>&</a>",
            "<a/>x",
            "<",
            "<>",
            "< a/>",
            "<a",
            "<!--",
            "<a ='x'/>",
            "<a>&#0;</a>",
            &deep,
            &wide,
            &many,
            bomb,
        ] {
            let error = parse(wrong).map(|root| root.name).expect_err(&shown(wrong));
            assert!(!error.contains('\n') && error.len() < 200, "{error}");
        }
    }
}
