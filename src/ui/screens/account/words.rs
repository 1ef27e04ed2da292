//! How things about accounts are said.

use super::Field;

/// One or two letters for a person: `ann.lee@example.org` is `AL`. Empty where the address is not known.
#[must_use]
pub fn initials(email: &str) -> String {
    let name = email.split('@').next().unwrap_or_default();
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter_map(|word| word.chars().next()).take(2).flat_map(char::to_uppercase).collect()
}

/// How far this computer's clock is off, in words; positive is ahead.
#[must_use]
pub fn clock_words(off_s: i64) -> String {
    let minutes = off_s.unsigned_abs().div_ceil(60);
    let (number, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..2880 => (minutes / 60, "hour"),
        _ => (minutes / 1440, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    let side = if off_s < 0 { "behind" } else { "ahead" };
    format!("This computer's clock is {number} {unit}{plural} {side}")
}

/// A sentence as it stands alone.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut chars = text.trim().chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    let rest = chars.as_str();
    let end = if rest.ends_with(['.', '!', '?', ':']) || rest.is_empty() { "" } else { "." };
    format!("{first}{rest}{end}")
}

/// A key in groups of four, to be typed.
#[must_use]
pub fn grouped(key: &str) -> String {
    let letters: Vec<char> = key.chars().filter(|c| !c.is_whitespace()).collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

/// Whether something can be an e-mail address; the service has the last word.
#[must_use]
pub fn can_be_email(text: &str) -> bool {
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    plain && text.rsplit_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
}

/// What is asked for where a field lacks something.
#[must_use]
pub(super) fn lacking(field: Field) -> &'static str {
    match field {
        Field::Line => "Paste the whole settings line.",
        Field::Email => "Type your e-mail address.",
        Field::Password => "Type your password.",
        Field::NewPassword => "The new password does not meet all rules yet.",
        Field::Code => "Type the digits of the code.",
        Field::Words => "Type the words as they stand there.",
        Field::Endpoint | Field::Prefix => "Look at the server's address and the folder.",
        Field::Region => "Type the region.",
        Field::Bucket => "Type the bucket's name.",
        Field::Profile => "Type the profile's name.",
        Field::KeyId => "Type or paste the access key id.",
        Field::SecretKey => "Type or paste the secret access key.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_addresses() {
        for (email, letters) in [
            ("ann@example.org", "A"),
            ("ann.lee@example.org", "AL"),
            ("ann_lee-smith@x", "AL"),
            ("élodie.łuk@x", "ÉŁ"),
            ("", ""),
            ("@x", ""),
            ("+1@x", "1"),
        ] {
            assert_eq!(initials(email), letters, "{email}");
        }
    }

    #[test]
    fn clocks_in_words() {
        for (off, words) in [
            (720, "12 minutes ahead"),
            (-360, "6 minutes behind"),
            (7200, "2 hours ahead"),
            (-90_000, "25 hours behind"),
            (200_000, "2 days ahead"),
            (i64::MIN, "behind"),
        ] {
            assert!(clock_words(off).contains(words), "{off}: {}", clock_words(off));
        }
    }

    #[test]
    fn sentences_and_groups() {
        assert_eq!(sentence("the bucket cannot be right"), "The bucket cannot be right.");
        assert_eq!(sentence("Why?"), "Why?");
        assert_eq!(sentence(""), "");
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert!(can_be_email("a@b") && !can_be_email("a@") && !can_be_email("@b") && !can_be_email("a b@c"));
    }
}
