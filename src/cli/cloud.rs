//! `lightkeep cloud`: the stack in the owner's AWS account. Opens no library and makes none.

use std::io::{BufRead as _, Write as _};
use std::path::Path;

use clap::ValueEnum as _;
use serde_json::{Value, json};

use super::args_cloud::{CloudArgs, CloudCommand, DeployArgs, RemoveArgs, WhereArgs};
use super::output::{Answer, complain, harmless};
use crate::domain::account::{AwsSettings, PasswordPolicy};
use crate::engine::{
    Change, Cloud, CloudOptions, Deployed, Finding, FindingState, Outcome, Parameter, Plan, Step, TEMPLATE,
};
use crate::protocol::{ErrorCode, UserError};

/// The longest template that is read, in bytes; CloudFormation takes less.
const MOST_TEMPLATE: u64 = 1 << 20;

/// Runs one of its commands.
pub(super) fn run(args: CloudArgs, trace: Option<&Path>) -> Result<Answer, UserError> {
    crate::trace::start(None, trace).map_err(|error| super::trace_error(&error))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| UserError::new(ErrorCode::Failed, format!("no runtime could be started ({error})")))?;
    runtime.block_on(async {
        match args.command {
            CloudCommand::Deploy(args) => Box::pin(deploy(args)).await,
            CloudCommand::Show(place) => Box::pin(show(place)).await,
            CloudCommand::Doctor(place) => Box::pin(doctor(place)).await,
            CloudCommand::Remove(args) => Box::pin(remove(args)).await,
        }
    })
}

async fn open(place: WhereArgs) -> Result<Cloud, UserError> {
    let WhereArgs { profile, region, name, endpoint } = place;
    Box::pin(Cloud::open(&CloudOptions { profile, region, endpoint, name })).await
}

/// Asks on standard error and reads a line of standard input.
fn ask(question: &str) -> String {
    let mut err = std::io::stderr().lock();
    let _ = write!(err, "{question} ");
    let _ = err.flush();
    let mut line = String::new();
    let _ = std::io::stdin().lock().read_line(&mut line);
    line.trim().to_owned()
}

fn tell(step: &Step) {
    let reason = if step.reason.is_empty() { String::new() } else { format!(" ({})", step.reason) };
    complain(&harmless(&format!("  {:<22} {}{reason}", step.status, step.part), false));
}

async fn deploy(args: DeployArgs) -> Result<Answer, UserError> {
    let template = match &args.template {
        None => TEMPLATE.to_owned(),
        Some(file) => read_template(file)?,
    };
    let parameters = parameters(&args)?;
    let cloud = open(args.place).await?;
    let estimate = cloud.estimate();
    let mut agree = |plan: &Plan| {
        complain(&plan_text(plan, &cloud.place()));
        complain(&estimate.words.join("\n"));
        args.yes || ask("Go on? Type yes:") == "yes"
    };
    let done = cloud.deploy(template, parameters, args.repair, &mut agree, &mut tell).await?;
    let cost = json!({
        "empty_month": estimate.empty_month,
        "month": round(estimate.month),
        "once": round(estimate.once),
        "as_of": estimate.as_of,
        "region": estimate.region,
    });
    let changes: Vec<Value> = done.changes.iter().map(change_json).collect();
    let line = done.settings.line();
    let json = json!({ "outcome": outcome(&done), "changes": changes, "cost": cost, "line": line });
    let what = match done.outcome {
        Outcome::Created => "Your account is ready.",
        Outcome::Updated => "Your account is up to date.",
        Outcome::Unchanged | Outcome::Declined => "Nothing had to change.",
    };
    let text = format!(
        "{what} This line is what Lightkeep needs to sign in; `lightkeep cloud show` shows it again, with a QR \
         code:\n{line}"
    );
    Ok(Answer::new(json, text))
}

fn outcome(done: &Deployed) -> &'static str {
    match done.outcome {
        Outcome::Created => "created",
        Outcome::Updated => "updated",
        Outcome::Unchanged | Outcome::Declined => "unchanged",
    }
}

/// Whole cents.
fn round(dollars: f64) -> f64 {
    (dollars * 100.0).round() / 100.0
}

fn read_template(file: &Path) -> Result<String, UserError> {
    let shown = file.display();
    let size = std::fs::metadata(file).map(|data| data.len());
    match size {
        Ok(size) if size > MOST_TEMPLATE => {
            return Err(UserError::new(ErrorCode::Usage, format!("this is no template, it is too long: {shown}")));
        }
        _ => {}
    }
    std::fs::read_to_string(file).map_err(|error| {
        UserError::new(ErrorCode::NotFound, format!("the template cannot be read ({error}): {shown}"))
            .hint("Without --template, Lightkeep deploys its own.")
    })
}

