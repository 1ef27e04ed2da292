//! From text to the tree of conditions.

use super::words::words;
use super::{Expr, FIELDS, MAX_DEPTH, MAX_QUERY_BYTES, MAX_TERMS, Match, Query, QueryError, value};
use crate::domain::time::Timestamp;

/// One operand of the text, with its quotes resolved.
pub(super) struct Piece<'a> {
    /// Byte offset of the piece, after its `-`.
    pub at: usize,
    /// Whether a `-` stands in front.
    pub not: bool,
    /// `tag` in `tag:x`.
    pub field: Option<&'a str>,
    /// The values after the field, or the whole.
    pub values: Vec<Value>,
    /// Byte offset behind it.
    pub end: usize,
}

/// One of several values between `|`.
pub(super) struct Value {
    pub text: String,
    /// Byte offset of its beginning, the quote included.
    pub at: usize,
    pub quoted: bool,
    /// Whether its closing quote is there, or it has none.
    pub closed: bool,
}

/// What stands next.
pub(super) enum Token<'a> {
    Open,
    /// `-(`: only the minus is taken.
    Minus,
    Close,
    And,
    Or,
    Not,
    Operand(Piece<'a>),
    End,
}

/// Cuts the text into tokens.
pub(super) struct Scanner<'a> {
    pub text: &'a str,
    pub at: usize,
    /// Parentheses that are open: without any, a closing one is a character like others.
    pub groups: usize,
}

impl<'a> Scanner<'a> {
    fn skip_spaces(&mut self) {
        self.at = self.text[self.at..].find(|c: char| !c.is_whitespace()).map_or(self.text.len(), |by| self.at + by);
    }

    /// Whether something to join with follows.
    fn operand_follows(&self, from: usize) -> bool {
        let rest = self.text[from..].trim_start();
        let closes = self.groups > 0 && rest.starts_with(')');
        !(rest.is_empty() || closes)
    }

    /// The next token. `after_operand`: whether `and` and `or` have something on their left.
    pub fn next(&mut self, after_operand: bool) -> Token<'a> {
        self.skip_spaces();
        let rest = &self.text[self.at..];
        let (single, token) = if rest.is_empty() {
            return Token::End;
        } else if rest.starts_with('(') {
            (true, Token::Open)
        } else if rest.starts_with(')') && self.groups > 0 {
            (true, Token::Close)
        } else if rest.starts_with("-(") {
            (true, Token::Minus)
        } else {
            (false, Token::End)
        };
        if single {
            self.at += 1;
            return token;
        }
        let bare = rest.find(|c: char| c.is_whitespace() || c == '(').map_or(rest, |end| &rest[..end]);
        let keyword = match bare.to_ascii_lowercase().as_str() {
            "and" if after_operand => Some(Token::And),
            "or" if after_operand => Some(Token::Or),
            "not" => Some(Token::Not),
            _ => None,
        };
        if let Some(keyword) = keyword
            && self.operand_follows(self.at + bare.len())
        {
            self.at += bare.len();
            return keyword;
        }
        Token::Operand(self.piece())
    }

    fn piece(&mut self) -> Piece<'a> {
        let mut at = self.at;
        let not = self.text[at..].starts_with('-');
        if not {
            at += 1;
        }
        let field = field(&self.text[at..]);
        let mut from = field.map_or(at, |field| at + field.len() + 1);
        let mut values = Vec::new();
        loop {
            let (value, end) = self.value(from, field.is_some());
            values.push(value);
            from = end;
            // A phrase without a field is one thing: what stands right behind it is another.
            let more = field.is_some() && self.text[from..].starts_with('|');
            if !more {
                break;
            }
            from += 1;
        }
        self.at = from;
        Piece { at, not, field, values, end: from }
    }

    /// One value, and where it ends. Several only where there is a field.
    fn value(&self, at: usize, of_field: bool) -> (Value, usize) {
        let text = &self.text[at..];
        if let Some(inner) = text.strip_prefix('"') {
            let mut value = String::new();
            let mut rest = inner;
            loop {
                let Some(quote) = rest.find('"') else {
                    value.push_str(rest);
                    return (Value { text: value, at, quoted: true, closed: false }, self.text.len());
                };
                value.push_str(&rest[..quote]);
                rest = &rest[quote + 1..];
                if of_field && rest.starts_with('"') {
                    value.push('"');
                    rest = &rest[1..];
                } else {
                    return (Value { text: value, at, quoted: true, closed: true }, self.text.len() - rest.len());
                }
            }
        }
        let mut inner = 0_usize;
        let ends = |c: char| {
            match c {
                '(' => inner += 1,
                ')' if inner > 0 => inner -= 1,
                ')' => return self.groups > 0,
                '|' => return of_field,
                _ => {}
            }
            c.is_whitespace()
        };
        let length = text.find(ends).unwrap_or(text.len());
        (Value { text: text[..length].to_owned(), at, quoted: false, closed: true }, at + length)
    }
}

/// The field that a text begins with: ASCII letters and a colon. `12:30` and `C:\` (one letter) are words, and so is
/// `f:` where no number follows.
fn field(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix("f:") {
        return rest.starts_with(|c: char| c.is_ascii_digit() || "<>=.".contains(c)).then_some("f");
    }
    if text.starts_with("as-of:") {
        return Some(&text[..5]);
    }
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    (letters > 1 && text[letters..].starts_with(':')).then(|| &text[..letters])
}

