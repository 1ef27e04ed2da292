//! `people`: who is in the photos.

use serde_json::{Value, json};

use super::{json_of, reporter};
use crate::cli::args_people::{FacesArgs, LookArgs, PeopleArgs, PeopleCommand};
use crate::cli::output::Answer;
use crate::domain::Seat;
use crate::domain::people::{EXPLANATION, Face, FaceId, FaceMark, FaceState, WITHOUT_ACCOUNT};
use crate::domain::spend::{OPT_OUT, dollars};
use crate::engine::{Cancel, Engine};
use crate::protocol::{ErrorCode, FacesOf, ItemFailure, LookOrder, OpKind, PeopleAsk, UserError};

pub(super) async fn run(engine: &Engine, args: PeopleArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let ask = match args.command.unwrap_or(PeopleCommand::List) {
        PeopleCommand::List => return list(engine).await,
        PeopleCommand::State => return state(engine).await,
        PeopleCommand::Faces(args) => return faces(engine, args).await,
        PeopleCommand::Consent { yes: false, off: false } => return explain(engine).await,
        PeopleCommand::Consent { yes, .. } => {
            engine.consent_to_people(yes).await?;
            return state(engine).await;
        }
        PeopleCommand::Look(args) => return look(engine, args, cancel).await,
        PeopleCommand::ForgetAll { yes } => return forget(engine, yes, cancel).await,
        PeopleCommand::Name(args) | PeopleCommand::Split(args) => {
            PeopleAsk::Name { faces: ids(engine, &args.faces).await?, name: args.name }
        }
        PeopleCommand::Accept(args) => PeopleAsk::Accept { faces: ids(engine, &args.faces).await? },
        PeopleCommand::Reject(args) => PeopleAsk::Reject { faces: ids(engine, &args.faces).await? },
        PeopleCommand::NoFace(args) => {
            PeopleAsk::Mark { faces: ids(engine, &args.faces).await?, mark: FaceMark::NotAFace }
        }
        PeopleCommand::Rename { from, to } => PeopleAsk::Rename { from, to },
        PeopleCommand::Merge { people, into } => PeopleAsk::Merge { people, into },
        PeopleCommand::Hide { name, undo } => PeopleAsk::HidePerson { name, hidden: !undo },
        PeopleCommand::Draw { photo, spot, name } => {
            let spot = spot.parse().map_err(|error| UserError::new(ErrorCode::Usage, format!("{error}: {spot}")))?;
            PeopleAsk::Draw { seat: seat(engine, &photo).await?, spot, name }
        }
    };
    let changed = engine.edit_people(ask).await?;
    let mut text = format!("{} changed", count(changed, "photo", "photos"));
    if let Err(error) = engine.agree_at_aws().await {
        text.push_str(&format!("\nRekognition hears of it at the next look: {}", error.message));
    }
    Ok(Answer::new(json!({ "changed": changed }), text))
}

async fn list(engine: &Engine) -> Result<Answer, UserError> {
    let people = engine.people().await?;
    let mut lines = Vec::new();
    for person in &people {
        let maybe = if person.suggestions > 0 { format!(", {} suggested", person.suggestions) } else { String::new() };
        let hidden = if person.hidden { ", hidden" } else { "" };
        lines.push(format!("{}: {}{maybe}{hidden}", person.name, count(person.faces, "face", "faces")));
    }
    if lines.is_empty() {
        lines.push("Nobody has a name yet. `lightkeep people look --on-device` finds faces to be named.".to_owned());
    }
    let value: Vec<Value> = people
        .iter()
        .map(
            |one| json!({ "name": one.name, "faces": one.faces, "suggestions": one.suggestions, "hidden": one.hidden }),
        )
        .collect();
    Ok(Answer::new(json!({ "people": value }), lines.join("\n")))
}

async fn state(engine: &Engine) -> Result<Answer, UserError> {
    let state = engine.people_state().await?;
    let mut lines = vec![
        format!("Recognising people by Rekognition is {}", if state.consent { "on" } else { "off" }),
        format!(
            "{}, {} with a name, {} suggested, {} of nobody, {} hidden",
            count(state.people, "person", "people"),
            count(state.named, "face", "faces"),
            state.suggested,
            state.unknown,
            state.hidden
        ),
        format!("Rekognition would look through {}. {}", state.aws.words, state.aws.note),
        format!("This computer would look through {}, for nothing", count(state.device_photos, "photo", "photos")),
    ];
    if let Some(collection) = &state.collection {
        lines.push(format!("{} in the collection {collection}", count(state.at_aws, "face", "faces")));
    }
    if let Some(problem) = &state.aws_problem {
        lines.push(format!("Rekognition cannot be asked: {problem}"));
    }
    if state.deleting {
        lines.push(
            "A deletion of all face data has not come to its end: `lightkeep people forget-all --yes` goes on"
                .to_owned(),
        );
    }
    let value = json!({
        "consent": state.consent,
        "aws_problem": state.aws_problem,
        "people": state.people,
        "named": state.named,
        "suggested": state.suggested,
        "unknown": state.unknown,
        "hidden": state.hidden,
        "at_aws": state.at_aws,
        "collection": state.collection,
        "aws_photos": state.aws.images.people,
        "aws_usd": state.aws.micro_usd as f64 / 1e6,
        "device_photos": state.device_photos,
        "deleting": state.deleting,
    });
    Ok(Answer::new(value, lines.join("\n")))
}

