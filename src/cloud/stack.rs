//! A stack as CloudFormation tells it, and waiting until it comes to rest.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::account::Account;
use super::error::{CloudError, CloudTrouble};
use super::template::is_ours;
use crate::aws::{Fault, fault};

/// How long one change of a stack may take; the slowest part, a domain, takes a few minutes.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// Between two looks, at first and after a while.
const LOOK_FIRST: Duration = Duration::from_millis(200);
const LOOK_LATER: Duration = Duration::from_secs(3);

/// A stack.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    pub id: String,
    pub status: String,
    pub ours: bool,
    /// Names of the parameters that it was made with.
    pub parameters: Vec<String>,
    pub outputs: BTreeMap<String, String>,
}

/// One part of a stack.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub logical: String,
    pub physical: String,
    pub status: String,
}

/// One thing that happened to a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which part: its name in the template.
    pub part: String,
    /// What became of it, such as `CREATE_COMPLETE`.
    pub status: String,
    /// Why, where CloudFormation says so.
    pub reason: String,
}

impl Stack {
    /// Whether it is only the empty place that a change set made.
    pub fn is_placeholder(&self) -> bool {
        self.status == "REVIEW_IN_PROGRESS"
    }
}

/// Whether a fault says that there is no such stack.
fn is_absent(fault: &Fault) -> bool {
    fault.code == "ValidationError" && fault.message.contains("does not exist")
}

/// The stack of a name or id; `None` where there is none.
pub(super) async fn find(account: &Account, name: &str) -> Result<Option<Stack>, CloudError> {
    let answer = account.stacks().describe_stacks().stack_name(name).send().await;
    let stacks = match answer {
        Ok(answer) => answer.stacks.unwrap_or_default(),
        Err(error) => {
            let fault = fault(&error);
            if is_absent(&fault) {
                return Ok(None);
            }
            return Err(CloudError::of("looking at the stack", &fault));
        }
    };
    Ok(stacks.into_iter().next().map(|stack| Stack {
        ours: is_ours(stack.tags(), stack.description()),
        status: stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        parameters: stack.parameters().iter().filter_map(|p| p.parameter_key().map(ToOwned::to_owned)).collect(),
        outputs: stack
            .outputs()
            .iter()
            .filter_map(|output| Some((output.output_key()?.to_owned(), output.output_value()?.to_owned())))
            .collect(),
        id: stack.stack_id.unwrap_or_default(),
    }))
}

/// The stack, where it is there and ours.
pub(super) async fn ours(account: &Account, name: &str) -> Result<Stack, CloudError> {
    match find(account, name).await? {
        None => Err(CloudError::new(CloudTrouble::NoStack)),
        Some(stack) if stack.status == "DELETE_COMPLETE" => Err(CloudError::new(CloudTrouble::NoStack)),
        Some(stack) if !stack.ours => Err(CloudError::new(CloudTrouble::NotOurs)),
        Some(stack) => Ok(stack),
    }
}

/// Every part of a stack.
pub(super) async fn parts(account: &Account, id: &str) -> Result<Vec<Part>, CloudError> {
    let mut pages = account.stacks().list_stack_resources().stack_name(id).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CloudError::of("listing the parts of the stack", &fault(&error)))?;
        for part in page.stack_resource_summaries() {
            found.push(Part {
                logical: part.logical_resource_id().unwrap_or_default().to_owned(),
                physical: part.physical_resource_id().unwrap_or_default().to_owned(),
                status: part.resource_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            });
        }
    }
    Ok(found)
}

/// The name of a part, where the stack has it.
pub(super) fn physical<'a>(parts: &'a [Part], logical: &str) -> Option<&'a str> {
    let part = parts.iter().find(|part| part.logical == logical && part.status != "DELETE_COMPLETE")?;
    Some(part.physical.as_str()).filter(|name| !name.is_empty())
}

/// What has happened to a stack so far, oldest first, with the ids of the events.
async fn events(account: &Account, id: &str) -> Result<Vec<(String, Step)>, CloudError> {
    let mut pages = account.stacks().describe_stack_events().stack_name(id).into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| CloudError::of("reading what happens to the stack", &fault(&error)))?;
        for event in page.stack_events() {
            let step = Step {
                part: event.logical_resource_id().unwrap_or_default().to_owned(),
                status: event.resource_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
                reason: event.resource_status_reason().unwrap_or_default().to_owned(),
            };
            found.push((event.event_id().unwrap_or_default().to_owned(), step));
        }
    }
    found.reverse();
    Ok(found)
}

/// Follows a change of a stack to its end.
pub(super) struct Watch<'a> {
    account: &'a Account,
    id: String,
    seen: std::collections::BTreeSet<String>,
    /// Everything since the watch began.
    pub steps: Vec<Step>,
}

impl<'a> Watch<'a> {
    /// Begins before the change: what happened earlier is not told again.
    pub async fn begin(account: &'a Account, id: &str) -> Result<Self, CloudError> {
        let seen = events(account, id).await?.into_iter().map(|(id, _)| id).collect();
        Ok(Self { account, id: id.to_owned(), seen, steps: Vec::new() })
    }

    /// Waits until the stack rests; its status then. Every step is told once.
    pub async fn rest(&mut self, tell: &mut (dyn FnMut(&Step) + Send)) -> Result<String, CloudError> {
        let started = Instant::now();
        let mut pause = LOOK_FIRST;
        loop {
            let status = match find(self.account, &self.id).await? {
                Some(stack) => stack.status,
                None => "DELETE_COMPLETE".to_owned(),
            };
            let resting = !status.ends_with("_IN_PROGRESS");
            for (id, step) in events(self.account, &self.id).await.or_else(|error| {
                // A stack that is gone has no events any more for some.
                if resting { Ok(Vec::new()) } else { Err(error) }
            })? {
                if self.seen.insert(id) {
                    tell(&step);
                    self.steps.push(step);
                }
            }
            if resting {
                return Ok(status);
            }
            if started.elapsed() > PATIENCE {
                return Err(CloudError::new(CloudTrouble::TooSlow(status)));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 3 / 2).min(LOOK_LATER);
        }
    }

    /// Why it failed: the first part that did, and which parts were kept.
    pub fn failure(&self, status: &str) -> CloudError {
        let first = self.steps.iter().find(|step| {
            step.status.ends_with("_FAILED") && !step.reason.is_empty() && !step.reason.contains("cancelled")
        });
        let reason = first.map_or_else(|| status.to_owned(), |step| format!("{}: {}", step.part, step.reason));
        let kept = self.steps.iter().filter(|step| step.status == "DELETE_SKIPPED").map(|step| step.part.clone());
        CloudError::new(CloudTrouble::Failed { reason, kept: kept.collect() })
    }
}
