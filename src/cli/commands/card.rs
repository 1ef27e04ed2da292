//! `ingest`, `link` and `cost`.

use serde_json::json;

use super::{OP, json_of, reporter};
use crate::cli::args_card::{CostArgs, IngestArgs, LinkArgs};
use crate::cli::ask;
use crate::cli::output::{Answer, complain, harmless};
use crate::engine::{Cancel, Engine};
use crate::protocol::{ErrorCode, IngestOrder, OpKind, ShareOrder, UserError};

pub(super) async fn ingest(engine: &Engine, args: IngestArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let shown = reporter(engine, OpKind::Ingest);
    let order = IngestOrder { card: args.card, to: args.to, template: args.template };
    let report = engine.ingest(OP, order, cancel, &shown).await?;
    let verdict = if report.safe_to_format { "safe to format" } else { "NOT safe to format" };
    let mut lines = vec![format!("{} of {} proved: {verdict}", report.stored, report.files)];
    lines.push(format!("{} copied, {} read back and equal", report.copied, report.verified));
    let sheet = report.sheet.as_ref().map(|sheet| sheet.display().to_string());
    lines.extend(sheet.iter().map(|sheet| format!("Receipt sheet: {sheet}")));
    if report.safe_to_format && sheet.is_none() {
        lines.push("The receipt sheet could not be written.".to_owned());
    }
    if engine.vault_state().await.is_ok_and(|vault| vault.same_disk && vault.problem.is_none()) {
        let line =
            "The vault is on the disk of the copies, or of other photos: it does not survive the loss of that disk.";
        lines.push(line.to_owned());
    }
    if !report.left_out.is_empty() {
        lines.push(format!("Left out, not copied: {}", report.left_out.join(", ")));
    }
    let json = json!({
        "files": report.files,
        "copied": report.copied,
        "verified": report.verified,
        "stored": report.stored,
        "safe_to_format": report.safe_to_format,
        "sheet": sheet,
        "card": report.card.display().to_string(),
        "failed": report.failed,
        "left_out": report.left_out,
    });
    Ok(Answer::new(json, lines.join("\n")).alarm(!report.safe_to_format).failed(report.failed))
}

pub(super) async fn link(engine: &Engine, args: &LinkArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let seats = engine.seats(&args.query).await?;
    let (lasts_s, why) = engine.share_offer(args.lasts_s).await?;
    let photos = seats.len();
    complain(&harmless(&format!("{photos} photo{}. {why}", if photos == 1 { "" } else { "s" }), false));
    if !args.yes && photos > 0 {
        let answer = ask::line("Make it? Type yes")?;
        if answer.expose() != "yes" {
            return Err(UserError::new(ErrorCode::Cancelled, "no link was made"));
        }
    }
    let shown = reporter(engine, OpKind::Share);
    let order = ShareOrder { seats, originals: args.originals, lasts_s };
    let report = engine.share(OP, order, cancel, &shown).await?;
    let photos = if report.photos == 1 { "1 photo".to_owned() } else { format!("{} photos", report.photos) };
    let ends = report.ends_at.to_rfc3339();
    let text = format!("{}\n{photos}; the link ends at {ends}. Whoever has it sees them.", report.url);
    let json = json!({
        "url": report.url,
        "ends_at": report.ends_at.to_rfc3339(),
        "photos": report.photos,
        "bytes": report.bytes,
        "failed": report.failed,
    });
    Ok(Answer::new(json, text).failed(report.failed))
}

pub(super) async fn cost(engine: &Engine, args: &CostArgs) -> Result<Answer, UserError> {
    let cost = if args.waiting {
        engine.cost_of_waiting().await?
    } else {
        let seats = match &args.query {
            Some(query) => Some(engine.seats(query).await?),
            None => None,
        };
        engine.cost(seats).await?
    };
    let mut lines = vec![cost.words.clone(), String::new()];
    let dollars = |amount: f64| match amount {
        _ if amount > 0.0 && amount < 0.005 => "under $0.01".to_owned(),
        _ => format!("${amount:.2}"),
    };
    for class in &cost.classes {
        let least = match class.least_days {
            0 => String::new(),
            days => format!(", {days} days are charged at least"),
        };
        let (month, once) = (dollars(class.month), dollars(class.once));
        lines.push(format!("{}: {month} a month, {once} once{least}", class.class.label()));
    }
    Ok(Answer::new(json_of(&cost), lines.join("\n")))
}