async fn explain(engine: &Engine) -> Result<Answer, UserError> {
    let mut answer = state(engine).await?;
    let mut text: Vec<String> = EXPLANATION.iter().map(ToString::to_string).collect();
    text.extend([OPT_OUT.to_owned(), WITHOUT_ACCOUNT.to_owned(), answer.text.clone()]);
    text.push("To switch it on: lightkeep people consent --yes".to_owned());
    answer.text = text.join("\n\n");
    Ok(answer)
}

async fn faces(engine: &Engine, args: FacesArgs) -> Result<Answer, UserError> {
    let of = match (&args.of, &args.photo) {
        (Some(name), _) => FacesOf::Person(name.clone()),
        (None, Some(photo)) => FacesOf::Photo(seat(engine, photo).await?),
        (None, None) if args.suggested => FacesOf::Suggested(None),
        (None, None) if args.hidden => FacesOf::Hidden,
        (None, None) => FacesOf::Unknown,
    };
    let (found, total) = engine.faces(of, None, args.limit).await?;
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for face in &found {
        let path = engine.show(&face.content.to_string()).await.ok().and_then(|found| {
            found.detail.paths.first().map(|path| path.path.display().to_string()).or(Some(found.detail.card.name))
        });
        let path = path.unwrap_or_default();
        let id = written(face);
        lines.push(format!("{id}  {}: {path}", words(&face.state)));
        rows.push(json!({ "face": id, "path": path, "source": json_of(&face.source), "state": json_of(&face.state) }));
    }
    if (found.len() as u64) < total {
        lines.push(format!("{} more; see --limit", total - found.len() as u64));
    } else if lines.is_empty() {
        lines.push("No faces".to_owned());
    }
    Ok(Answer::new(json!({ "faces": rows, "total": total }), lines.join("\n")))
}

fn words(state: &FaceState) -> String {
    match state {
        FaceState::Unknown => "unknown".to_owned(),
        FaceState::Suggested { name, similarity } => format!("{name}? ({similarity:.0} %)"),
        FaceState::Accepted { name } => name.clone(),
        FaceState::Hidden { name } => format!("{} (hidden)", name.as_deref().unwrap_or("unknown")),
        FaceState::NotAFace => "no face".to_owned(),
    }
}

/// A face as it is written on the command line.
fn written(face: &Face) -> String {
    let content = face.content.to_string();
    format!("{}:{}", &content[..content.len().min(16)], face.id.spot)
}

async fn seat(engine: &Engine, photo: &str) -> Result<Seat, UserError> {
    Ok(engine.show(photo).await?.detail.card.seat)
}

async fn ids(engine: &Engine, faces: &[String]) -> Result<Vec<FaceId>, UserError> {
    let mut ids = Vec::with_capacity(faces.len());
    for face in faces {
        let wrong = || {
            UserError::new(ErrorCode::Usage, format!("this names no face: {face}"))
                .hint("`lightkeep people faces` lists them.")
        };
        let (photo, spot) = face.rsplit_once(':').ok_or_else(wrong)?;
        let id = FaceId { seat: seat(engine, photo).await?, spot: spot.parse().map_err(|_| wrong())? };
        let there = engine.faces(FacesOf::Photo(id.seat), None, usize::MAX).await?.0;
        if there.iter().all(|face| face.id != id) {
            return Err(UserError::new(ErrorCode::NotFound, format!("there is no face there: {face}"))
                .hint("`lightkeep people faces` lists them."));
        }
        ids.push(id);
    }
    Ok(ids)
}

async fn look(engine: &Engine, args: LookArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let seats = match &args.query {
        Some(query) => Some(engine.seats(query).await?),
        None => None,
    };
    let most_micro_usd = args.max_cost.map(|usd| (usd * 1e6).round() as u64);
    let order = LookOrder { seats, on_device: args.on_device, most_micro_usd, dry_run: args.dry_run };
    let shown = reporter(engine, OpKind::LookForPeople);
    let report = engine.look_for_people(order, cancel, &shown).await?;
    drop(shown);
    let text = if args.dry_run {
        let photos = count(report.looked_at, "photo", "photos");
        format!("would look through {photos}, about {}. {}", dollars(report.micro_usd), report.note)
    } else {
        report.words()
    };
    let mut value = json_of(&report);
    if let Value::Object(object) = &mut value {
        object.remove("micro_usd");
        object.insert("usd".to_owned(), json!(report.micro_usd as f64 / 1e6));
    }
    let mut failed = report.failed;
    failed.extend(report.stopped.map(|why| ItemFailure { path: "the rest".to_owned(), why }));
    Ok(Answer::new(value, text).failed(failed))
}

async fn forget(engine: &Engine, yes: bool, cancel: &Cancel) -> Result<Answer, UserError> {
    if !yes {
        let state = engine.people_state().await?;
        let what = format!(
            "this deletes {} with a name, {} more, and the collection at AWS; nothing of it can be undone",
            count(state.named, "face", "faces"),
            state.suggested + state.unknown + state.hidden
        );
        return Err(UserError::new(ErrorCode::Usage, what).hint("To do it: lightkeep people forget-all --yes"));
    }
    let shown = reporter(engine, OpKind::ForgetPeople);
    let report = engine.forget_people(cancel, &shown).await?;
    drop(shown);
    let mut lines = vec![report.words()];
    lines.extend(report.proof.iter().cloned());
    Ok(Answer::new(json_of(&report), lines.join("\n")).alarm(!report.proved))
}

fn count(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
