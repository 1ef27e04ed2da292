//! Creating and updating the stack: a change set that is shown before anything is done.

use std::time::{Duration, Instant};

use aws_sdk_cloudformation::types::{
    Capability, ChangeAction, ChangeSetStatus, ChangeSetType, DeploymentMode, Parameter as SdkParameter, Replacement,
    Tag,
};

use super::account::Account;
use super::error::{CloudError, CloudTrouble};
use super::stack::{self, Stack, Step, Watch};
use super::template::{self, LASTING, Parameter, TAG};
use crate::aws::{Fault, fault};

/// How long CloudFormation may take to compare a template with a stack.
const COMPARE: Duration = Duration::from_secs(180);

/// What to deploy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The stack's name.
    pub name: String,
    /// The template.
    pub template: String,
    /// Parameters to set; those that are not named stay as they are.
    pub parameters: Vec<Parameter>,
    /// Also put back what was changed by other hands since (drift).
    pub repair: bool,
}

/// One change that a deployment would make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `Add`, `Modify`, `Remove`, `Import` or `Dynamic`.
    pub action: String,
    /// Which part: its name in the template.
    pub part: String,
    /// What it is, such as `AWS::S3::Bucket`.
    pub kind: String,
    /// Whether a new one takes its place.
    pub replaces: bool,
}

/// What a deployment would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whether there is nothing yet.
    pub is_new: bool,
    /// Every change.
    pub changes: Vec<Change>,
}

/// How a deployment ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Made for the first time.
    Created,
    /// Changed.
    Updated,
    /// Everything was as the template says.
    Unchanged,
    /// Its owner did not want it; nothing was done.
    Declined,
}

/// Creates or updates the stack. `agree` is shown the plan before anything is done; `tell` hears every step.
///
/// # Errors
/// A stack of another kind, or one that cannot be updated; a template or parameter that is not taken; a change that
/// would replace what holds photos, users or rows; a deployment that failed and was taken back.
pub async fn deploy(
    account: &Account,
    wish: &Wish,
    agree: &mut (dyn FnMut(&Plan) -> bool + Send),
    tell: &mut (dyn FnMut(&Step) + Send),
) -> Result<Outcome, CloudError> {
    template::check(&wish.template)?;
    let before = stack::find(account, &wish.name).await?.filter(|stack| stack.status != "DELETE_COMPLETE");
    let is_new = may_change(before.as_ref())?;
    let set = ChangeSet::create(account, wish, before.as_ref(), is_new).await?;
    let plan = match set.plan().await {
        Ok(Some(plan)) => plan,
        Ok(None) => {
            set.forget().await;
            return Ok(Outcome::Unchanged);
        }
        Err(error) => {
            set.forget().await;
            return Err(error);
        }
    };
    let lost: Vec<String> = plan
        .changes
        .iter()
        .filter(|change| LASTING.contains(&change.part.as_str()) && (change.replaces || change.action == "Remove"))
        .map(|change| change.part.clone())
        .collect();
    if !lost.is_empty() {
        set.forget().await;
        return Err(CloudError::new(CloudTrouble::WouldReplace(lost)));
    }
    if !agree(&plan) {
        set.forget().await;
        return Ok(Outcome::Declined);
    }
    let mut watch = Watch::begin(account, &set.stack).await?;
    let done = account.stacks().execute_change_set().change_set_name(&set.id).send().await;
    done.map_err(|error| CloudError::of("starting the change", &fault(&error)))?;
    let status = watch.rest(tell).await?;
    match status.as_str() {
        "CREATE_COMPLETE" => Ok(Outcome::Created),
        "UPDATE_COMPLETE" => Ok(Outcome::Updated),
        _ => Err(watch.failure(&status)),
    }
}

/// Whether a stack may be changed: `true` where it has to be made, `false` where it has to be updated.
fn may_change(before: Option<&Stack>) -> Result<bool, CloudError> {
    let Some(stack) = before else { return Ok(true) };
    if !stack.ours {
        return Err(CloudError::new(CloudTrouble::NotOurs));
    }
    let status = stack.status.clone();
    Err(CloudError::new(match status.as_str() {
        "REVIEW_IN_PROGRESS" => return Ok(true),
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_ROLLBACK_COMPLETE" | "IMPORT_COMPLETE" => return Ok(false),
        "UPDATE_ROLLBACK_FAILED" | "UPDATE_FAILED" => CloudTrouble::Stuck(status),
        _ if status.ends_with("_IN_PROGRESS") => CloudTrouble::Running(status),
        _ => CloudTrouble::Unfinished(status),
    }))
}

/// A change set that was made and not yet executed.
struct ChangeSet<'a> {
    account: &'a Account,
    id: String,
    stack: String,
    is_new: bool,
}

