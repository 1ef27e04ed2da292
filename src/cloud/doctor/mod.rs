//! Looking whether everything in the account is as Lightkeep assumes, and naming the fix for what is not.
//!
//! Nothing is changed here. What cannot be looked at is said to be unknown, never good.

mod bucket;
mod pool;
mod role;
mod tables;

use super::account::Account;
use super::error::CloudError;
use super::stack::{self, Part, Stack};
use crate::aws::Fault;

/// One assumption, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its name for scripts, such as `bucket.versioning`.
    pub id: &'static str,
    /// A statement that should be true.
    pub what: String,
    /// Whether it is.
    pub state: State,
}

/// How an assumption stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It is true.
    Good,
    /// It is not.
    Bad {
        /// What is, and what that means.
        means: String,
        /// The command that mends it.
        fix: String,
    },
    /// It could not be looked at, and why.
    Unknown(String),
}

/// Looks at everything.
///
/// # Errors
/// Where there is no such stack, it is not ours, or CloudFormation does not answer.
pub async fn examine(account: &Account, name: &str) -> Result<Vec<Finding>, CloudError> {
    let stack = stack::ours(account, name).await?;
    let parts = stack::parts(account, &stack.id).await?;
    let mut doctor = Doctor { account, name, parts, found: Vec::new() };
    doctor.stack(&stack);
    Box::pin(doctor.bucket()).await;
    Box::pin(doctor.user_pool()).await;
    Box::pin(doctor.client()).await;
    Box::pin(doctor.identity_pool()).await;
    Box::pin(doctor.role()).await;
    Box::pin(doctor.tables()).await;
    doctor.rekognition().await;
    doctor.clock();
    Ok(doctor.found)
}

/// One examination.
struct Doctor<'a> {
    account: &'a Account,
    name: &'a str,
    parts: Vec<Part>,
    found: Vec<Finding>,
}

impl Doctor<'_> {
    fn note(&mut self, id: &'static str, what: impl Into<String>, state: State) {
        self.found.push(Finding { id, what: what.into(), state });
    }

    /// Notes a statement that is true or not.
    fn judge(&mut self, id: &'static str, what: &str, good: bool, means: impl Into<String>, fix: impl Into<String>) {
        let state = if good { State::Good } else { State::Bad { means: means.into(), fix: fix.into() } };
        self.note(id, what, state);
    }

    /// Notes several statements that one answer would have shown.
    fn unknown(&mut self, all: &[(&'static str, &str)], why: &str) {
        for (id, what) in all {
            self.note(id, *what, State::Unknown(why.to_owned()));
        }
    }

    /// The name of a part of the stack.
    fn part(&self, logical: &str) -> Option<String> {
        stack::physical(&self.parts, logical).map(ToOwned::to_owned)
    }

    /// The command that makes everything again as the template says, whatever other hands changed.
    fn repair(&self) -> String {
        format!("lightkeep cloud deploy --repair --name {} --region {}", self.name, self.account.region)
    }

    /// The region, as it stands at the end of a command.
    fn here(&self) -> String {
        format!("--region {}", self.account.region)
    }

    fn stack(&mut self, stack: &Stack) {
        let whole = ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"];
        let fix = if stack.status == "UPDATE_ROLLBACK_FAILED" {
            format!("aws cloudformation continue-update-rollback --stack-name {} {}", self.name, self.here())
        } else if stack.status.ends_with("_IN_PROGRESS") && !stack.is_placeholder() {
            format!("aws cloudformation wait stack-create-complete --stack-name {} {}", self.name, self.here())
        } else {
            format!(
                "lightkeep cloud remove --name {} {} && lightkeep cloud deploy --name {} {}",
                self.name,
                self.here(),
                self.name,
                self.here()
            )
        };
        let good = whole.contains(&stack.status.as_str());
        self.judge("stack.whole", "The stack is whole", good, format!("it is in {}", stack.status), fix);
        let needed =
            ["Bucket", "UserPool", "UserPoolClient", "IdentityPool", "PersonRole", "LibraryTable", "AuditTable"];
        let missing: Vec<&str> = needed.into_iter().filter(|name| self.part(name).is_none()).collect();
        let means = format!("missing: {}", missing.join(", "));
        self.judge("stack.parts", "Every part of the stack is there", missing.is_empty(), means, self.repair());
    }

    async fn rekognition(&mut self) {
        let what = format!("Rekognition answers in {}", self.account.region);
        let answer = self.account.looking().list_collections().max_results(1).send().await;
        let state = match answer.map_err(|error| crate::aws::fault(&error)) {
            Ok(_) => State::Good,
            Err(fault) if fault.kind == crate::aws::FaultKind::Offline => State::Bad {
                means: "this region seems to have no Rekognition: tags then come from this computer".to_owned(),
                fix: "aws ssm get-parameters-by-path --path \
                      /aws/service/global-infrastructure/services/rekognition/regions --query Parameters[].Value"
                    .to_owned(),
            },
            Err(fault) => State::Unknown(why(&fault)),
        };
        self.note("rekognition.answers", what, state);
    }

    fn clock(&mut self) {
        let ahead = crate::aws::clock_ahead_s();
        let means = ahead.map_or_else(String::new, |ahead| {
            let side = if ahead > 0 { "ahead" } else { "behind" };
            format!("it is {} minutes {side}: AWS refuses what it signs", ahead.abs() / 60)
        });
        self.judge("clock", "This computer's clock is right", ahead.is_none(), means, "timedatectl set-ntp true");
    }
}

/// Why something could not be looked at.
fn why(fault: &Fault) -> String {
    match fault.code.as_str() {
        "AccessDenied" | "AccessDeniedException" => {
            format!("your credentials may not look at it ({})", fault.details())
        }
        _ => fault.details(),
    }
}
