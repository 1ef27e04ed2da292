//! How text becomes words: the same way for what is catalogued and for what is asked.
//!
//! Case and accents do not count (`Éric` is found by `eric`). A word is a run of letters and digits; scripts that
//! write without spaces (Chinese, Japanese, Korean) give one word per character, and a run of them is a phrase.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The longest word kept, in characters; what is longer is cut, so that hostile captions stay small.
const MAX_WORD_CHARS: usize = 64;

/// The most words taken from one text.
pub const MAX_WORDS: usize = 2_000;

/// Lower case, without accents, compatibility forms resolved (`ﬁ` is `fi`, full-width letters are plain ones).
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            // Letters that have no decomposition but that people type without their stroke.
            'ø' => 'o',
            'đ' => 'd',
            'ł' => 'l',
            'ı' => 'i',
            'ς' => 'σ',
            other => other,
        })
        .nfc()
        .collect::<String>()
        .replace('ß', "ss")
        .replace('æ', "ae")
        .replace('œ', "oe")
}

/// The words of a text, folded, in order; at most [`MAX_WORDS`].
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut length = 0;
    for c in fold(text).chars() {
        if found.len() >= MAX_WORDS {
            return found;
        }
        let alone = stands_alone(c);
        if alone || !c.is_alphanumeric() {
            if !word.is_empty() {
                found.push(std::mem::take(&mut word));
            }
            length = 0;
            if alone {
                found.push(c.to_string());
            }
        } else if length < MAX_WORD_CHARS {
            word.push(c);
            length += 1;
        }
    }
    if !word.is_empty() && found.len() < MAX_WORDS {
        found.push(word);
    }
    found
}

/// Whether a character is a word of its own: Han, kana, Hangul syllables.
#[must_use]
pub fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("IMG_0012.JPG"), ["img", "0012", "jpg"]);
        assert_eq!(words("Éric à Reykjavík, 2024"), ["eric", "a", "reykjavik", "2024"]);
        assert_eq!(words("京都の桜 sakura"), ["京", "都", "の", "桜", "sakura"]);
        assert_eq!(words("Straße / Łódź / ﬁn"), ["strasse", "lodz", "fin"]);
        assert!(words("--- ...").is_empty());
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = words(&text);
            for word in &once {
                prop_assert_eq!(words(word), vec![word.clone()]);
            }
        }
    }
}