impl<'a> ChangeSet<'a> {
    async fn create(
        account: &'a Account,
        wish: &Wish,
        before: Option<&Stack>,
        is_new: bool,
    ) -> Result<Self, CloudError> {
        let mut parameters: Vec<SdkParameter> = wish
            .parameters
            .iter()
            .map(|given| SdkParameter::builder().parameter_key(given.name).parameter_value(&given.value).build())
            .collect();
        if !is_new {
            let old = before.map(|stack| stack.parameters.as_slice()).unwrap_or_default();
            let keep = old.iter().filter(|name| wish.parameters.iter().all(|given| given.name != name.as_str()));
            // One that the template does not have any more must not be named.
            let keep = keep.filter(|name| wish.template.contains(&format!("\n  {name}:\n")));
            parameters
                .extend(keep.map(|name| SdkParameter::builder().parameter_key(name).use_previous_value(true).build()));
        }
        let request = account
            .stacks()
            .create_change_set()
            .stack_name(&wish.name)
            .change_set_name(format!("lightkeep-{}", ulid::Ulid::generate().to_string().to_lowercase()))
            .change_set_type(if is_new { ChangeSetType::Create } else { ChangeSetType::Update })
            .set_deployment_mode((wish.repair && !is_new).then_some(DeploymentMode::RevertDrift))
            .template_body(&wish.template)
            .set_parameters(Some(parameters))
            .capabilities(Capability::CapabilityIam)
            .tags(Tag::builder().key(TAG.0).value(TAG.1).build());
        let made = request.send().await.map_err(|error| {
            let fault = fault(&error);
            let code = fault.code.as_str();
            let refused = code == "ValidationError" || code == "InsufficientCapabilitiesException";
            if refused { refusal(&fault) } else { CloudError::of("asking what would change", &fault) }
        })?;
        Ok(Self {
            account,
            id: made.id().unwrap_or_default().to_owned(),
            stack: made.stack_id().unwrap_or_default().to_owned(),
            is_new,
        })
    }

    /// What it would do; `None` where that is nothing.
    async fn plan(&self) -> Result<Option<Plan>, CloudError> {
        let started = Instant::now();
        loop {
            let answer = self.account.stacks().describe_change_set().change_set_name(&self.id).send().await;
            let answer = answer.map_err(|error| CloudError::of("asking what would change", &fault(&error)))?;
            match answer.status() {
                Some(ChangeSetStatus::CreateComplete) => return self.changes().await.map(Some),
                Some(ChangeSetStatus::Failed) => {
                    let reason = answer.status_reason().unwrap_or("no reason was given");
                    let nothing = reason.contains("didn't contain changes") || reason.contains("No updates");
                    if nothing && !self.is_new {
                        return Ok(None);
                    }
                    return Err(CloudError::new(CloudTrouble::Failed { reason: reason.into(), kept: Vec::new() }));
                }
                _ if started.elapsed() > COMPARE => {
                    return Err(CloudError::new(CloudTrouble::TooSlow("CREATE_IN_PROGRESS".into())));
                }
                _ => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
    }

    async fn changes(&self) -> Result<Plan, CloudError> {
        let mut changes = Vec::new();
        let mut pages = self.account.stacks().describe_change_set().change_set_name(&self.id).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CloudError::of("asking what would change", &fault(&error)))?;
            changes.extend(page.changes().iter().filter_map(|change| change.resource_change()).map(|change| Change {
                action: change.action().map_or("Change", ChangeAction::as_str).to_owned(),
                part: change.logical_resource_id().unwrap_or_default().to_owned(),
                kind: change.resource_type().unwrap_or_default().to_owned(),
                replaces: change.replacement() == Some(&Replacement::True),
            }));
        }
        Ok(Plan { is_new: self.is_new, changes })
    }

    /// Takes it back, with the empty stack that it made. What is left where this fails does nothing and costs nothing.
    async fn forget(&self) {
        let _ = self.account.stacks().delete_change_set().change_set_name(&self.id).send().await;
        if !self.is_new {
            return;
        }
        if let Ok(Some(stack)) = stack::find(self.account, &self.stack).await
            && stack.is_placeholder()
        {
            let _ = self.account.stacks().delete_stack().stack_name(&self.stack).send().await;
        }
    }
}

fn refusal(fault: &Fault) -> CloudError {
    let said = fault.message.to_lowercase();
    let about_parameters = ["parameter", "assert", "rule "].iter().any(|word| said.contains(word));
    let trouble = if about_parameters { CloudTrouble::BadParameter } else { CloudTrouble::BadTemplate };
    CloudError { trouble: trouble(fault.message.clone()), details: fault.details() }
}
