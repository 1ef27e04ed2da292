//! `receipt`, `restore`, `delete`, `undelete` and `verify`.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{OP, describe, json_of, reporter};
use crate::cli::args_keep::{DeleteArgs, RestoreArgs, UndeleteArgs, VerifyArgs};
use crate::cli::ask;
use crate::cli::output::{Answer, complain};
use crate::domain::keep::Weight;
use crate::domain::query::Scope;
use crate::domain::{Seat, Timestamp};
use crate::engine::{Cancel, Engine};
use crate::protocol::{
    DownloadOrder, DownloadReport, ErrorCode, ItemFailure, OpKind, RestoreTo, UserError, VerifyLevel, VerifyReport,
};

pub(super) async fn receipt(engine: &Engine, photo: &std::ffi::OsStr) -> Result<Answer, UserError> {
    let found = engine.show(photo).await?;
    Ok(Answer::new(describe::receipts(&found), describe::receipts_text(&found)))
}

pub(super) async fn restore(engine: &Engine, args: RestoreArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let photos = args.photos.unwrap_or_default();
    let to = args.to.map_or(RestoreTo::InPlace, RestoreTo::Folder);
    if let Some(version) = args.version {
        let photo = engine.resolve(&photos).await?;
        let shown = reporter(engine, OpKind::Restore);
        let file = engine.restore(OP, photo, version, to, cancel, &shown).await?;
        let file = file.display().to_string();
        let text = format!("version {version} restored: {file}");
        return Ok(Answer::new(json!({ "file": file, "version": version.to_string() }), text));
    }
    let query = photos.to_string_lossy();
    let scope = args.as_of.map_or(Scope::Library, Scope::AsOf);
    let seats = engine.seats_in(scope, &query).await?;
    let report = match to {
        RestoreTo::Folder(to) => {
            let shown = reporter(engine, OpKind::Download);
            engine.download(DownloadOrder { seats, as_of: args.as_of, to }, cancel, &shown).await?
        }
        RestoreTo::InPlace => in_place(engine, &seats, args.as_of, cancel).await?,
    };
    let text = format!(
        "{} files restored ({} bytes), {} were there already{}",
        report.files,
        report.bytes,
        report.present,
        if report.dir.as_os_str().is_empty() { String::new() } else { format!(": {}", report.dir.display()) }
    );
    let failed = report.failed.clone();
    Ok(Answer::new(json_of(&report), text).failed(failed))
}

/// Originals of a query on top of what is there, one after the other.
async fn in_place(
    engine: &Engine,
    seats: &[Seat],
    as_of: Option<Timestamp>,
    cancel: &Cancel,
) -> Result<DownloadReport, UserError> {
    let mut report = DownloadReport::default();
    let shown = reporter(engine, OpKind::Restore);
    for (photo, version, size, name) in engine.originals_at(seats, as_of).await? {
        let Some(version) = version else {
            report.failed.push(ItemFailure { path: name, why: "it is not stored anywhere yet".to_owned() });
            continue;
        };
        match engine.restore(OP, photo, version, RestoreTo::InPlace, cancel, &shown).await {
            Ok(_) => {
                report.files += 1;
                report.bytes += size;
            }
            Err(error) if error.code == ErrorCode::Cancelled => return Err(error),
            Err(error) => report.failed.push(ItemFailure { path: name, why: error.message }),
        }
    }
    Ok(report)
}

fn weight_words(weight: Weight) -> String {
    let photos = if weight.photos == 1 { "1 photo".to_owned() } else { format!("{} photos", weight.photos) };
    let files = if weight.files == 1 { "1 stored file".to_owned() } else { format!("{} stored files", weight.files) };
    format!("{photos}, {files}, {} bytes", weight.bytes)
}

fn weighed(weight: Weight, failed: Vec<ItemFailure>, what: &str) -> Answer {
    let json = json!({ "photos": weight.photos, "files": weight.files, "bytes": weight.bytes, "failed": failed });
    Answer::new(json, format!("{} {what}", weight_words(weight))).failed(failed)
}

pub(super) async fn delete(engine: &Engine, args: DeleteArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let seats = engine.seats(&args.query).await?;
    let weight = engine.weigh(seats.clone()).await?;
    if weight.photos > 0 && !args.yes {
        sure(weight)?;
    }
    let shown = reporter(engine, OpKind::Delete);
    let (weight, failed) = engine.delete(seats, cancel, &shown).await?;
    Ok(weighed(weight, failed, "deleted; every version stays, and so do the files on this computer"))
}

