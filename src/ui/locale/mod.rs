//! How numbers, sizes, dates and lengths of time are written for the person at the window.
//!
//! The window follows the locale; JSON, sub-commands and the search language do not. The words of the window are
//! English; names of days and months, the order of a date, the clock, and the marks in numbers are the locale's own.
//! Sources: the GNU C library's locales as `pure-rust-locales` carries them, and Unicode CLDR for long dates.
//!
//! No environment is read in here: `app` passes names in, so that a test can be in Japan.

mod dates;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::Locale as Name;
use pure_rust_locales::locale_match;

use crate::domain::Timestamp;
use crate::domain::paper::Paper;

/// Minutes east of UTC at a moment. `app` knows the computer's time zone; `ui` does not.
pub type Zone = Arc<dyn Fn(Timestamp) -> i16 + Send + Sync>;

/// The conventions of one person, cheap to clone.
#[derive(Clone)]
pub struct Locale {
    /// Days, months, clock; `None` writes them the way every English reader understands.
    time: Option<Name>,
    marks: Marks,
    /// The name whose region decides the paper.
    region: String,
    zone: Option<Zone>,
}

/// What stands between digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Marks {
    decimal: &'static str,
    thousands: &'static str,
    /// Sizes of groups from the right, the last repeats.
    grouping: &'static [i64],
}

impl Marks {
    /// For a locale that says nothing, as the C locale: this window's words are English, so its numbers are too.
    const PLAIN: Self = Self { decimal: ".", thousands: ",", grouping: &[3] };

    fn of(name: Name) -> Self {
        Self {
            decimal: locale_match!(name => LC_NUMERIC::DECIMAL_POINT),
            thousands: locale_match!(name => LC_NUMERIC::THOUSANDS_SEP),
            grouping: locale_match!(name => LC_NUMERIC::GROUPING),
        }
    }
}

impl std::fmt::Debug for Locale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Locale").field("time", &self.time).field("marks", &self.marks).finish_non_exhaustive()
    }
}

impl Default for Locale {
    fn default() -> Self {
        Self { time: None, marks: Marks::PLAIN, region: String::new(), zone: None }
    }
}

impl Locale {
    /// From a name as an environment variable (`de_AT.UTF-8`, `sr_RS@latin`) or a desktop (`pt-BR`, `zh-Hant-TW`) gives
    /// it. A language alone stands for its largest country; `C`, `POSIX` and what nobody knows are plain English.
    #[must_use]
    pub fn from_env_name(name: &str) -> Self {
        let known = find(name);
        Self { time: known, marks: known.map_or(Marks::PLAIN, Marks::of), region: name.to_owned(), zone: None }
    }

    /// From the variables of POSIX: `LC_ALL`, then `LC_TIME`, `LC_NUMERIC` or `LC_PAPER`, then `LANG`; an empty one
    /// counts as unset. Where none is set, `desktop` decides, which is what the desktop's settings name.
    #[must_use]
    pub fn from_env(variable: impl Fn(&str) -> Option<String>, desktop: Option<&str>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let of = |category: &str| {
            let named = set("LC_ALL").or_else(|| set(category)).or_else(|| set("LANG"));
            named.or_else(|| desktop.map(ToOwned::to_owned)).unwrap_or_default()
        };
        let numeric = find(&of("LC_NUMERIC"));
        Self {
            time: find(&of("LC_TIME")),
            marks: numeric.map_or(Marks::PLAIN, Marks::of),
            region: of("LC_PAPER"),
            zone: None,
        }
    }

    /// With the computer's time zone, in which [`Locale::moment`] writes; without it moments are in UTC and say so.
    #[must_use]
    pub fn with_zone(mut self, zone: Zone) -> Self {
        self.zone = Some(zone);
        self
    }

    /// A whole number with its groups: `1,204`, `1.204`, `1 204`.
    #[must_use]
    pub fn number(&self, number: u64) -> String {
        self.grouped(&number.to_string())
    }

