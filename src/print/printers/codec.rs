//! IPP's binary form (RFC 8010, 3): attributes to bytes, and bytes that a stranger sent to attributes.
//!
//! Our own reader and no crate's, because an answer is hostile: here nesting is bounded before anything is built (a
//! value nested a million times would end the program when it is dropped), and sets inside of collections are kept.

/// Delimiters of groups.
pub const OPERATION: u8 = 0x01;
/// Job attributes.
pub const JOB: u8 = 0x02;
const END: u8 = 0x03;
/// Printer attributes.
pub const PRINTER: u8 = 0x04;
/// What the printer did not take.
pub const UNSUPPORTED: u8 = 0x05;

const INTEGER: u8 = 0x21;
const BOOLEAN: u8 = 0x22;
const ENUM: u8 = 0x23;
const DATE: u8 = 0x31;
const RESOLUTION: u8 = 0x32;
const RANGE: u8 = 0x33;
const BEGIN: u8 = 0x34;
const TEXT_WITH_LANGUAGE: u8 = 0x35;
const NAME_WITH_LANGUAGE: u8 = 0x36;
const END_COLLECTION: u8 = 0x37;
const MEMBER: u8 = 0x4a;

/// `nameWithoutLanguage`.
pub const NAME: u8 = 0x42;
/// `keyword`.
pub const KEYWORD: u8 = 0x44;
/// `uri`.
pub const URI: u8 = 0x45;
/// `charset`.
pub const CHARSET: u8 = 0x47;
/// `naturalLanguage`.
pub const LANGUAGE: u8 = 0x48;
/// `mimeMediaType`.
pub const MIME: u8 = 0x49;

/// Values of one message, at most: the largest real printer lists some thousands.
const MOST_VALUES: usize = 200_000;
/// Collections inside of collections, at most; `media-col-database` has two.
const DEEPEST: usize = 6;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Integer(i32),
    /// A number that stands for a word.
    Enum(i32),
    /// Yes or no.
    Boolean(bool),
    /// From and to, both included.
    Range(i32, i32),
    /// A text of any kind, with its tag; a language that came along is dropped.
    Text(u8, String),
    /// Named members.
    Collection(Vec<Attribute>),
    /// A date and time (RFC 2579), in ms since 1970.
    Date(i64),
    /// Anything else: resolutions, octets, "unknown", "no value".
    Other(u8),
}

/// A name and its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its values, in order.
    pub values: Vec<Value>,
}

impl Attribute {
    /// An attribute of one value.
    pub fn one(name: &str, value: Value) -> Self {
        Self { name: name.to_owned(), values: vec![value] }
    }

    /// Text of a kind.
    pub fn text(name: &str, tag: u8, text: &str) -> Self {
        Self::one(name, Value::Text(tag, text.to_owned()))
    }
}

/// A group of attributes with its delimiter.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Its delimiter.
    pub tag: u8,
    /// Its attributes, in order.
    pub attributes: Vec<Attribute>,
}

/// A request, or an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The operation of a request, the status of an answer.
    pub code: u16,
    /// The groups, in order.
    pub groups: Vec<Group>,
}

/// Looks up attributes by name.
pub fn find<'a>(attributes: &'a [Attribute], name: &str) -> &'a [Value] {
    attributes.iter().find(|attribute| attribute.name == name).map_or(&[], |attribute| &attribute.values)
}

impl Message {
    /// The groups of a kind.
    pub fn of(&self, tag: u8) -> impl Iterator<Item = &[Attribute]> {
        self.groups.iter().filter(move |group| group.tag == tag).map(|group| group.attributes.as_slice())
    }

