//! Search in a large library: the first page and the cards of a screen, for questions of four kinds.

use std::time::Instant;

use lightkeep::catalog::{Access, Reader, Stop, open_library};
use lightkeep::domain::query::{Query, Scope};
use lightkeep::testing::library::Random;

use super::data::Data;
use super::measure::{percentile, thread_cpu};
use super::sql::{Plain, make};
use super::table::{Met, Row};

/// Photos of a first page.
pub const PAGE: usize = 400;
/// Cells of a screen, which need their cards.
pub const SCREEN: usize = 140;

/// What is asked.
pub enum Question {
    /// A word, as far as it is typed.
    Word(String),
    /// Two tags.
    TwoTags(String, String),
    /// Days, both ends included (ISO dates).
    Days(String, String),
    /// Everything without a tag.
    Not(String),
    /// One tag without another.
    TagNot(String, String),
    /// Either of two tags.
    Or(String, String),
}

impl Question {
    fn text(&self) -> String {
        match self {
            Self::Word(word) => word.clone(),
            Self::TwoTags(one, two) => format!("tag:\"{one}\" tag:\"{two}\""),
            Self::Days(first, last) => format!("date:{first}..{last}"),
            Self::Not(tag) => format!("-tag:\"{tag}\""),
            Self::Or(one, two) => format!("tag:\"{one}\" or tag:\"{two}\""),
            Self::TagNot(tag, not) => format!("tag:\"{tag}\" -tag:\"{not}\""),
        }
    }
}

/// Draws a question of a kind.
type Draw = fn(&mut Random, &[String]) -> Question;

