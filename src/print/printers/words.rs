//! Keywords of printers in the words of people: states, reasons, papers, trays, modes.

/// What a keyword of `printer-state-reasons` means (RFC 8011, 5.4.12; PWG 5100.9; CUPS). `None` for "nothing".
#[must_use]
pub fn printer_reason(keyword: &str) -> Option<String> {
    let bare = ["-error", "-warning", "-report"].iter().find_map(|suffix| keyword.strip_suffix(suffix));
    let bare = bare.unwrap_or(keyword);
    let words = match bare {
        "" | "none" | "cups-insecure-filter" | "cups-ipp-conformance-failure" => return None,
        "other" => "it has a problem that it does not name",
        "alert-removal-of-binary-change-entry" => return None,
        "connecting-to-device" => "connecting to the printer",
        "cover-open" => "a cover is open",
        "cups-missing-filter" => "the print server lacks a part of the driver",
        "cups-remote-stopped" => "the printer at the other end is stopped",
        "cups-remote-pending" | "cups-remote-processing" | "cups-waiting-for-job-completed" => "printing",
        "deactivated" => "it is switched off for printing",
        "developer-empty" => "the developer is used up",
        "developer-low" => "the developer is low",
        "door-open" => "a door is open",
        "fuser-over-temp" => "the fuser is too hot",
        "fuser-under-temp" => "the fuser is warming up",
        "hold-new-jobs" => "new jobs are held",
        "identify-printer-requested" => "it shows which one it is",
        "input-tray-missing" => "a tray is missing",
        "interlock-open" => "a cover is open",
        "interpreter-resource-unavailable" => "it lacks something that the document needs",
        "marker-supply-empty" => "ink or toner is used up",
        "marker-supply-low" => "ink or toner is low",
        "marker-waste-almost-full" => "the waste ink tank is almost full",
        "marker-waste-full" => "the waste ink tank is full",
        "media-empty" => "out of paper",
        "media-jam" => "paper is jammed",
        "media-low" => "paper is low",
        "media-needed" => "it wants other paper, or more of it",
        "moving-to-paused" => "it is about to pause",
        "offline" => "it is offline",
        "opc-life-over" => "the drum is worn out",
        "opc-near-eol" => "the drum will soon be worn out",
        "output-area-almost-full" => "the output tray is almost full",
        "output-area-full" => "the output tray is full",
        "output-tray-missing" => "the output tray is missing",
        "paused" => "it is paused",
        "power-down" => "it is switched off",
        "resuming" => "it is about to go on",
        "shutdown" => "it is switched off, or cannot be reached",
        "spool-area-full" => "it has no room for more jobs",
        "stopped-partly" => "one of its devices is stopped",
        "stopping" => "it is stopping",
        "testing" => "it is testing itself",
        "timed-out" => "it cannot be reached",
        "toner-empty" => "toner is used up",
        "toner-low" => "toner is low",
        "warming-up" => "it is warming up",
        other => return named(other, "the printer says"),
    };
    Some(words.to_owned())
}

/// What a keyword of `job-state-reasons` means (RFC 8011, 5.3.8; CUPS). `None` for what the state says already.
#[must_use]
pub fn job_reason(keyword: &str) -> Option<String> {
    let words = match keyword {
        ""
        | "none"
        | "job-completed-successfully"
        | "job-printing"
        | "job-queued"
        | "job-transforming"
        | "job-interpreting"
        | "job-outgoing"
        | "job-canceled-by-user"
        | "processing-to-stop-point"
        | "job-queued-for-marker"
        | "job-data-insufficient"
        | "job-restartable"
        | "job-saved-successfully"
        | "job-fetchable" => return None,
        "aborted-by-system" => "the print system gave it up",
        "account-authorization-failed" | "account-closed" | "account-info-needed" | "account-limit-reached" => {
            "the printer's account does not allow it"
        }
        "compression-error" | "unsupported-compression" => "the document's compression is not understood",
        "document-access-error" => "the document could not be fetched",
        "document-format-error" => "the printer finds the document broken",
        "document-password-error" | "document-permission-error" => "the document is locked",
        "document-security-error" | "document-unprintable-error" => "the document cannot be printed there",
        "errors-detected" => "it ended with errors",
        "job-canceled-at-device" => "it was cancelled at the printer",
        "job-canceled-by-operator" => "somebody who looks after the printer cancelled it",
        "job-canceled-after-timeout" => "it waited too long",
        "job-completed-with-errors" => "it ended with errors",
        "job-completed-with-warnings" | "warnings-detected" => "it ended with warnings",
        "job-delay-output-until-specified" | "job-hold-until-specified" => "it waits for its time",
        "job-held-on-create" | "job-held-for-review" => "it is held at the printer",
        "job-incoming" => "the document is on its way",
        "job-password-wait" | "job-held-for-authorization" | "cups-held-for-authentication" => {
            "it waits for a password at the printer"
        }
        "job-release-wait" => "it waits to be released at the printer",
        "job-stopped" | "printer-stopped" => "the printer is stopped",
        "printer-stopped-partly" => "a part of the printer is stopped",
        "queued-in-device" => "it waits in the printer",
        "resources-are-not-ready" | "resources-are-not-supported" => "the paper or tray is not ready",
        "service-off-line" => "the printer is offline",
        "submission-interrupted" => "the document did not arrive whole",
        "unsupported-attributes-or-values" => "the printer did not take all of its options",
        "unsupported-document-format" => "the printer does not take this kind of document",
        "waiting-for-user-action" => "somebody must act at the printer",
        other => return printer_reason(other.strip_prefix("printer-").unwrap_or(other)),
    };
    Some(words.to_owned())
}

