//! The owner's AWS account: needs no library, so nothing here opens one. Turns what `cloud` says into words.

use crate::cloud::{self, Account, CloudError, CloudTrouble, Wish};
use crate::domain::account::AwsSettings;
use crate::protocol::{ErrorCode, UserError};

pub use crate::cloud::doctor::{Finding, State as FindingState};
pub use crate::cloud::{Change, Estimate, Outcome, Parameter, Plan, Removed, Step, TEMPLATE};

/// Which stack, and with whose credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudOptions {
    /// A profile of the AWS configuration files.
    pub profile: Option<String>,
    /// AWS region.
    pub region: Option<String>,
    /// Another address than AWS's own, for stand-in servers.
    pub endpoint: Option<String>,
    /// The stack's name.
    pub name: String,
}

/// The owner's account, reached.
pub struct Cloud {
    account: Account,
    name: String,
}

/// How a deployment ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployed {
    /// What was done.
    pub outcome: Outcome,
    /// What was shown before; empty where nothing had to change.
    pub changes: Vec<Change>,
    /// The settings to hand on.
    pub settings: AwsSettings,
}

impl Cloud {
    /// Finds the owner's credentials and asks whose they are.
    ///
    /// # Errors
    /// No region, no or wrong credentials, nobody there.
    pub async fn open(options: &CloudOptions) -> Result<Self, UserError> {
        check_name(&options.name)?;
        let account =
            Account::open(options.profile.as_deref(), options.region.as_deref(), options.endpoint.as_deref()).await;
        let place = Place { name: &options.name, region: options.region.as_deref().unwrap_or_default() };
        Ok(Self { account: account.map_err(|error| words(&error, place))?, name: options.name.clone() })
    }

    /// Where it is, for people: account, region and who asks.
    #[must_use]
    pub fn place(&self) -> String {
        format!("account {}, region {} ({})", self.account.id, self.account.region, self.account.caller)
    }

    /// What the stack would cost here.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        cloud::estimate(&self.account.region)
    }

    fn words(&self, error: &CloudError) -> UserError {
        words(error, Place { name: &self.name, region: &self.account.region })
    }

    /// Creates or updates the stack; `agree` sees the plan first.
    ///
    /// # Errors
    /// [`ErrorCode::Cancelled`] where `agree` says no; otherwise what CloudFormation says, in words.
    pub async fn deploy(
        &self,
        template: String,
        parameters: Vec<Parameter>,
        repair: bool,
        agree: &mut (dyn FnMut(&Plan) -> bool + Send),
        tell: &mut (dyn FnMut(&Step) + Send),
    ) -> Result<Deployed, UserError> {
        let wish = Wish { name: self.name.clone(), template, parameters, repair };
        let mut changes = Vec::new();
        let mut see = |plan: &Plan| {
            changes.clone_from(&plan.changes);
            agree(plan)
        };
        let outcome = Box::pin(cloud::deploy(&self.account, &wish, &mut see, tell)).await;
        let outcome = outcome.map_err(|error| self.words(&error))?;
        if outcome == Outcome::Declined {
            return Err(UserError::new(ErrorCode::Cancelled, "nothing was changed: the change was not agreed to")
                .hint("Type `yes`, or say --yes, to go on."));
        }
        Ok(Deployed { outcome, changes, settings: self.settings().await? })
    }

    /// What to hand to family and colleagues.
    ///
    /// # Errors
    /// No such stack, or one that is not finished.
    pub async fn settings(&self) -> Result<AwsSettings, UserError> {
        Box::pin(cloud::settings(&self.account, &self.name)).await.map_err(|error| self.words(&error))
    }

    /// Checks every assumption on the live account.
    ///
    /// # Errors
    /// No such stack, or CloudFormation does not answer.
    pub async fn examine(&self) -> Result<Vec<Finding>, UserError> {
        Box::pin(cloud::doctor::examine(&self.account, &self.name)).await.map_err(|error| self.words(&error))
    }

    /// Removes the stack, and what of it is empty; `words` gives what its owner typed after they were told the bucket.
    ///
    /// # Errors
    /// While anything is in the bucket; where the words are wrong; where CloudFormation cannot do it.
    pub async fn remove(
        &self,
        words: &mut (dyn FnMut(Option<&str>) -> String + Send),
        tell: &mut (dyn FnMut(&Step) + Send),
    ) -> Result<Removed, UserError> {
        let removed = Box::pin(cloud::remove(&self.account, &self.name, words, tell)).await;
        removed.map_err(|error| self.words(&error))
    }
}

