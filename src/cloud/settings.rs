//! The settings that the stack's outputs and the live pool give.

use super::account::Account;
use super::error::{CloudError, CloudTrouble};
use super::stack;
use crate::aws::fault;
use crate::domain::account::{AwsSettings, Endpoints, PasswordPolicy};

/// What to hand to family and colleagues: read from the stack, and the password policy from the live pool.
///
/// # Errors
/// No such stack, one that is not ours or not finished, or a service that does not answer.
pub async fn settings(account: &Account, name: &str) -> Result<AwsSettings, CloudError> {
    let stack = stack::ours(account, name).await?;
    if stack.outputs.is_empty() {
        return Err(CloudError::new(if stack.status.ends_with("_IN_PROGRESS") && !stack.is_placeholder() {
            CloudTrouble::Running(stack.status)
        } else {
            CloudTrouble::Unfinished(stack.status)
        }));
    }
    let output = |name: &str| {
        let value = stack.outputs.get(name).cloned();
        value.ok_or_else(|| CloudError::new(CloudTrouble::BadOutputs(format!("the output \"{name}\" is missing"))))
    };
    let user_pool = output("UserPool")?;
    let password = password_policy(account, &user_pool).await?;
    // A server beside AWS has its sign-in pages at its own address.
    let login = match &account.endpoint {
        Some(endpoint) => Some(endpoint.clone()),
        None => stack.outputs.get("Login").cloned(),
    };
    let settings = AwsSettings {
        region: output("Region")?,
        user_pool,
        client: output("Client")?,
        identity_pool: output("IdentityPool")?,
        bucket: output("Bucket")?,
        bucket_owner: output("BucketOwner")?,
        login,
        password,
        endpoints: Endpoints { all: account.endpoint.clone(), ..Endpoints::default() },
        user: None,
        identity: None,
    };
    settings.check().map_err(|error| CloudError::new(CloudTrouble::BadOutputs(error.to_string())))?;
    Ok(settings)
}

async fn password_policy(account: &Account, pool: &str) -> Result<PasswordPolicy, CloudError> {
    let answer = account.users().describe_user_pool().user_pool_id(pool).send().await;
    let answer = answer.map_err(|error| CloudError::of("looking at the user pool", &fault(&error)))?;
    let policies = answer.user_pool().and_then(|pool| pool.policies());
    Ok(policies.and_then(|policies| policies.password_policy()).map(read_policy).unwrap_or_default())
}

pub(super) fn read_policy(policy: &aws_sdk_cognitoidentityprovider::types::PasswordPolicyType) -> PasswordPolicy {
    PasswordPolicy {
        // 8 is what Cognito takes where nothing is said.
        min_length: policy.minimum_length().and_then(|length| u8::try_from(length).ok()).unwrap_or(8),
        upper: policy.require_uppercase(),
        lower: policy.require_lowercase(),
        digit: policy.require_numbers(),
        symbol: policy.require_symbols(),
    }
}
