//! Stores, money and hours in the words that people use.

use crate::domain::keep::{Hours, StoreState};
use crate::protocol::LibraryState;

/// The store of this library that is a folder.
pub const VAULT: &str = "vault";

/// A store as the title of something: `Your AWS bucket`.
#[must_use]
pub fn store_title(name: &str) -> &str {
    match name {
        VAULT => "Vault",
        "aws" => "Your AWS bucket",
        "s3" => "S3 server",
        other => other,
    }
}

/// A store within a sentence: `your AWS bucket`.
#[must_use]
pub fn store_words(name: &str) -> &str {
    match name {
        VAULT => "the vault",
        "aws" => "your AWS bucket",
        "s3" => "the S3 server",
        other => other,
    }
}

/// Every enabled store. Where the engine has not named any yet, the vault with the counts of the library.
#[must_use]
pub fn stores(library: &LibraryState) -> Vec<StoreState> {
    if !library.stores.is_empty() {
        return library.stores.clone();
    }
    vec![StoreState {
        name: VAULT.to_owned(),
        place: library.vault.dir.display().to_string(),
        waiting: library.waiting,
        needs_you: library.needs_you,
        receipts: library.stored,
        problem: library.vault.problem.clone(),
        retry_at: None,
    }]
}

/// Whether any store is more than a folder.
#[must_use]
pub fn has_remote(library: &LibraryState) -> bool {
    library.stores.iter().any(|store| store.name != VAULT)
}

/// Every enabled store within a sentence: `the vault and your AWS bucket`.
#[must_use]
pub fn all_stores(library: Option<&LibraryState>) -> String {
    let Some(library) = library else { return store_words(VAULT).to_owned() };
    let stores = stores(library);
    let words: Vec<&str> = stores.iter().map(|store| store_words(&store.name)).collect();
    match words.as_slice() {
        [] => store_words(VAULT).to_owned(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// US dollars: `$4.88`; what is less than a cent says so.
#[must_use]
pub fn dollars(amount: f64, locale: &super::locale::Locale) -> String {
    match amount {
        amount if !amount.is_finite() || amount < 0.0 => "–".to_owned(),
        0.0 => "$0".to_owned(),
        amount if amount < 0.01 => format!("under ${}", locale.decimal(0.01, 2)),
        amount => format!("${}", locale.decimal(amount, 2)),
    }
}

/// Hours of the night or day: `23:00 to 07:00`.
#[must_use]
pub fn hours(hours: Hours) -> String {
    format!("{:02}:00 to {:02}:00", hours.from, hours.to)
}

/// A name as one line that says what it is: line breaks, and marks that turn the direction of letters become `?`,
/// as `ls` has it.
#[must_use]
pub fn one_line(text: &str) -> String {
    let deceives = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || deceives(c) { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::locale::Locale;

    #[test]
    fn money_never_rounds_something_to_nothing() {
        let locale = Locale::from_env_name("en_GB");
        let words = |amount| dollars(amount, &locale);
        assert_eq!([0.0, 0.004, 0.21, 1234.5].map(words), ["$0", "under $0.01", "$0.21", "$1,234.50"]);
        assert_eq!([f64::NAN, -1.0].map(words), ["–", "–"]);
    }
}
