//! One person in each country.

use super::*;
use crate::domain::TakenAt;

const DAY: i32 = 19_846; // 2024-05-03

fn taken(text: &str) -> TakenAt {
    TakenAt::from_rfc3339(text).unwrap()
}

#[test]
fn every_locale_writes_its_own_dates_and_numbers() {
    let cases = [
        ("en_US.UTF-8", "Friday, May 3, 2024", "May 3, 2024, 6:42 PM", "1,204", "2.5"),
        ("en_GB.UTF-8", "Friday, 3 May 2024", "3 May 2024, 18:42", "1,204", "2.5"),
        ("de_DE.UTF-8", "Freitag, 3. Mai 2024", "3. Mai 2024, 18:42", "1.204", "2,5"),
        ("fr_FR.UTF-8", "vendredi 3 mai 2024", "3 mai 2024, 18:42", "1\u{202f}204", "2,5"),
        ("ja_JP.UTF-8", "2024年5月3日金曜日", "2024年5月3日, 18:42", "1,204", "2.5"),
        ("C", "Friday, 3 May 2024", "3 May 2024, 18:42", "1,204", "2.5"),
        ("POSIX", "Friday, 3 May 2024", "3 May 2024, 18:42", "1,204", "2.5"),
        ("tlh_KX", "Friday, 3 May 2024", "3 May 2024, 18:42", "1,204", "2.5"),
        ("", "Friday, 3 May 2024", "3 May 2024, 18:42", "1,204", "2.5"),
    ];
    for (name, heading, moment, number, decimal) in cases {
        let locale = Locale::from_env_name(name);
        assert_eq!(locale.day_heading(DAY), heading, "{name}");
        assert_eq!(locale.date_time(taken("2024-05-03T18:42:10")), moment, "{name}");
        assert_eq!(locale.number(1204), number, "{name}");
        assert_eq!(locale.decimal(2.5, 1), decimal, "{name}");
    }
}

#[test]
fn names_come_in_many_forms() {
    let heading = |name: &str| Locale::from_env_name(name).day_heading(DAY);
    assert_eq!(heading("de-DE"), heading("de_DE.UTF-8"));
    assert_eq!(heading("de"), heading("de_DE"));
    assert_eq!(heading("de_DE@euro"), heading("de_DE"));
    assert_eq!(heading("ja"), heading("ja_JP"));
    assert_eq!(heading("zh-Hans-CN"), "2024年5月3日星期五");
    assert_eq!(heading("en_DE"), "Friday, 3 May 2024", "English in Germany");
    assert_eq!(heading("en"), "Friday, May 3, 2024");
    for hostile in ["é_ü", "@@@", "...", "_", "-", &"x".repeat(10_000), "de_\0", "🙂"] {
        assert!(!heading(hostile).is_empty(), "{hostile:?}");
    }
}

#[test]
fn each_category_has_its_own_variable() {
    let locale = |pairs: &'static [(&str, &str)], desktop| {
        Locale::from_env(
            move |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()),
            desktop,
        )
    };
    let mixed = locale(&[("LANG", "en_US.UTF-8"), ("LC_TIME", "en_GB.UTF-8"), ("LC_NUMERIC", "de_DE.UTF-8")], None);
    assert_eq!((mixed.day_heading(DAY).as_str(), mixed.number(1204).as_str()), ("Friday, 3 May 2024", "1.204"));
    assert_eq!(mixed.paper(), Paper::LETTER);
    let all = locale(&[("LC_ALL", "fr_FR.UTF-8"), ("LC_TIME", "en_GB.UTF-8")], Some("ja-JP"));
    assert_eq!(all.day_heading(DAY), "vendredi 3 mai 2024");
    assert_eq!(all.paper(), Paper::A4);
    assert_eq!(locale(&[("LC_ALL", "")], Some("en-US")).paper(), Paper::LETTER, "an empty variable is unset");
    assert_eq!(locale(&[], None).number(1_000_000), "1,000,000");
}

