//! What an operation did or does, in words. Pure, so that every sentence can be tested without a window.

use crate::protocol::{ErrorCode, ItemFailure, OpKind, OpReport, Phase, Progress, SidecarReport, TagReport, UserError};
use crate::ui::locale::Locale;
use crate::ui::words::dollars;

/// How good the news is; it decides the colour and the icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    /// All well.
    Good,
    /// A person stopped it.
    Neutral,
    /// It went on, and some items did not work.
    Mixed,
    /// It failed as a whole.
    Bad,
}

/// Items that did not work for one reason, with the heading they stand under.
pub(super) struct Group<'a> {
    /// `Unreadable`.
    pub heading: &'static str,
    /// Which.
    pub items: &'a [ItemFailure],
}

/// `1,240 of 8,140 · 42 photos/s · 2 min left`, as far as it is known.
pub(super) fn progress_words(progress: &Progress, locale: &Locale) -> String {
    let noun = ("item", "items");
    match progress.phase {
        Phase::Waiting => return "Waiting for its turn".to_owned(),
        Phase::Counting => return format!("Counting… {} so far", locale.count(progress.total, noun.0, noun.1)),
        Phase::Working | Phase::Finishing => {}
    }
    let mut parts = Vec::new();
    // A total that was overtaken is not a total.
    if progress.total >= progress.done && progress.total > 0 {
        parts.push(format!("{} of {}", locale.number(progress.done), locale.number(progress.total)));
    } else {
        parts.push(locale.count(progress.done, noun.0, noun.1));
    }
    if progress.total_bytes >= progress.done_bytes && progress.total_bytes > 0 {
        parts.push(format!("{} of {}", locale.bytes(progress.done_bytes), locale.bytes(progress.total_bytes)));
    }
    if progress.phase == Phase::Finishing {
        parts.push("finishing".to_owned());
    } else {
        let sends = !matches!(progress.kind, OpKind::Import | OpKind::Print) && progress.done_bytes > 0;
        if let Some(rate) = progress.bytes_per_second().filter(|_| sends) {
            parts.push(format!("{}/s", locale.bytes(rate as u64)));
        } else if let Some(rate) = progress.items_per_second() {
            let per_second = if rate < 10.0 { locale.decimal(rate, 1) } else { locale.number(rate.round() as u64) };
            parts.push(format!("{per_second} photos/s"));
        }
        if let Some(left) = progress.seconds_left() {
            parts.push(locale.time_left(left));
        }
    }
    if progress.failed > 0 {
        parts.push(format!("{} failed", locale.number(progress.failed)));
    }
    parts.join(" · ")
}

/// How much is done, 0 to 1; `None` where nobody can know yet.
pub(super) fn part_done(progress: &Progress) -> Option<f64> {
    if progress.phase == Phase::Finishing {
        return Some(1.0);
    }
    let (done, total) = if progress.total_bytes > 0 {
        (progress.done_bytes, progress.total_bytes)
    } else {
        (progress.done, progress.total)
    };
    (progress.phase == Phase::Working && total >= done && total > 0).then(|| done as f64 / total as f64)
}

/// How it ended: one line, and its tone.
pub(super) fn outcome_words(outcome: &Result<OpReport, UserError>, locale: &Locale) -> (String, Tone) {
    match outcome {
        Err(error) if error.code == ErrorCode::Cancelled => {
            ("Stopped. What was done until then is kept.".to_owned(), Tone::Neutral)
        }
        Err(error) => (error.message.clone(), Tone::Bad),
        Ok(report) => {
            let failed = groups(report).iter().any(|group| !group.items.is_empty());
            (report_words(report, locale), if failed { Tone::Mixed } else { Tone::Good })
        }
    }
}