    /// As bytes, version 2.0.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![2, 0];
        out.extend(self.code.to_be_bytes());
        out.extend(1_u32.to_be_bytes());
        for group in &self.groups {
            out.push(group.tag);
            for attribute in &group.attributes {
                put_attribute(&mut out, attribute);
            }
        }
        out.push(END);
        out
    }

    /// From bytes; what stands behind the attributes is not looked at. `None` for anything that is no message.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut read = Reader { rest: bytes, values: 0 };
        let head = read.take(8)?;
        let code = u16::from_be_bytes([head[2], head[3]]);
        let mut groups: Vec<Group> = Vec::new();
        loop {
            match read.byte()? {
                END => return Some(Self { code, groups }),
                tag @ 0x00..=0x0f => groups.push(Group { tag, attributes: Vec::new() }),
                tag => {
                    let attributes = &mut groups.last_mut()?.attributes;
                    let name = read.string()?;
                    let value = read.value(tag, 0)?;
                    if name.is_empty() {
                        attributes.last_mut()?.values.push(value);
                    } else {
                        attributes.push(Attribute { name, values: vec![value] });
                    }
                }
            }
        }
    }
}

fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    // Longer ones are cut: a title may be, and nothing else is.
    let bytes = &bytes[..bytes.len().min(1023)];
    out.extend((bytes.len() as u16).to_be_bytes());
    out.extend(bytes);
}

fn put_attribute(out: &mut Vec<u8>, attribute: &Attribute) {
    for (at, value) in attribute.values.iter().enumerate() {
        out.push(tag_of(value));
        put_string(out, if at == 0 { attribute.name.as_bytes() } else { b"" });
        put_value(out, value);
    }
}

fn tag_of(value: &Value) -> u8 {
    match value {
        Value::Integer(_) => INTEGER,
        Value::Enum(_) => ENUM,
        Value::Boolean(_) => BOOLEAN,
        Value::Range(..) => RANGE,
        Value::Collection(_) => BEGIN,
        Value::Text(tag, _) | Value::Other(tag) => *tag,
        Value::Date(_) => DATE,
    }
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Integer(number) | Value::Enum(number) => put_string(out, &number.to_be_bytes()),
        Value::Boolean(yes) => put_string(out, &[u8::from(*yes)]),
        Value::Range(from, to) => put_string(out, &[from.to_be_bytes(), to.to_be_bytes()].concat()),
        Value::Text(_, text) => put_string(out, text.as_bytes()),
        // Dates are only read.
        Value::Other(_) | Value::Date(_) => put_string(out, b""),
        Value::Collection(members) => {
            put_string(out, b"");
            for member in members {
                out.push(MEMBER);
                put_string(out, b"");
                put_string(out, member.name.as_bytes());
                for value in &member.values {
                    out.push(tag_of(value));
                    put_string(out, b"");
                    put_value(out, value);
                }
            }
            out.push(END_COLLECTION);
            put_string(out, b"");
            put_string(out, b"");
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    values: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn field(&mut self) -> Option<&'a [u8]> {
        let length = self.take(2)?;
        self.take(usize::from(u16::from_be_bytes([length[0], length[1]])))
    }

    fn string(&mut self) -> Option<String> {
        self.field().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    fn value(&mut self, tag: u8, depth: usize) -> Option<Value> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return None;
        }
        let bytes = self.field()?;
        let number =
            |at: usize| bytes.get(at..at + 4).map(|four| i32::from_be_bytes([four[0], four[1], four[2], four[3]]));
        // A value of the wrong length is as good as none; the message around it can still be read.
        Some(match tag {
            INTEGER if bytes.len() == 4 => Value::Integer(number(0)?),
            ENUM if bytes.len() == 4 => Value::Enum(number(0)?),
            BOOLEAN if bytes.len() == 1 => Value::Boolean(bytes[0] != 0),
            RANGE if bytes.len() == 8 => Value::Range(number(0)?, number(4)?),
            DATE => date(bytes).map_or(Value::Other(tag), Value::Date),
            RESOLUTION => Value::Other(tag),
            BEGIN => self.collection(depth + 1)?,
            TEXT_WITH_LANGUAGE | NAME_WITH_LANGUAGE => {
                let mut inner = Reader { rest: bytes, values: 0 };
                match (inner.field(), inner.string()) {
                    (Some(_), Some(text)) => Value::Text(tag, text),
                    _ => Value::Other(tag),
                }
            }
            0x40..=0x49 => Value::Text(tag, String::from_utf8_lossy(bytes).into_owned()),
            _ => Value::Other(tag),
        })
    }

    fn collection(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let mut members: Vec<Attribute> = Vec::new();
        loop {
            let tag = self.byte()?;
            self.field()?;
            match tag {
                END_COLLECTION => {
                    self.field()?;
                    members.retain(|member| !member.values.is_empty());
                    return Some(Value::Collection(members));
                }
                MEMBER => {
                    self.values += 1;
                    let name = self.string()?;
                    members.push(Attribute { name, values: Vec::new() });
                }
                0x00..=0x0f => return None,
                tag => {
                    let value = self.value(tag, depth)?;
                    members.last_mut()?.values.push(value);
                }
            }
        }
    }
}