#[test]
fn groups_follow_the_country() {
    assert_eq!(Locale::from_env_name("en_IN").number(12_345_678), "1,23,45,678");
    assert_eq!(Locale::from_env_name("de_DE").decimal(-1_234_567.891, 2), "−1.234.567,89");
    for n in [0, 1, 999, 1000, u64::MAX] {
        let digits: String = Locale::default().number(n).chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits, n.to_string());
    }
    assert_eq!(Locale::default().decimal(-0.04, 1), "0.0", "nothing is less than nothing");
    assert_eq!(Locale::default().decimal(f64::NAN, 1), "–");
}

#[test]
fn sizes_are_never_four_digits() {
    let locale = Locale::default();
    let cases = [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (4_300_000, "4.3 MB"),
        (9_949_999, "9.9 MB"),
        (9_950_000, "10 MB"),
        (218_000_000_000, "218 GB"),
        (u64::MAX, "18 EB"),
    ];
    for (bytes, text) in cases {
        assert_eq!(locale.bytes(bytes), text);
    }
    assert_eq!(Locale::from_env_name("de_DE").bytes(4_300_000), "4,3 MB");
}

#[test]
fn time_is_as_exact_as_it_is_worth() {
    let locale = Locale::default();
    let cases = [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (600, "10 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (12_000, "3 h 20 min"),
        (187_200, "2 d 4 h"),
    ];
    for (seconds, text) in cases {
        assert_eq!(locale.duration(seconds), text);
    }
    assert_eq!(locale.time_left(125), "2 min 5 s left");
    assert_eq!(locale.time_left(0), "almost done");
    assert!(!locale.duration(u64::MAX).is_empty());
}

#[test]
fn exposures_are_fractions_until_they_are_not() {
    let locale = Locale::from_env_name("de_DE");
    assert_eq!(locale.exposure(0.004).as_deref(), Some("1/250 s"));
    assert_eq!(locale.exposure(1.0 / 3.0).as_deref(), Some("1/3 s"));
    assert_eq!(locale.exposure(0.8).as_deref(), Some("0,8 s"));
    assert_eq!(locale.exposure(30.0).as_deref(), Some("30 s"));
    assert_eq!(locale.exposure(0.0), None);
    assert_eq!(locale.exposure(f64::NAN), None);
}

#[test]
fn lengths_are_read_with_either_mark() {
    let locale = Locale::from_env_name("de_DE");
    assert_eq!(locale.read_decimal(" 12,5 "), Some(12.5));
    assert_eq!(locale.read_decimal("12.5"), Some(12.5));
    assert_eq!(locale.read_decimal("−3"), Some(-3.0));
    for wrong in ["", "abc", "1,2,3", "inf", "nan", "1e999"] {
        assert_eq!(locale.read_decimal(wrong), None, "{wrong}");
    }
    assert_eq!(locale.short_decimal(12.5), "12,5");
    assert_eq!(locale.short_decimal(12.0), "12");
    assert_eq!(locale.short_decimal(0.254 * 25.0), "6,35");
    assert_eq!(locale.short_decimal(-0.001), "0");
    for value in [0.0, 1000.0, 12.5, -3.0, 999_999.99] {
        assert_eq!(locale.read_decimal(&locale.short_decimal(value)), Some(value), "a field reads what it writes");
    }
}

#[test]
fn moments_say_which_clock() {
    let at = Timestamp(1_714_754_530_000); // 2024-05-03T16:42:10Z
    assert_eq!(Locale::default().moment(at), "3 May 2024, 16:42 UTC");
    let there = Locale::from_env_name("en_US").with_zone(Arc::new(|_| 120));
    assert_eq!(there.moment(at), "May 3, 2024, 6:42 PM");
    for extreme in [i64::MIN, i64::MAX] {
        assert_eq!(there.moment(Timestamp(extreme)), "–");
    }
    assert!(!Locale::default().day_heading(i32::MIN).is_empty());
}

#[test]
fn a_percentage_is_not_whole_too_early() {
    let locale = Locale::default();
    assert_eq!(locale.percent(0.999), "99%");
    assert_eq!(locale.percent(1.0), "100%");
    assert_eq!(locale.percent(f64::NAN), "0%");
    assert_eq!(locale.count(1, "photo", "photos"), "1 photo");
    assert_eq!(locale.count(0, "photo", "photos"), "0 photos");
}
