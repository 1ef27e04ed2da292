//! Long names lose their middle, because a photo's number stands at the end: `IMG_20240503…_0412.JPG`.

use std::borrow::Cow;

/// The text with at most `limit` characters, the middle replaced by `…`. Widths are the caller's business.
#[must_use]
pub fn elide_middle(text: &str, limit: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= limit {
        return Cow::Borrowed(text);
    }
    if limit == 0 {
        return Cow::Borrowed("");
    }
    let kept = limit - 1;
    // The end carries the number and the suffix: it gets the odd character.
    let (head, tail) = (kept / 2, kept - kept / 2);
    let mut short: String = text.chars().take(head).collect();
    short.push('…');
    short.extend(text.chars().skip(count - tail));
    Cow::Owned(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_survives() {
        assert_eq!(elide_middle("IMG_0001.jpg", 12), "IMG_0001.jpg");
        assert_eq!(elide_middle("a-very-long-name-0412.jpg", 12), "a-ver…12.jpg");
        assert_eq!(elide_middle("日本語の長い名前の写真", 5), "日本…写真");
        assert_eq!(elide_middle("abc", 1), "…");
        assert_eq!(elide_middle("abc", 0), "");
    }

    proptest::proptest! {
        #[test]
        fn never_longer_than_asked(text: String, limit in 0_usize..40) {
            let short = elide_middle(&text, limit);
            proptest::prop_assert!(short.chars().count() <= limit.max(text.chars().count().min(limit)));
        }
    }
}