fn named(keyword: &str, who: &str) -> Option<String> {
    let words = super::plain(&keyword.replace('-', " "));
    (!words.is_empty()).then(|| format!("{who}: {words}"))
}

/// A keyword as words, where there is nothing better: `photo-matte` as "Photo matte".
fn spelled(keyword: &str) -> String {
    let words = super::plain(&keyword.replace(['-', '_', '.'], " "));
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The words for a `media-type` (PWG 5101.1, 4).
#[must_use]
pub fn media_type(keyword: &str) -> String {
    match keyword {
        "stationery" => "Plain paper",
        "stationery-coated" => "Coated paper",
        "stationery-fine" => "Fine paper",
        "stationery-heavyweight" => "Heavy paper",
        "stationery-inkjet" => "Inkjet paper",
        "stationery-lightweight" => "Light paper",
        "stationery-letterhead" => "Letterhead",
        "stationery-recycled" => "Recycled paper",
        "photographic" => "Photo paper",
        "photographic-film" => "Photo film",
        "photographic-glossy" => "Glossy photo paper",
        "photographic-high-gloss" => "High-gloss photo paper",
        "photographic-matte" => "Matte photo paper",
        "photographic-satin" => "Satin photo paper",
        "photographic-semi-gloss" => "Semi-gloss photo paper",
        "photographic-archival" => "Archival photo paper",
        "cardstock" => "Card",
        "labels" => "Labels",
        "transparency" => "Transparency",
        "envelope" => "Envelope",
        "auto" => "Chosen by the printer",
        "any" => "Any",
        other => return spelled(other),
    }
    .to_owned()
}

/// The words for a `media-source` (PWG 5100.7).
#[must_use]
pub fn media_source(keyword: &str) -> String {
    match keyword {
        "auto" => "Chosen by the printer",
        "main" => "Main tray",
        "alternate" => "Second tray",
        "by-pass-tray" => "Multi-purpose tray",
        "large-capacity" => "Large tray",
        "manual" => "Manual feed",
        "rear" => "Rear feed",
        "photo" => "Photo tray",
        "disc" => "Disc tray",
        "envelope" => "Envelope feed",
        "main-roll" => "Roll",
        "alternate-roll" => "Second roll",
        other => match other.strip_prefix("tray-").and_then(|number| number.parse::<u8>().ok()) {
            Some(number) => return format!("Tray {number}"),
            None => return spelled(other),
        },
    }
    .to_owned()
}

/// The words for a `print-color-mode` (PWG 5100.13).
#[must_use]
pub fn colour_mode(keyword: &str) -> String {
    match keyword {
        "auto" => "Chosen by the printer",
        "auto-monochrome" => "Black and white, chosen by the printer",
        "bi-level" | "process-bi-level" => "Black only, without greys",
        "color" => "Colour",
        "highlight" => "One colour and black",
        "monochrome" => "Black and white",
        "process-monochrome" => "Black and white from colour inks",
        other => return spelled(other),
    }
    .to_owned()
}

/// The words for `sides`.
#[must_use]
pub fn sides(keyword: &str) -> String {
    match keyword {
        "one-sided" => "One side",
        "two-sided-long-edge" => "Both sides, turned at the long edge",
        "two-sided-short-edge" => "Both sides, turned at the short edge",
        other => return spelled(other),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_words_whatever_their_severity() {
        assert_eq!(printer_reason("media-empty-error").as_deref(), Some("out of paper"));
        assert_eq!(printer_reason("media-empty").as_deref(), Some("out of paper"));
        assert_eq!(printer_reason("toner-low-warning").as_deref(), Some("toner is low"));
        assert_eq!(printer_reason("none"), None);
        assert_eq!(
            printer_reason("com.maker-nozzle-sad-report").as_deref(),
            Some("the printer says: com.maker nozzle sad")
        );
        assert_eq!(printer_reason("\u{1b}[2J\n").as_deref(), Some("the printer says: [2J"));
        assert_eq!(job_reason("printer-stopped").as_deref(), Some("the printer is stopped"));
        assert_eq!(job_reason("job-completed-successfully"), None);
        assert_eq!(job_reason("media-empty").as_deref(), Some("out of paper"));
    }

    #[test]
    fn labels_are_words() {
        assert_eq!(media_type("photographic-glossy"), "Glossy photo paper");
        assert_eq!(media_type("com.maker-pearl"), "Com maker pearl");
        assert_eq!(media_source("tray-3"), "Tray 3");
        assert_eq!(colour_mode("monochrome"), "Black and white");
        assert_eq!(sides("one-sided"), "One side");
    }
}