/// The rows, one for each kind.
pub fn rows(data: &Data) -> Vec<Row> {
    let photos = data.photos[1];
    let dir = data.library(photos);
    let sql = data.sql(photos, |dir| make(&dir.join("plain.db"), &data.library(photos).join("catalog.db")));
    let plain = Plain::open(&sql.join("plain.db"));
    let reader = open_library(&dir, Access::Read).unwrap().reader().unwrap();
    let tags: Vec<String> = plain.tags().into_iter().map(|(name, _)| name).collect();
    let count = if data.is_quick { 40 } else { 400 };
    let mut random = Random(11);
    let kinds: [(&str, Draw); 5] =
        [("one word", word), ("two tags", two_tags), ("a date range", days), ("a not", not), ("an or", or)];
    let mut rows = Vec::new();
    for (name, draw) in kinds {
        let questions: Vec<Question> = (0..count).map(|_| draw(&mut random, &tags)).collect();
        let mut empty = 0;
        let (mut ours, mut walls, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for question in &questions {
            let text = question.text();
            let (found, took, wall) = cost(|| ask(&reader, &text));
            ours.push(took);
            walls.push(wall);
            let (sql_found, took, _) = cost(|| plain.ask(question));
            theirs.push(took);
            empty += usize::from(found == 0);
            // Words differ a little in what they look into; the rest is one question.
            assert!(found == sql_found || matches!(question, Question::Word(_)), "{text}: {found} and {sql_found}");
        }
        let figures = |ms: &[f64]| format!("p50 {:.2} ms, p99 {:.2} ms", percentile(ms, 0.5), percentile(ms, 0.99));
        // A person waits by the clock, so that decides.
        let (late, wall) = (percentile(&ours, 0.99), percentile(&walls, 0.99));
        let row = Row::new(
            format!("first page for {name}, {photos} photos × 8 tags ({count} questions, {empty} without an answer)"),
            format!("by the clock p99 {wall:.2} ms; processor {}", figures(&ours)),
            "p99 10 ms",
            Met::from(wall < 10.0),
        );
        rows.push(
            row.against(format!("plain SQL, processor {}", figures(&theirs)), Some(percentile(&theirs, 0.99) / late)),
        );
    }
    rows.extend(asked(&reader, photos, &tags, count));
    rows
}

/// Answers that plain SQL has no question for.
fn asked(reader: &Reader, photos: u64, tags: &[String], count: usize) -> Vec<Row> {
    let mut random = Random(12);
    let mixed: Vec<String> = (0..count).map(|_| mixed(&mut random, tags)).collect();
    let facets: Vec<String> =
        (0..count / 4).map(|n| if n % 4 == 0 { String::new() } else { tag_term(&mut random, tags) }).collect();
    let typed: Vec<String> = (0..count).map(|_| typed(&mut random, tags)).collect();
    let measure = |name: String, questions: &[String], limit: (f64, f64), work: &dyn Fn(&str) -> usize| {
        let (mut took, mut walls) = (Vec::new(), Vec::new());
        for text in questions {
            let (_, cpu, wall) = cost(|| work(text));
            took.push(cpu);
            walls.push(wall);
        }
        let of = |ms: &[f64], part| percentile(ms, part);
        let (middle, late) = (of(&walls, 0.5), of(&walls, 0.99));
        Row::new(
            name,
            format!(
                "by the clock p50 {middle:.2} ms, p99 {late:.2} ms; processor p50 {:.2} ms, p99 {:.2} ms",
                of(&took, 0.5),
                of(&took, 0.99)
            ),
            &format!("p50 {} ms, p99 {} ms", limit.0, limit.1),
            Met::from(middle < limit.0 && late < limit.1),
        )
    };
    let everything = reader.facets(Scope::Library, &Query::everything(), 12, &Stop::new()).unwrap();
    assert_eq!(everything.total, photos);
    vec![
        measure(
            format!(
                "first page for or, not, parentheses and ranges of every field, {photos} photos ({count} questions)"
            ),
            &mixed,
            (10.0, 30.0),
            &|text| ask(reader, text),
        ),
        measure(
            format!("facets of 8 kinds, {photos} photos ({} questions)", facets.len()),
            &facets,
            (50.0, 50.0),
            &|text| {
                let query = Query::parse(text).unwrap();
                reader.facets(Scope::Library, &query, 12, &Stop::new()).unwrap().total as usize
            },
        ),
        measure(
            format!("completion of what is typed, {photos} photos, {} tags ({count} questions)", tags.len()),
            &typed,
            (5.0, 5.0),
            &|text| reader.complete(text, text.len()).unwrap().items.len(),
        ),
    ]
}

fn tag_term(random: &mut Random, tags: &[String]) -> String {
    format!("tag:\"{}\"", tag(random, tags))
}

/// A question with most that the language has.
fn mixed(random: &mut Random, tags: &[String]) -> String {
    const FIELDS: [&str; 12] = [
        "f:<2.8",
        "f:1.4..5.6",
        "iso:>=800",
        "size:>10MB",
        "size:8MB..9.5MB",
        "place:italy",
        "place:kyoto",
        "near:paris,60",
        "near:\"London, 400\"",
        "camera:canon",
        "rating:0",
        "date:2012..2014",
    ];
    let mut any = || FIELDS[random.below(FIELDS.len() as u64) as usize];
    let (one, two, three) = (any(), any(), any());
    let (tag, other) = (tag_term(random, tags), tag_term(random, tags));
    match random.below(4) {
        0 => format!("({tag} or {one}) {two}"),
        1 => format!("{one} -({other} {two})"),
        2 => format!("({one} {two}) or ({tag} -{three})"),
        _ => format!("not ({tag} or {other} or {one}) {two}"),
    }
}

/// The beginning of a tag, a place or a camera.
fn typed(random: &mut Random, tags: &[String]) -> String {
    let tag: String = tag(random, tags).chars().take(random.below(6) as usize).collect();
    match random.below(4) {
        0 => tag,
        1 => format!("place:{}", ["", "k", "par", "lon"][random.below(4) as usize]),
        _ => format!("cat tag:{tag}"),
    }
}

/// What something gives, its processor time, and its time by the clock, in ms. With the files in memory the two are
/// about equal on a machine that has nothing else to do.
fn cost(work: impl FnOnce() -> usize) -> (usize, f64, f64) {
    let (before, start) = (thread_cpu(), Instant::now());
    let found = work();
    (found, (thread_cpu() - before).as_secs_f64() * 1e3, start.elapsed().as_secs_f64() * 1e3)
}

/// The first page and its cards; how many are on the page.
fn ask(reader: &Reader, text: &str) -> usize {
    let query = Query::parse(text).unwrap();
    let seats = reader.first_page(&query, PAGE, &Stop::new()).unwrap();
    let cards = reader.cards(&seats[..seats.len().min(SCREEN)]).unwrap();
    assert_eq!(cards.len(), seats.len().min(SCREEN));
    seats.len()
}

/// A common tag, any tag, or, now and then, one that is nowhere.
fn tag(random: &mut Random, tags: &[String]) -> String {
    match random.below(20) {
        0 => "nowhere at all".to_owned(),
        1..=9 => tags[random.below(40.min(tags.len() as u64)) as usize].clone(),
        _ => tags[random.below(tags.len() as u64) as usize].clone(),
    }
}

fn word(random: &mut Random, tags: &[String]) -> Question {
    let tag = tag(random, tags);
    let words: Vec<&str> = tag.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let word = words[random.below(words.len() as u64) as usize].to_lowercase();
    // Half of them are still being typed.
    let typed = if random.below(2) == 0 { word.chars().count() } else { random.below(4) as usize + 1 };
    Question::Word(word.chars().take(typed).collect())
}

fn two_tags(random: &mut Random, tags: &[String]) -> Question {
    Question::TwoTags(tag(random, tags), tag(random, tags))
}

fn or(random: &mut Random, tags: &[String]) -> Question {
    Question::Or(tag(random, tags), tag(random, tags))
}

fn not(random: &mut Random, tags: &[String]) -> Question {
    if random.below(2) == 0 {
        Question::Not(tag(random, tags))
    } else {
        Question::TagNot(tag(random, tags), tag(random, tags))
    }
}

fn days(random: &mut Random, _: &[String]) -> Question {
    // The library begins in 2010 and is about nine years long: some ranges lie before or behind it.
    let mut date = |from: u64| {
        let (year, month) = (from + random.below(12), random.below(12) + 1);
        format!("{year}-{month:02}-{:02}", random.below(28) + 1)
    };
    let (one, two) = (date(2009), date(2009));
    if one < two { Question::Days(one, two) } else { Question::Days(two, one) }
}