/// RFC 2579's `DateAndTime` of eleven bytes.
fn date(bytes: &[u8]) -> Option<i64> {
    let &[high, low, month, day, hour, minute, second, tenth, sign, hours, minutes] = bytes else { return None };
    let year = i32::from(u16::from_be_bytes([high, low]));
    let month = time::Month::try_from(month).ok()?;
    let date = time::Date::from_calendar_date(year, month, day).ok()?.with_hms(hour, minute, second.min(59)).ok()?;
    let offset = i64::from(hours.min(14)) * 3_600 + i64::from(minutes.min(59)) * 60;
    let seconds = date.assume_utc().unix_timestamp() - if sign == b'-' { -offset } else { offset };
    Some(seconds * 1000 + i64::from(tenth.min(9)) * 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Message {
        let size = Value::Collection(vec![
            Attribute::one("x-dimension", Value::Integer(10_000)),
            Attribute { name: "y-dimension".into(), values: vec![Value::Range(1, 2), Value::Integer(-3)] },
        ]);
        let attributes = vec![
            Attribute::text("attributes-charset", CHARSET, "utf-8"),
            Attribute { name: "n".into(), values: vec![Value::Enum(3), Value::Boolean(true), Value::Other(0x12)] },
            Attribute::one(
                "media-col",
                Value::Collection(vec![Attribute::one("media-size", size), Attribute::text("t", NAME, "é")]),
            ),
        ];
        Message { code: 0x000b, groups: vec![Group { tag: OPERATION, attributes }] }
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(Message::decode(&sample().encode()), Some(sample()));
    }

    #[test]
    fn no_prefix_and_no_changed_byte_makes_it_panic_or_grow() {
        let bytes = sample().encode();
        for end in 0..bytes.len() {
            assert_eq!(Message::decode(&bytes[..end]), None, "{end}");
        }
        for at in 0..bytes.len() {
            for value in 0..=255 {
                let mut changed = bytes.clone();
                changed[at] = value;
                let _ = Message::decode(&changed);
            }
        }
    }

    #[test]
    fn nests_and_floods_are_refused() {
        let mut nested = vec![2, 0, 0, 0, 0, 0, 0, 1, PRINTER, BEGIN, 0, 1, b'a', 0, 0];
        for _ in 0..1_000_000 {
            nested.extend([MEMBER, 0, 0, 0, 1, b'b', BEGIN, 0, 0, 0, 0]);
        }
        assert_eq!(Message::decode(&nested), None);
        let mut flood = vec![2, 0, 0, 0, 0, 0, 0, 1, PRINTER, INTEGER, 0, 1, b'a', 0, 4, 0, 0, 0, 0];
        for _ in 0..MOST_VALUES {
            flood.extend([INTEGER, 0, 0, 0, 4, 0, 0, 0, 0]);
        }
        flood.push(END);
        assert_eq!(Message::decode(&flood), None);
    }

    #[test]
    fn dates_are_read_with_their_offset() {
        assert_eq!(date(&[7, 0xea, 11, 24, 20, 0, 0, 5, b'+', 1, 0]), Some(1_795_546_800_500));
        assert_eq!(date(&[7, 0xea, 13, 24, 20, 0, 0, 5, b'+', 1, 0]), None);
        assert_eq!(date(b"short"), None);
    }
}