fn report_words(report: &OpReport, locale: &Locale) -> String {
    let number = |n: u64| locale.number(n);
    let len = |items: &[ItemFailure]| items.len() as u64;
    // What is zero is not said, except where everything is.
    let list = |parts: &[(u64, &str)], nothing: &str| {
        let parts: Vec<_> =
            parts.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{} {words}", number(*n))).collect();
        if parts.is_empty() { nothing.to_owned() } else { parts.join(", ") }
    };
    match report {
        OpReport::Import(report) => list(
            &[
                (report.added, "added"),
                (report.updated, "new versions"),
                (report.moved, "moved"),
                (report.duplicates, "duplicates"),
                (report.unchanged, "unchanged"),
                (report.stored, "stored"),
                (len(&report.unreadable), "unreadable"),
                (len(&report.not_stored), "not stored"),
                (u64::from(report.stopped), "time stopped before the end"),
            ],
            "No photos found",
        ),
        OpReport::Store(report) => list(
            &[(report.stored, "stored"), (report.waiting, "waiting"), (len(&report.needs_you), "need you")],
            "Everything was stored already",
        ),
        OpReport::OpenStore { photos, failed } => list(
            &[(*photos, if *photos == 1 { "photo rebuilt" } else { "photos rebuilt" }), (len(failed), "failed")],
            "The store holds no photos",
        ),
        OpReport::Verify(report) => {
            let wrong = [(len(&report.missing), "missing"), (len(&report.corrupt), "damaged")];
            let checked = locale.count(report.checked, "version checked", "versions checked");
            let unknown = len(&report.unknown);
            let mut text = if wrong.iter().all(|(n, _)| *n == 0) {
                format!("{checked}, all as recorded")
            } else {
                format!("{checked}, {} as recorded, {}", number(report.ok), list(&wrong, ""))
            };
            if unknown > 0 {
                text.push_str(&format!(", {} unknown in the store", number(unknown)));
            }
            text
        }
        OpReport::Restore { file } => format!("Restored to {}", file.display()),
        OpReport::Deleted(weight) => {
            format!("{} deleted; every version stays", locale.count(weight.photos, "photo", "photos"))
        }
        OpReport::Undeleted(weight) => format!("{} brought back", locale.count(weight.photos, "photo", "photos")),
        OpReport::Download(report) => list(
            &[
                (report.files, "downloaded and equal to their receipts"),
                (report.present, "there already"),
                (len(&report.failed), "failed"),
            ],
            "Nothing to download",
        ),
        OpReport::Ingest(report) => {
            let proved = format!("{} of {} proved", number(report.stored.min(report.verified)), number(report.files));
            if report.safe_to_format { format!("{proved}: safe to format") } else { format!("{proved}: do not format") }
        }
        OpReport::Tag(report) => tag_words(report, locale),
        OpReport::Share(report) => {
            format!("A link to {} is ready", locale.count(report.photos, "photo", "photos"))
        }
        OpReport::Sidecars(report) => list(&sidecar_parts(report), "Every sidecar says it already"),
        OpReport::LookForPeople(report) => report.words(),
        OpReport::ForgetPeople(report) => report.words(),
        OpReport::Print(report) => {
            let pages = locale.count(report.pages, "page", "pages");
            let failed = len(&report.failed);
            let photos = locale.count(report.photos, "photo", "photos");
            let marked = if failed == 0 { String::new() } else { format!(", {} without a picture", number(failed)) };
            format!("{photos} on {pages}{marked}")
        }
    }
}

fn sidecar_parts(report: &SidecarReport) -> [(u64, &'static str); 4] {
    [
        (report.written, "sidecars written"),
        (report.merged, "changed by other programs"),
        (report.conflicts.len() as u64, "changed on both sides"),
        (report.failed.len() as u64, "left alone"),
    ]
}

/// What a tagger did, and for how much.
fn tag_words(report: &TagReport, locale: &Locale) -> String {
    let parts = [
        (report.looked_at, "looked at"),
        (report.known, "known already"),
        (report.failed.len() as u64, "could not be looked at"),
    ];
    let parts: Vec<_> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{} {words}", locale.number(*n))).collect();
    let mut text = if parts.is_empty() { "No photo was left to look at".to_owned() } else { parts.join(", ") };
    if report.micro_usd > 0 {
        text.push_str(&format!(", about {}", dollars(report.micro_usd as f64 / 1e6, locale)));
    }
    if let Some(why) = &report.stopped {
        text.push_str(&format!("; stopped: {why}"));
    }
    text
}

/// Everything that did not work, by reason; groups may be empty.
pub(super) fn groups(report: &OpReport) -> Vec<Group<'_>> {
    let group = |heading, items| Group { heading, items };
    match report {
        OpReport::Import(report) => {
            vec![group("Unreadable", &report.unreadable), group("Not stored", &report.not_stored)]
        }
        OpReport::Store(report) => vec![group("Need you", &report.needs_you)],
        OpReport::OpenStore { failed, .. } => vec![group("Could not be rebuilt", failed)],
        OpReport::Verify(report) => vec![
            group("Missing in the store", &report.missing),
            group("Damaged in the store", &report.corrupt),
            group("In the store without a receipt", &report.unknown),
        ],
        OpReport::Restore { .. } | OpReport::Deleted(_) | OpReport::Undeleted(_) | OpReport::ForgetPeople(_) => {
            Vec::new()
        }
        OpReport::LookForPeople(report) => vec![group("Not looked through", &report.failed)],
        OpReport::Download(report) => vec![group("Not downloaded", &report.failed)],
        OpReport::Ingest(report) => vec![group("Not proved", &report.failed)],
        OpReport::Share(report) => vec![group("Not shared", &report.failed)],
        OpReport::Tag(report) => vec![group("Not looked at", &report.failed)],
        OpReport::Sidecars(report) => vec![group("Left alone", &report.failed)],
        OpReport::Print(report) => vec![group("Printed as a marked frame", &report.failed)],
    }
}

