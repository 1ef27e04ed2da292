//! What is being typed at a place in a query, for completion.

use super::parse::{Scanner, Token};

/// The term that ends at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// `tag` in `tag:sun`.
    pub field: Option<String>,
    /// What stands there so far, without quotes: `sun`. Empty where a new term begins.
    pub text: String,
    /// The first byte of what a completion replaces: the value, or the whole word.
    pub from: usize,
}

/// What is being typed where the cursor (a byte offset) stands; nothing where it stands behind a closed quote.
#[must_use]
pub fn typed_at(query: &str, cursor: usize) -> Option<Typed> {
    let cursor = (0..=cursor.min(query.len())).rev().find(|at| query.is_char_boundary(*at))?;
    let text = &query[..cursor];
    if text.len() > super::MAX_QUERY_BYTES {
        return None;
    }
    let mut scanner = Scanner { text, at: 0, groups: 0 };
    let mut after_operand = false;
    let fresh = Typed { field: None, text: String::new(), from: cursor };
    loop {
        match scanner.next(after_operand) {
            Token::End => return Some(fresh),
            Token::Open => {
                scanner.groups += 1;
                after_operand = false;
            }
            Token::Close => {
                scanner.groups = scanner.groups.saturating_sub(1);
                after_operand = true;
            }
            Token::Minus | Token::And | Token::Or | Token::Not => after_operand = false,
            Token::Operand(piece) => {
                after_operand = true;
                if piece.end < cursor {
                    continue;
                }
                let value = piece.values.last()?;
                if value.quoted && value.closed {
                    return None;
                }
                return Some(Typed {
                    field: piece.field.map(ToOwned::to_owned),
                    text: value.text.clone(),
                    from: value.at,
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Option<(Option<String>, String, usize)> {
        typed_at(text, text.len()).map(|typed| (typed.field, typed.text, typed.from))
    }

    #[test]
    fn the_term_under_the_cursor_is_found() {
        let tag = || Some("tag".to_owned());
        assert_eq!(typed("ca"), Some((None, "ca".into(), 0)));
        assert_eq!(typed("cat "), Some((None, String::new(), 4)));
        assert_eq!(typed("cat tag:su"), Some((tag(), "su".into(), 8)));
        assert_eq!(typed("cat -tag:\"golden g"), Some((tag(), "golden g".into(), 9)));
        assert_eq!(typed("tag:dog|ca"), Some((tag(), "ca".into(), 8)));
        assert_eq!(typed("(tag:"), Some((tag(), String::new(), 5)));
        assert_eq!(typed("tag:\"x\""), None);
        assert_eq!(typed_at("tag:sun cat", 6).unwrap().text, "su");
        assert_eq!(typed_at("é", 1).unwrap().from, 0);
        assert_eq!(typed_at("a", 99).unwrap().text, "a");
    }
}