/// Source: AWS CloudFormation API reference, `CreateChangeSet`, `StackName`.
fn check_name(name: &str) -> Result<(), UserError> {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if plain && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() <= 64 {
        return Ok(());
    }
    Err(UserError::new(ErrorCode::Usage, format!("a stack cannot have this name: {name}"))
        .hint("Use a letter first, then letters, digits and hyphens, at most 64."))
}

#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    region: &'a str,
}

impl Place<'_> {
    fn options(self) -> String {
        if self.region.is_empty() {
            format!("--name {}", self.name)
        } else {
            format!("--name {} --region {}", self.name, self.region)
        }
    }
}

/// The problem first, then what to do.
fn words(error: &CloudError, place: Place<'_>) -> UserError {
    let said = match &error.trouble {
        CloudTrouble::Failed { .. }
        | CloudTrouble::WouldReplace(_)
        | CloudTrouble::BadTemplate(_)
        | CloudTrouble::BadParameter(_)
        | CloudTrouble::HoldsPhotos { .. }
        | CloudTrouble::WrongWords(_)
        | CloudTrouble::BadOutputs(_) => of_the_change(&error.trouble, place),
        CloudTrouble::NoStack
        | CloudTrouble::NotOurs
        | CloudTrouble::Running(_)
        | CloudTrouble::Unfinished(_)
        | CloudTrouble::Stuck(_)
        | CloudTrouble::TooSlow(_) => of_the_stack(&error.trouble, place),
        _ => of_the_way(&error.trouble),
    };
    let mut said = said;
    said.details.clone_from(&error.details);
    said
}

/// Trouble before the stack is even reached.
fn of_the_way(trouble: &CloudTrouble) -> UserError {
    match trouble {
        CloudTrouble::NoRegion => UserError::new(ErrorCode::Settings, "no AWS region was named")
            .hint("Say --region, such as eu-central-1, or set one with `aws configure`."),
        CloudTrouble::NoCredentials(why) => {
            UserError::new(ErrorCode::SignedOut, format!("there are no AWS credentials on this computer ({why})"))
                .hint("Set them up with `aws configure` or `aws configure sso`, or name a profile with --profile.")
        }
        CloudTrouble::WrongCredentials(why) => {
            UserError::new(ErrorCode::Denied, format!("AWS does not take these credentials ({why})")).hint(
                "They may be mistyped, expired or switched off; `aws sts get-caller-identity` asks with the same ones.",
            )
        }
        CloudTrouble::Denied(what) => {
            UserError::new(ErrorCode::Denied, format!("these AWS credentials are not allowed: {what}"))
                .hint("Use those of the account's owner or of an administrator.")
        }
        CloudTrouble::Offline(why) => UserError::new(ErrorCode::Offline, format!("AWS cannot be reached ({why})"))
            .hint("Look at the network, and whether the region or the endpoint is spelled rightly."),
        CloudTrouble::Busy => UserError::new(ErrorCode::Unavailable, "AWS cannot do it at this moment")
            .hint("Try again in a few minutes."),
        CloudTrouble::ClockOff(ahead) => {
            let side = if *ahead > 0 { "ahead" } else { "behind" };
            let minutes = ahead.abs() / 60;
            UserError::new(ErrorCode::Settings, format!("this computer's clock is {minutes} minutes {side}"))
                .hint("Set it right (`timedatectl set-ntp true`): AWS refuses what it signs.")
        }
        CloudTrouble::Other(what) => {
            UserError::new(ErrorCode::Failed, what.clone()).hint("The service's own words are under \"details\".")
        }
        other => UserError::new(ErrorCode::Failed, format!("{other:?}")),
    }
}

