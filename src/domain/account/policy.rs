//! What a user pool asks of a password, checked while it is typed.
//!
//! Source: Amazon Cognito Developer Guide, "Adding user pool password requirements".

use serde::{Deserialize, Serialize};

/// The longest password that Cognito takes, in characters.
pub const MOST_PASSWORD_CHARS: usize = 256;

/// What Cognito counts as a symbol, beside a space that is neither first nor last.
const SYMBOLS: &str = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-";

/// What a pool asks of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordPolicy {
    /// Fewest characters, 6 to 99.
    pub min_length: u8,
    /// An upper-case letter A–Z.
    pub upper: bool,
    /// A lower-case letter a–z.
    pub lower: bool,
    /// A digit 0–9.
    pub digit: bool,
    /// A symbol.
    pub symbol: bool,
}

impl Default for PasswordPolicy {
    /// That of our own template (`packaging/aws/template.yaml`): length instead of a mixture of classes.
    fn default() -> Self {
        Self { min_length: 12, upper: true, lower: true, digit: true, symbol: false }
    }
}

/// One rule of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PasswordRule {
    /// At least so many characters.
    Length(u8),
    /// An upper-case letter.
    Upper,
    /// A lower-case letter.
    Lower,
    /// A digit.
    Digit,
    /// A symbol.
    Symbol,
    /// No space at the beginning or the end.
    NoOuterSpace,
    /// Not longer than [`MOST_PASSWORD_CHARS`].
    NotTooLong,
}

impl PasswordRule {
    /// In words for people: `at least 12 characters`.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Length(least) => format!("at least {least} characters"),
            Self::Upper => "an upper-case letter (A–Z)".to_owned(),
            Self::Lower => "a lower-case letter (a–z)".to_owned(),
            Self::Digit => "a digit (0–9)".to_owned(),
            Self::Symbol => "a symbol such as ! ? % -".to_owned(),
            Self::NoOuterSpace => "no space at the beginning or the end".to_owned(),
            Self::NotTooLong => format!("at most {MOST_PASSWORD_CHARS} characters"),
        }
    }

    fn is_met(self, password: &str) -> bool {
        let any = |test: fn(char) -> bool| password.chars().any(test);
        match self {
            Self::Length(least) => password.chars().count() >= usize::from(least),
            Self::Upper => any(|c| c.is_ascii_uppercase()),
            Self::Lower => any(|c| c.is_ascii_lowercase()),
            Self::Digit => any(|c| c.is_ascii_digit()),
            Self::Symbol => any(|c| SYMBOLS.contains(c)) || password.trim_matches(' ').contains(' '),
            Self::NoOuterSpace => !password.starts_with(' ') && !password.ends_with(' '),
            Self::NotTooLong => password.chars().count() <= MOST_PASSWORD_CHARS,
        }
    }
}

impl PasswordPolicy {
    /// Every rule with whether the password meets it, in the order in which people read them. The last two are only
    /// named where they are broken.
    #[must_use]
    pub fn check(&self, password: &str) -> Vec<(PasswordRule, bool)> {
        let mut rules = vec![PasswordRule::Length(self.min_length)];
        let asked = [
            (self.upper, PasswordRule::Upper),
            (self.lower, PasswordRule::Lower),
            (self.digit, PasswordRule::Digit),
            (self.symbol, PasswordRule::Symbol),
        ];
        rules.extend(asked.into_iter().filter_map(|(asked, rule)| asked.then_some(rule)));
        let silent = [PasswordRule::NoOuterSpace, PasswordRule::NotTooLong];
        rules.extend(silent.into_iter().filter(|rule| !rule.is_met(password)));
        rules.into_iter().map(|rule| (rule, rule.is_met(password))).collect()
    }

    /// Whether the pool would take the password.
    #[must_use]
    pub fn accepts(&self, password: &str) -> bool {
        self.check(password).iter().all(|(_, met)| *met)
    }

    /// As it stands in a settings line: `12uld` (length; u upper, l lower, d digit, s symbol).
    #[must_use]
    pub fn short(&self) -> String {
        let classes = [(self.upper, 'u'), (self.lower, 'l'), (self.digit, 'd'), (self.symbol, 's')];
        let letters: String = classes.iter().filter_map(|(asked, letter)| asked.then_some(*letter)).collect();
        format!("{}{letters}", self.min_length)
    }

    /// Reads [`PasswordPolicy::short`].
    #[must_use]
    pub fn from_short(text: &str) -> Option<Self> {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, letters) = text.split_at(end);
        let min_length = number.parse().ok().filter(|length| (6..=99).contains(length))?;
        let known = letters.chars().all(|letter| "ulds".contains(letter));
        known.then(|| Self {
            min_length,
            upper: letters.contains('u'),
            lower: letters.contains('l'),
            digit: letters.contains('d'),
            symbol: letters.contains('s'),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_seen_alone() {
        let all = PasswordPolicy { min_length: 8, upper: true, lower: true, digit: true, symbol: true };
        let broken = |password: &str| -> Vec<PasswordRule> {
            all.check(password).into_iter().filter(|(_, met)| !met).map(|(rule, _)| rule).collect()
        };
        assert_eq!(broken("Abcdef1!"), []);
        assert_eq!(broken("Abcde1!"), [PasswordRule::Length(8)]);
        assert_eq!(broken("abcdef1!"), [PasswordRule::Upper]);
        assert_eq!(broken("ABCDEF1!"), [PasswordRule::Lower]);
        assert_eq!(broken("Abcdefg!"), [PasswordRule::Digit]);
        assert_eq!(broken("Abcdefg1"), [PasswordRule::Symbol]);
        assert_eq!(broken("Abcdef 1"), [], "a space inside is a symbol");
        assert_eq!(broken(" Abcdef1"), [PasswordRule::Symbol, PasswordRule::NoOuterSpace]);
        assert_eq!(broken(&format!("Ab1!{}", "x".repeat(260))), [PasswordRule::NotTooLong]);
        assert!(all.accepts("Äöü-Abc1"), "letters of other alphabets count as characters");
    }

    #[test]
    fn short_form_comes_back() {
        for policy in [
            PasswordPolicy::default(),
            PasswordPolicy { min_length: 99, upper: false, lower: false, digit: false, symbol: true },
            PasswordPolicy { min_length: 6, upper: false, lower: false, digit: false, symbol: false },
        ] {
            assert_eq!(PasswordPolicy::from_short(&policy.short()), Some(policy));
        }
        for wrong in ["", "5uld", "100", "12x", "u12", "-8", "12 uld"] {
            assert_eq!(PasswordPolicy::from_short(wrong), None, "{wrong}");
        }
    }
}
