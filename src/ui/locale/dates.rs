//! Dates and clocks of a locale.

use chrono::format::{Fixed, Item, Numeric, StrftimeItems};
use chrono::{DateTime, Locale as Name, Utc};

use super::Locale;
use crate::domain::{TakenAt, Timestamp};

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

impl Locale {
    /// A day in full, as a heading: `Friday, 3 May 2024`, `Freitag, 3. Mai 2024`, `2024年5月3日金曜日`.
    #[must_use]
    pub fn day_heading(&self, days_since_1970: i32) -> String {
        self.write(i64::from(days_since_1970) * DAY_MS, self.long_day())
    }

    /// A day as short as it can be without being mistaken: `3 May 2024`, `May 3, 2024`, `3. Mai 2024`.
    #[must_use]
    pub fn day(&self, days_since_1970: i32) -> String {
        self.write(i64::from(days_since_1970) * DAY_MS, self.short_day())
    }

    /// When a photo was taken, on the clock at its place: `3 May 2024, 18:42`.
    #[must_use]
    pub fn date_time(&self, taken_at: TakenAt) -> String {
        self.write(taken_at.local_ms, &format!("{}, {}", self.short_day(), self.clock()))
    }

    /// When something happened, on this computer's clock, or in UTC and marked so where its time zone is not known.
    #[must_use]
    pub fn moment(&self, moment: Timestamp) -> String {
        let pattern = format!("{}, {}", self.short_day(), self.clock());
        match &self.zone {
            Some(zone) => self.write(moment.0.saturating_add(i64::from(zone(moment)) * 60_000), &pattern),
            None => format!("{} UTC", self.write(moment.0, &pattern)),
        }
    }

    /// The same with its month in full: `3 May 2024`, `May 3, 2024`.
    #[must_use]
    pub fn day_in_full(&self, days_since_1970: i32) -> String {
        let pattern = self.long_day();
        let pattern = ["%A den ", "%A, ", "%A ", ", %A", "%A"].iter().fold(pattern.to_owned(), |p, a| p.replace(a, ""));
        self.write(i64::from(days_since_1970) * DAY_MS, &pattern)
    }

    /// A moment that is close to `now`: `14:05`, or with its day where that is another one.
    #[must_use]
    pub fn near_moment(&self, moment: Timestamp, now: Timestamp) -> String {
        if self.day_of(moment) != self.day_of(now) {
            return self.moment(moment);
        }
        let mark = if self.zone.is_some() { "" } else { " UTC" };
        format!("{}{mark}", self.write(moment.0.saturating_add(self.east_ms(moment)), self.clock()))
    }

    /// The day (since 1970-01-01) of a moment on this computer's clock.
    #[must_use]
    pub fn day_of(&self, moment: Timestamp) -> i32 {
        moment.0.saturating_add(self.east_ms(moment)).div_euclid(DAY_MS) as i32
    }

    /// The last millisecond of a day on this computer's clock.
    #[must_use]
    pub fn end_of_day(&self, days_since_1970: i32) -> Timestamp {
        let local_ms = (i64::from(days_since_1970) + 1) * DAY_MS - 1;
        // Where the clock is changed on that day, its offset at the end counts.
        let about = Timestamp(local_ms - self.east_ms(Timestamp(local_ms)));
        Timestamp(local_ms - self.east_ms(about))
    }

    fn east_ms(&self, moment: Timestamp) -> i64 {
        self.zone.as_ref().map_or(0, |zone| i64::from(zone(moment)) * 60_000)
    }

    fn write(&self, local_ms: i64, pattern: &str) -> String {
        // Beyond the years that a calendar has there is nothing to be read.
        let Some(moment) = DateTime::<Utc>::from_timestamp_millis(local_ms) else { return "–".to_owned() };
        moment.format_localized(pattern, self.time.unwrap_or(Name::POSIX)).to_string()
    }

    /// Hours and minutes: twelve hours where the locale's own clock has them.
    fn clock(&self) -> &'static str {
        let Some(name) = self.time else { return "%H:%M" };
        let twelve = StrftimeItems::new_with_locale("%X", name).any(|item| {
            matches!(item, Item::Numeric(Numeric::Hour12, _) | Item::Fixed(Fixed::UpperAmPm | Fixed::LowerAmPm))
        });
        if twelve { "%-I:%M %p" } else { "%H:%M" }
    }

    fn language(&self) -> (String, bool) {
        let name = self.time.map(|name| format!("{name:?}")).unwrap_or_default();
        let language: String = name.chars().take_while(char::is_ascii_lowercase).collect();
        (language, name == "en_US")
    }

    /// CLDR `dateFormats-full`; where a language is not listed, its order is that of most.
    fn long_day(&self) -> &'static str {
        let (language, american) = self.language();
        match language.as_str() {
            "en" if american => "%A, %B %-d, %Y",
            "de" | "nb" | "nn" | "fi" => "%A, %-d. %B %Y",
            "da" => "%A den %-d. %B %Y",
            "cs" | "sk" | "et" => "%A %-d. %B %Y",
            "fr" | "it" | "nl" | "sv" => "%A %-d %B %Y",
            "es" | "pt" | "gl" => "%A, %-d de %B de %Y",
            "hu" => "%Y. %B %-d., %A",
            "ja" => "%Y年%-m月%-d日%A",
            "zh" | "yue" | "cmn" => "%Y年%-m月%-d日%A",
            "ko" => "%Y년 %-m월 %-d일 %A",
            "lt" => "%Y m. %B %-d d., %A",
            "lv" => "%A, %Y. gada %-d. %B",
            _ => "%A, %-d %B %Y",
        }
    }

    fn short_day(&self) -> &'static str {
        let (language, american) = self.language();
        match language.as_str() {
            "en" if american => "%b %-d, %Y",
            "de" | "nb" | "nn" | "da" | "cs" | "sk" | "et" => "%-d. %b %Y",
            "fi" => "%-d.%-m.%Y",
            "es" | "pt" | "gl" => "%-d de %b de %Y",
            "hu" => "%Y. %b %-d.",
            "ja" | "zh" | "yue" | "cmn" => "%Y年%-m月%-d日",
            "ko" => "%Y년 %-m월 %-d일",
            "lt" | "lv" => "%Y-%m-%d",
            _ => "%-d %b %Y",
        }
    }
}