/// What was no photo, by suffix, the most frequent first: `Left out: 12 .txt, 3 without a suffix`.
pub(super) fn left_out(report: &OpReport, locale: &Locale) -> Option<String> {
    /// More suffixes than anybody reads.
    const SHOWN: usize = 12;
    let OpReport::Import(report) = report else { return None };
    if report.skipped == 0 {
        return None;
    }
    let mut suffixes: Vec<_> = report.skipped_by_suffix.iter().collect();
    suffixes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let mut parts: Vec<_> = suffixes
        .iter()
        .take(SHOWN)
        .map(|(suffix, count)| {
            let suffix = suffix.trim_start_matches('.');
            let name = if suffix.is_empty() { "without a suffix".to_owned() } else { format!(".{suffix}") };
            format!("{} {name}", locale.number(*count))
        })
        .collect();
    if suffixes.len() > SHOWN {
        parts.push(format!("{} other kinds", locale.number((suffixes.len() - SHOWN) as u64)));
    }
    let files = locale.count(report.skipped, "file that is no photo", "files that are no photos");
    Some(if parts.is_empty() {
        format!("Left out: {files}")
    } else {
        format!("Left out: {files} ({})", parts.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ImportReport, StoreReport, VerifyReport};

    fn failures(n: usize) -> Vec<ItemFailure> {
        (0..n).map(|i| ItemFailure { path: format!("/p/{i}.jpg"), why: "ends too early".into() }).collect()
    }

    #[test]
    fn progress_says_what_is_known_and_no_more() {
        let locale = Locale::default();
        let mut progress = Progress::new(OpKind::Import);
        assert_eq!(progress_words(&progress, &locale), "Waiting for its turn");
        progress.phase = Phase::Counting;
        progress.total = 8140;
        assert_eq!(progress_words(&progress, &locale), "Counting… 8,140 items so far");
        assert_eq!(part_done(&progress), None);
        progress.phase = Phase::Working;
        (progress.done, progress.elapsed_ms) = (1240, 29_524);
        assert_eq!(progress_words(&progress, &locale), "1,240 of 8,140 · 42 photos/s · 2 min 45 s left");
        progress.total = 1000;
        assert_eq!(progress_words(&progress, &locale), "1,240 items · 42 photos/s");
        assert_eq!(part_done(&progress), None, "more than all is not known");
        progress.phase = Phase::Finishing;
        progress.failed = 2;
        assert_eq!(progress_words(&progress, &locale), "1,240 items · finishing · 2 failed");
    }

    #[test]
    fn an_import_says_only_what_happened() {
        let locale = Locale::default();
        let report = ImportReport { added: 1204, duplicates: 3, unreadable: failures(2), ..Default::default() };
        let outcome = Ok(OpReport::Import(report));
        assert_eq!(
            outcome_words(&outcome, &locale),
            ("1,204 added, 3 duplicates, 2 unreadable".to_owned(), Tone::Mixed)
        );
        let nothing = Ok(OpReport::Import(ImportReport::default()));
        assert_eq!(outcome_words(&nothing, &locale), ("No photos found".to_owned(), Tone::Good));
        let stored = Ok(OpReport::Store(StoreReport::default()));
        assert_eq!(outcome_words(&stored, &locale).0, "Everything was stored already");
    }

    #[test]
    fn a_verify_never_calls_damage_fine() {
        let locale = Locale::default();
        let fine = VerifyReport { checked: 10, ok: 10, ..Default::default() };
        assert_eq!(
            outcome_words(&Ok(OpReport::Verify(fine)), &locale),
            ("10 versions checked, all as recorded".to_owned(), Tone::Good)
        );
        let bad = VerifyReport { checked: 10, ok: 9, corrupt: failures(1), unknown: failures(2), ..Default::default() };
        assert_eq!(
            outcome_words(&Ok(OpReport::Verify(bad)), &locale),
            ("10 versions checked, 9 as recorded, 1 damaged, 2 unknown in the store".to_owned(), Tone::Mixed)
        );
    }

    #[test]
    fn what_is_left_out_is_named_by_suffix() {
        let locale = Locale::default();
        let suffixes = vec![("txt".into(), 3), (String::new(), 1), ("mp3".into(), 12)];
        let report = ImportReport { skipped: 16, skipped_by_suffix: suffixes, ..Default::default() };
        assert_eq!(
            left_out(&OpReport::Import(report), &locale).unwrap(),
            "Left out: 16 files that are no photos (12 .mp3, 3 .txt, 1 without a suffix)"
        );
        assert_eq!(left_out(&OpReport::Import(ImportReport::default()), &locale), None);
    }

    #[test]
    fn a_stop_is_no_failure() {
        let stopped = Err(UserError::new(ErrorCode::Cancelled, "x"));
        assert_eq!(outcome_words(&stopped, &Locale::default()).1, Tone::Neutral);
        let failed = Err(UserError::new(ErrorCode::DiskFull, "no room left on the disk: /mnt"));
        assert_eq!(
            outcome_words(&failed, &Locale::default()),
            ("no room left on the disk: /mnt".to_owned(), Tone::Bad)
        );
    }
}
