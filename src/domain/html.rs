//! Text in HTML pages (HTML Living Standard, 13.1.2.3 and 13.1.3).

/// Text for an element or a quoted attribute; control characters become U+FFFD.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c if c.is_control() => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_ends_an_element_or_an_attribute() {
        assert_eq!(escape("<a href='x'>\"&\u{0}é</a>"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\u{fffd}é&lt;/a&gt;");
    }
}