/// Has a person type how many photos are to be deleted.
fn sure(weight: Weight) -> Result<(), UserError> {
    let words = format!("delete {}", weight.photos);
    if !ask::is_person() {
        let text = format!("nothing was deleted: {} would be", weight_words(weight));
        return Err(UserError::new(ErrorCode::Usage, text).hint("Add --yes where that is meant."));
    }
    complain(&format!(
        "{} would be deleted in every store. `lightkeep undelete` brings them back; files on this computer stay.",
        weight_words(weight)
    ));
    if ask::line(&format!("Type \"{words}\" to do it"))?.expose().trim() == words {
        return Ok(());
    }
    Err(UserError::new(ErrorCode::Cancelled, "nothing was deleted: the words are not the same"))
}

pub(super) async fn undelete(engine: &Engine, args: UndeleteArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let seats = engine.seats_in(Scope::Deleted, &args.query).await?;
    let shown = reporter(engine, OpKind::Undelete);
    let (weight, failed) = engine.undelete(seats, cancel, &shown).await?;
    drop(shown);
    if weight.photos > 0 {
        // The manifest of what came back, and from its file what a store that was away did not have.
        let shown = reporter(engine, OpKind::Store);
        if let Err(error) = engine.store(OP, cancel, &shown).await {
            tracing::info!("the manifest of what was brought back waits ({error})");
        }
    }
    Ok(weighed(weight, failed, "brought back"))
}

pub(super) async fn verify(engine: &Engine, args: VerifyArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    if args.reports {
        let reports = engine.reports().await?;
        let lines: Vec<String> =
            reports.iter().map(|report| format!("{}  {}", report.ended.to_rfc3339(), report_text(report))).collect();
        return Ok(Answer::new(json!({ "reports": json_of(&reports) }), lines.join("\n")));
    }
    let level = VerifyLevel::try_from(args.level).map_err(|why| UserError::new(ErrorCode::Usage, why))?;
    let stores: Vec<String> = match args.store {
        Some(store) => vec![store],
        None => engine.store_states().await?.into_iter().map(|state| state.name).collect(),
    };
    let (mut reports, mut failed, mut away) = (Vec::new(), Vec::new(), None);
    let several = stores.len() > 1;
    for store in stores {
        let shown = reporter(engine, OpKind::Verify);
        let report = match args.drill {
            true => engine.drill(&store, cancel, &shown).await,
            false => engine.verify(&store, level, args.budget, cancel, &shown).await,
        };
        match report {
            Ok(report) => reports.push(report),
            Err(error) if several && error.code != ErrorCode::Cancelled => {
                failed.push(ItemFailure { path: store, why: error.message.clone() });
                away = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    if let (true, Some(error)) = (reports.is_empty(), away) {
        return Err(error);
    }
    Ok(verified(&reports, failed))
}

fn verified(reports: &[VerifyReport], mut failed: Vec<ItemFailure>) -> Answer {
    let sum = |count: fn(&VerifyReport) -> u64| reports.iter().map(count).sum::<u64>();
    let all = |list: fn(&VerifyReport) -> &Vec<ItemFailure>| -> Arc<[ItemFailure]> {
        reports.iter().flat_map(|report| list(report).iter().cloned()).collect()
    };
    let (missing, corrupt) = (all(|report| &report.missing), all(|report| &report.corrupt));
    let json: Value = json!({
        "checked": sum(|report| report.checked),
        "ok": sum(|report| report.ok),
        "missing": &missing[..],
        "corrupt": &corrupt[..],
        "unknown": &all(|report| &report.unknown)[..],
        "stores": json_of(&reports),
    });
    let text: Vec<String> = reports.iter().map(report_text).collect();
    // What is merely unknown is no damage: another program may keep files in the same folder.
    failed.extend(missing.iter().chain(corrupt.iter()).cloned());
    Answer::new(json, text.join("\n")).failed(failed)
}

fn report_text(report: &VerifyReport) -> String {
    let mut text = format!(
        "{} (level {}): {} checked, {} as stored, {} missing, {} damaged, {} unknown",
        report.store,
        report.level,
        report.checked,
        report.ok,
        report.missing.len(),
        report.corrupt.len(),
        report.unknown.len()
    );
    if report.archived > 0 {
        text.push_str(&format!(", {} archived", report.archived));
    }
    if report.mending > 0 {
        text.push_str(&format!("; {} will be sent again from their originals", report.mending));
    }
    if report.unfinished {
        text.push_str("; the budget ended it, and the next check of this level goes on here");
    }
    text
}