    /// A number with this many digits after the mark: `2.5`, `2,5`. What is no number is `–`.
    #[must_use]
    pub fn decimal(&self, value: f64, digits: usize) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let text = format!("{:.digits$}", value.abs());
        let sign = if value < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b)) { "−" } else { "" };
        match text.split_once('.') {
            Some((whole, part)) => format!("{sign}{}{}{part}", self.grouped(whole), self.marks.decimal),
            None => format!("{sign}{}", self.grouped(&text)),
        }
    }

    /// A number without zeros at its end, with at most two digits after the mark, and without groups: a length in a
    /// field, which [`Locale::read_decimal`] reads back.
    #[must_use]
    pub fn short_decimal(&self, value: f64) -> String {
        if !value.is_finite() {
            return "–".to_owned();
        }
        let text = format!("{value:.2}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        if text == "-0" { "0".to_owned() } else { text.replace('.', self.marks.decimal) }
    }

    /// Reads a number as a person types it: a comma or a dot is the decimal mark, whichever the locale has.
    ///
    /// Group marks are not read: `1.000` in a field of millimetres is one millimetre, not a thousand.
    #[must_use]
    pub fn read_decimal(&self, text: &str) -> Option<f64> {
        let plain = text.trim().replace(',', ".").replace('−', "-");
        plain.parse::<f64>().ok().filter(|value| value.is_finite())
    }

    /// A count and its noun: `1 photo`, `1,204 photos`.
    #[must_use]
    pub fn count(&self, number: u64, one: &str, many: &str) -> String {
        format!("{} {}", self.number(number), if number == 1 { one } else { many })
    }

    /// A part of a whole: `12%`, never `100%` before the whole is reached.
    #[must_use]
    pub fn percent(&self, part: f64) -> String {
        let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
        format!("{}%", (part * 100.0).floor() as u32)
    }

    /// A size in decimal units, as disks and cards are sold: `512 bytes`, `4.3 MB`, `218 GB`.
    #[must_use]
    pub fn bytes(&self, bytes: u64) -> String {
        const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
        if bytes < 1000 {
            return self.count(bytes, "byte", "bytes");
        }
        let mut value = bytes as f64 / 1000.0;
        let mut unit = 0;
        // 999.6 kB is 1.0 MB: a number that would be rounded to four digits belongs to the next unit.
        while value >= 999.5 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        format!("{} {}", self.decimal(value, usize::from(value < 9.95)), UNITS[unit])
    }

    /// A length of time, never more exact than it is worth: `8 s`, `2 min 5 s`, `14 min`, `3 h 20 min`, `2 d 4 h`.
    #[must_use]
    pub fn duration(&self, seconds: u64) -> String {
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600, seconds / 60);
        let pair = |large: u64, large_unit: &str, small: u64, small_unit: &str| {
            if small == 0 {
                format!("{} {large_unit}", self.number(large))
            } else {
                format!("{} {large_unit} {small} {small_unit}", self.number(large))
            }
        };
        match seconds {
            0..60 => format!("{seconds} s"),
            60..600 => pair(minutes, "min", seconds % 60, "s"),
            600..3600 => format!("{minutes} min"),
            3600..86_400 => pair(hours, "h", minutes % 60, "min"),
            _ => pair(days, "d", hours % 24, "h"),
        }
    }

    /// What is left of an operation: `2 min 5 s left`.
    #[must_use]
    pub fn time_left(&self, seconds: u64) -> String {
        if seconds == 0 { "almost done".to_owned() } else { format!("{} left", self.duration(seconds)) }
    }

    /// An exposure time: `1/250 s`, `0.8 s`, `30 s`. `None` for what no shutter does.
    #[must_use]
    pub fn exposure(&self, seconds: f64) -> Option<String> {
        if !seconds.is_finite() || seconds <= 0.0 {
            return None;
        }
        Some(if seconds < 0.4 {
            format!("1/{} s", self.decimal((1.0 / seconds).round(), 0))
        } else {
            format!("{} s", self.short_decimal((seconds * 10.0).round() / 10.0))
        })
    }

    /// The paper that people of this region buy.
    #[must_use]
    pub fn paper(&self) -> Paper {
        Paper::default_for_region(&self.region.replace('-', "_"))
    }

    fn grouped(&self, digits: &str) -> String {
        let marks = &self.marks;
        let mut groups = Vec::new();
        let mut rest = digits;
        let mut sizes = marks.grouping.iter();
        let mut size = 0;
        loop {
            size = sizes.next().copied().unwrap_or(size);
            // A size of 0 or −1 means that nothing more is grouped.
            let Ok(width) = usize::try_from(size) else { break };
            if width == 0 || rest.len() <= width || marks.thousands.is_empty() {
                break;
            }
            let (head, tail) = rest.split_at(rest.len() - width);
            groups.push(tail);
            rest = head;
        }
        groups.push(rest);
        groups.reverse();
        groups.join(marks.thousands)
    }
}

/// The locale of a name; `None` where it asks for nothing in particular or for something that nobody knows.
fn find(name: &str) -> Option<Name> {
    let bare = name.split('.').next().unwrap_or_default();
    let (bare, modifier) = match name.split_once('@') {
        Some((_, modifier)) => (bare.split('@').next().unwrap_or_default(), Some(modifier)),
        None => (bare, None),
    };
    let mut parts = bare.split(['_', '-']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    if language.is_empty() || language == "c" || language == "posix" {
        return None;
    }
    let region = parts.find(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let known = |text: String| text.parse::<Name>().ok();
    if let Some(region) = region.map(str::to_ascii_uppercase) {
        let with_modifier = modifier.and_then(|modifier| known(format!("{language}_{region}@{modifier}")));
        if let Some(found) = with_modifier.or_else(|| known(format!("{language}_{region}"))) {
            return Some(found);
        }
    }
    // A language in a country that the C library has not heard of is still written its own way.
    let home = match language.as_str() {
        "en" if region.is_some() => "GB",
        "en" => "US",
        "zh" => "CN",
        "ja" => "JP",
        "ko" => "KR",
        "cs" => "CZ",
        "da" => "DK",
        "sv" => "SE",
        "nb" | "nn" | "no" => return known(if language == "nn" { "nn_NO" } else { "nb_NO" }.to_owned()),
        "el" => "GR",
        "uk" => "UA",
        "he" => "IL",
        "ar" => "EG",
        "hi" => "IN",
        "fa" => "IR",
        "et" => "EE",
        "sl" => "SI",
        "sr" => "RS",
        "vi" => "VN",
        "ca" => "ES",
        _ => return known(format!("{language}_{}", language.to_ascii_uppercase())),
    };
    known(format!("{language}_{home}"))
}