/// The template's parameters that were named.
fn parameters(args: &DeployArgs) -> Result<Vec<Parameter>, UserError> {
    let name = |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
    let mut given = vec![
        ("SignUp", args.sign_up.and_then(|who| name(who.to_possible_value()))),
        ("AllowedEmailDomains", args.allow_domains.clone()),
        ("EmailCodes", args.email_codes.and_then(|on| name(on.to_possible_value()))),
        ("EmailFrom", args.email_from.clone()),
        ("EmailIdentityArn", args.email_identity.clone()),
        ("SmsCodes", args.sms_codes.and_then(|on| name(on.to_possible_value()))),
        ("LoginPages", args.login_pages.and_then(|pages| name(pages.to_possible_value()))),
        ("LoginPrefix", args.login_prefix.clone()),
    ];
    if let Some(short) = &args.password_policy {
        let policy = PasswordPolicy::from_short(short).ok_or_else(|| {
            UserError::new(ErrorCode::Usage, format!("this is no password policy: {short}"))
                .hint("An example is 12uld: at least 12 characters, with upper and lower case and a digit.")
        })?;
        let yes = |on: bool| Some(on.to_string());
        given.extend([
            ("PasswordMinLength", Some(policy.min_length.to_string())),
            ("PasswordUppercase", yes(policy.upper)),
            ("PasswordLowercase", yes(policy.lower)),
            ("PasswordDigits", yes(policy.digit)),
            ("PasswordSymbols", yes(policy.symbol)),
        ]);
    }
    Ok(given.into_iter().filter_map(|(name, value)| Some(Parameter { name, value: value? })).collect())
}

fn plan_text(plan: &Plan, place: &str) -> String {
    let head = if plan.is_new { "This would be made in" } else { "This would change in" };
    let mut lines = vec![format!("{head} {place}:")];
    for change in &plan.changes {
        let new = if change.replaces { ", a new one takes its place" } else { "" };
        lines.push(format!("  {:<8} {} ({}{new})", change.action, change.part, change.kind));
    }
    harmless(&lines.join("\n"), true)
}

fn change_json(change: &Change) -> Value {
    json!({ "action": change.action, "part": change.part, "kind": change.kind, "replaces": change.replaces })
}

async fn show(place: WhereArgs) -> Result<Answer, UserError> {
    let settings = open(place).await?.settings().await?;
    let line = settings.line();
    let text = format!("{line}\n\n{}", super::qr::blocks(&line).unwrap_or_default());
    Ok(Answer::new(settings_json(&settings), text))
}

fn settings_json(settings: &AwsSettings) -> Value {
    json!({
        "line": settings.line(),
        "region": settings.region,
        "user_pool": settings.user_pool,
        "client": settings.client,
        "identity_pool": settings.identity_pool,
        "bucket": settings.bucket,
        "bucket_owner": settings.bucket_owner,
        "login": settings.login,
        "password": settings.password,
    })
}

async fn doctor(place: WhereArgs) -> Result<Answer, UserError> {
    let findings = open(place).await?.examine().await?;
    let count = |wanted: &str| findings.iter().filter(|finding| state_name(&finding.state) == wanted).count();
    let (good, bad, unknown) = (count("good"), count("bad"), count("unknown"));
    let checks: Vec<Value> = findings.iter().map(finding_json).collect();
    let mut text: Vec<String> = findings.iter().map(finding_text).collect();
    text.push(format!("{good} good, {bad} bad, {unknown} unknown"));
    let json = json!({ "good": good, "bad": bad, "unknown": unknown, "checks": checks });
    Ok(Answer::new(json, text.join("\n")).alarm(bad > 0))
}

fn state_name(state: &FindingState) -> &'static str {
    match state {
        FindingState::Good => "good",
        FindingState::Bad { .. } => "bad",
        FindingState::Unknown(_) => "unknown",
    }
}

fn finding_json(finding: &Finding) -> Value {
    let (why, fix) = match &finding.state {
        FindingState::Good => (None, None),
        FindingState::Bad { means, fix } => (Some(means), Some(fix)),
        FindingState::Unknown(why) => (Some(why), None),
    };
    json!({ "id": finding.id, "what": finding.what, "state": state_name(&finding.state), "why": why, "fix": fix })
}

fn finding_text(finding: &Finding) -> String {
    match &finding.state {
        FindingState::Good => format!("good     {}", finding.what),
        FindingState::Bad { means, fix } => format!("BAD      {}: {means}\n         fix: {fix}", finding.what),
        FindingState::Unknown(why) => format!("unknown  {}: {why}", finding.what),
    }
}

async fn remove(args: RemoveArgs) -> Result<Answer, UserError> {
    let name = args.place.name.clone();
    let cloud = open(args.place).await?;
    let mut words = |bucket: Option<&str>| match &args.confirm {
        Some(words) => words.clone(),
        None => {
            let bucket = bucket.map(|bucket| format!(" with the empty bucket {bucket}")).unwrap_or_default();
            ask(&format!(
                "This removes the stack \"{name}\"{bucket} from {}. Nobody can sign in there any more, and a new \
                 stack will not know its users. Type the stack's name to go on:",
                cloud.place()
            ))
        }
    };
    let removed = cloud.remove(&mut words, &mut tell).await?;
    let kept: Vec<Value> = removed
        .kept
        .iter()
        .map(|kept| json!({ "what": kept.what, "why": kept.why, "command": kept.command }))
        .collect();
    let mut text: Vec<String> = removed.deleted.iter().map(|what| format!("deleted  {what}")).collect();
    text.extend(
        removed
            .kept
            .iter()
            .map(|kept| format!("kept     {}: {}\n         to end it: {}", kept.what, kept.why, kept.command)),
    );
    Ok(Answer::new(json!({ "deleted": removed.deleted, "kept": kept }), text.join("\n")))
}
