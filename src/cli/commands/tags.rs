//! `tag --auto`: photos looked at by a tagger.

use serde_json::json;

use super::OP;
use crate::cli::args::{TagArgs, TaggerArg};
use crate::cli::output::Answer;
use crate::domain::labels::TaggerKind;
use crate::engine::{Cancel, Engine, Reporter};
use crate::protocol::{ItemFailure, OpKind, TagOrder, TagReport, UserError};

pub(super) async fn auto(engine: &Engine, args: &TagArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let seats = match &args.query {
        Some(query) => Some(engine.seats(query).await?),
        None => None,
    };
    let with = args.with.map(|with| match with {
        TaggerArg::Aws => TaggerKind::Aws,
        TaggerArg::Device => TaggerKind::Device,
    });
    let most_micro_usd = args.max_cost.map(|usd| (usd * 1e6).round() as u64);
    let order = TagOrder { seats, with, most_micro_usd, dry_run: args.dry_run };
    let reporter = Reporter::new(engine, OP, OpKind::Tag);
    let report = engine.tag(order, cancel, &reporter).await?;
    drop(reporter);
    let value = json!({
        "tagger": report.tagger,
        "looked_at": report.looked_at,
        "known": report.known,
        "images": report.images,
        "usd": report.micro_usd as f64 / 1e6,
        "note": report.note,
        "stopped": report.stopped,
        "failed": report.failed,
    });
    let text = text(&report, args.dry_run);
    let mut failed = report.failed;
    failed.extend(report.stopped.map(|why| ItemFailure { path: "the rest".to_owned(), why }));
    Ok(Answer::new(value, text).failed(failed))
}

fn text(report: &TagReport, dry_run: bool) -> String {
    let who = match report.tagger {
        TaggerKind::Aws => "Amazon Rekognition",
        TaggerKind::Device => "the model on this computer",
    };
    let verb = if dry_run { "would look at" } else { "looked at" };
    let mut lines = vec![format!("{who} {verb} {} photos; {} were known already", report.looked_at, report.known)];
    if report.tagger == TaggerKind::Aws {
        lines.push(format!("about ${:.2}. {}", report.micro_usd as f64 / 1e6, report.note));
    }
    lines.join("\n")
}