/// Trouble with the state that the stack is in.
fn of_the_stack(trouble: &CloudTrouble, place: Place<'_>) -> UserError {
    let Place { name, region } = place;
    let options = place.options();
    match trouble {
        CloudTrouble::NoStack => {
            UserError::new(ErrorCode::NotFound, format!("there is no stack \"{name}\" in {region}"))
                .hint("Name another region or name, or make it with `lightkeep cloud deploy`.")
        }
        CloudTrouble::NotOurs => {
            UserError::new(ErrorCode::Denied, format!("the stack \"{name}\" in {region} is not Lightkeep's"))
                .hint("It is left alone. Choose another name with --name.")
        }
        CloudTrouble::Running(status) => {
            UserError::new(ErrorCode::Busy, format!("something is being done to \"{name}\" right now ({status})"))
                .hint("Wait until it is done, then try again.")
        }
        CloudTrouble::Unfinished(status) => {
            UserError::new(ErrorCode::Failed, format!("the stack \"{name}\" was never finished ({status})"))
                .hint(format!("Run `lightkeep cloud remove {options}`, then `lightkeep cloud deploy {options}`."))
        }
        CloudTrouble::Stuck(status) => {
            UserError::new(ErrorCode::Failed, format!("the stack \"{name}\" is stuck ({status})")).hint(format!(
                "Run `aws cloudformation continue-update-rollback --stack-name {name} --region {region}`, then try \
                 again."
            ))
        }
        other => UserError::new(ErrorCode::Failed, format!("\"{name}\" did not come to an end in time ({other:?})"))
            .hint(format!("It goes on at AWS; look again with `lightkeep cloud doctor {options}`.")),
    }
}

/// Trouble with what was asked for.
fn of_the_change(trouble: &CloudTrouble, place: Place<'_>) -> UserError {
    let options = place.options();
    match trouble {
        CloudTrouble::Failed { reason, kept } => {
            let kept = if kept.is_empty() { String::new() } else { format!(" Kept: {}.", kept.join(", ")) };
            UserError::new(ErrorCode::Failed, format!("CloudFormation could not do it, and took it back ({reason})"))
                .hint(format!("Mend that; then `lightkeep cloud remove {options}` and deploy again.{kept}"))
        }
        CloudTrouble::WouldReplace(parts) => UserError::new(
            ErrorCode::Denied,
            format!("this change would put a new, empty one in the place of {}", parts.join(", ")),
        )
        .hint("Nothing was changed. Deploy the template of the version that made the stack."),
        CloudTrouble::BadTemplate(why) => {
            UserError::new(ErrorCode::Usage, format!("this template cannot be used ({why})"))
                .hint("Without --template, Lightkeep deploys its own.")
        }
        CloudTrouble::BadParameter(why) => UserError::new(ErrorCode::Usage, format!("a setting is not taken ({why})"))
            .hint("`lightkeep cloud deploy --help` lists what may be set."),
        CloudTrouble::HoldsPhotos { bucket, old_only: true } => {
            UserError::new(ErrorCode::Denied, format!("the bucket still holds old versions of photos: {bucket}"))
                .hint(format!("Nothing was removed. `aws s3api list-object-versions --bucket {bucket}` lists them."))
        }
        CloudTrouble::HoldsPhotos { bucket, .. } => {
            UserError::new(ErrorCode::Denied, format!("the bucket holds photos: {bucket}"))
                .hint("Nothing was removed. Copy the photos elsewhere and empty the bucket yourself, if you mean it.")
        }
        CloudTrouble::WrongWords(name) => UserError::new(ErrorCode::Cancelled, "nothing was removed")
            .hint(format!("To go on, type the stack's name: {name}")),
        CloudTrouble::BadOutputs(why) => {
            UserError::new(ErrorCode::Settings, format!("the stack does not say all that is needed: {why}"))
                .hint(format!("Run `lightkeep cloud deploy {options}` with this version's template."))
        }
        other => UserError::new(ErrorCode::Failed, format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_stacks_are_checked_before_anybody_is_asked() {
        for fine in ["lightkeep", "A-1"] {
            assert!(check_name(fine).is_ok(), "{fine}");
        }
        for bad in ["", "1a", "a b", "a;b", "-a", &"x".repeat(65)] {
            assert_eq!(check_name(bad).unwrap_err().code, ErrorCode::Usage, "{bad}");
        }
    }

    #[test]
    fn an_unfinished_stack_names_the_way_out() {
        let error = CloudError::new(CloudTrouble::Unfinished("ROLLBACK_COMPLETE".into()));
        let said = words(&error, Place { name: "mine", region: "eu-west-1" });
        assert!(said.message.contains("ROLLBACK_COMPLETE"), "{said:?}");
        assert!(said.hint.contains("lightkeep cloud remove --name mine --region eu-west-1"), "{said:?}");
    }
}