struct Parser<'a> {
    scanner: Scanner<'a>,
    terms: usize,
    depth: usize,
    as_of: Option<(Timestamp, usize)>,
    /// Whether the whole search is one of several.
    alternatives: bool,
}

pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    let scanner = Scanner { text, at: 0, groups: 0 };
    let mut parser = Parser { scanner, terms: 0, depth: 0, as_of: None, alternatives: false };
    if text.len() > MAX_QUERY_BYTES {
        return Err(parser.fail(0, text.len(), format!("a search of at most {MAX_QUERY_BYTES} bytes")));
    }
    let filter = parser.either()?.unwrap_or_default();
    if let Some((_, at)) = parser.as_of
        && parser.alternatives
    {
        return Err(parser.fail(at, text.len(), AS_OF_PLACE.to_owned()));
    }
    Ok(Query { filter, as_of: parser.as_of.map(|(at, _)| at) })
}

const AS_OF_PLACE: &str = "one as-of: for the whole search, outside of or, not and parentheses,";

impl Parser<'_> {
    fn fail(&self, at: usize, end: usize, expected: String) -> QueryError {
        let text = self.scanner.text;
        QueryError {
            position: text.get(..at).map_or(0, |before| before.chars().count()) + 1,
            expected,
            found: text.get(at..end).unwrap_or_default().chars().take(40).collect(),
        }
    }

    fn deeper(&mut self, at: usize) -> Result<(), QueryError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let expected = format!("at most {MAX_DEPTH} parentheses or nots inside each other");
            return Err(self.fail(at, self.scanner.text.len(), expected));
        }
        Ok(())
    }

    /// Alternatives up to the end of the group or of the text; `None` where nothing is said.
    fn either(&mut self) -> Result<Option<Expr>, QueryError> {
        let mut alternatives = Vec::new();
        let mut together = Vec::new();
        let mut after_operand = false;
        loop {
            let at = self.scanner.at;
            match self.scanner.next(after_operand) {
                Token::End | Token::Close => break,
                Token::And => after_operand = false,
                Token::Or => {
                    self.alternatives |= self.depth == 0;
                    after_operand = false;
                    alternatives.push(std::mem::take(&mut together));
                }
                token => {
                    together.extend(self.operand(token, at)?);
                    after_operand = true;
                }
            }
        }
        alternatives.push(together);
        // What holds no condition (punctuation alone) joins nothing.
        let parts: Vec<_> = alternatives.into_iter().filter(|part| !part.is_empty()).map(Expr::all).collect();
        Ok(if parts.is_empty() { None } else { Some(Expr::any(parts)) })
    }

    fn operand(&mut self, token: Token<'_>, at: usize) -> Result<Option<Expr>, QueryError> {
        match token {
            Token::Open => {
                self.deeper(at)?;
                self.scanner.groups += 1;
                let inner = self.either()?;
                self.scanner.groups -= 1;
                self.depth -= 1;
                Ok(inner)
            }
            Token::Minus | Token::Not => {
                self.deeper(at)?;
                let from = self.scanner.at;
                let inner = match self.scanner.next(false) {
                    Token::End | Token::Close | Token::And | Token::Or => None,
                    token => self.operand(token, from)?,
                };
                self.depth -= 1;
                Ok(inner.map(|inner| !inner))
            }
            Token::Operand(piece) => self.term(&piece),
            Token::Close | Token::And | Token::Or | Token::End => Ok(None),
        }
    }

    fn term(&mut self, piece: &Piece<'_>) -> Result<Option<Expr>, QueryError> {
        self.terms += piece.values.len();
        if self.terms > MAX_TERMS {
            return Err(self.fail(piece.at, piece.end, format!("at most {MAX_TERMS} terms")));
        }
        let turned = |expr: Expr| if piece.not { !expr } else { expr };
        let Some(field) = piece.field else {
            let Some(value) = piece.values.first() else { return Ok(None) };
            let words = words(&value.text);
            if words.is_empty() {
                // While it is typed: the term is still to come.
                return if piece.not && !value.quoted && value.text.is_empty() {
                    Err(self.fail(piece.at, piece.end, "a term after the minus".to_owned()))
                } else {
                    Ok(None)
                };
            }
            return Ok(Some(turned(Expr::Is(Match::Words { words, prefix: !value.quoted }))));
        };
        if field == "as-of" {
            return self.as_of(piece).map(|()| None);
        }
        let mut matches = Vec::with_capacity(piece.values.len());
        for value in &piece.values {
            let found = value::meaning(field, &value.text).map_err(|expected| {
                let at = if FIELDS.contains(&field) { value.at } else { piece.at };
                self.fail(at, piece.end, expected)
            })?;
            matches.push(found);
        }
        value::merge(&mut matches);
        Ok(Some(turned(Expr::any(matches.into_iter().map(Expr::Is).collect()))))
    }

    fn as_of(&mut self, piece: &Piece<'_>) -> Result<(), QueryError> {
        let [value] = piece.values.as_slice() else {
            return Err(self.fail(piece.at, piece.end, AS_OF_PLACE.to_owned()));
        };
        if piece.not || self.depth > 0 || self.as_of.is_some() {
            return Err(self.fail(piece.at, piece.end, AS_OF_PLACE.to_owned()));
        }
        let moment = value::moment(&value.text).map_err(|expected| self.fail(value.at, piece.end, expected))?;
        self.as_of = Some((moment, piece.at));
        Ok(())
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
