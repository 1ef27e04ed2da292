//! Taking the stack away, when nothing is in it any more.
//!
//! CloudFormation keeps the bucket, the tables and the pools on purpose. Each of them goes only where it is empty; the
//! rest is left and named, with the command that would end it.

use super::account::Account;
use super::error::{CloudError, CloudTrouble};
use super::stack::{self, Part, Step, Watch, physical};
use crate::aws::{Fault, fault};

/// How often, and how many times, a table is asked whether it is ready to go.
const TABLE_PAUSE: std::time::Duration = std::time::Duration::from_millis(500);
const TABLE_LOOKS: u32 = 120;

/// What became of everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Removed {
    /// Deleted, by name.
    pub deleted: Vec<String>,
    /// Left where it is.
    pub kept: Vec<Kept>,
}

/// Something that was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which, by name.
    pub what: String,
    /// Why.
    pub why: String,
    /// What would end it.
    pub command: String,
}

/// Removes the stack and what of it is empty. `words` asks its owner to type the stack's name.
///
/// # Errors
/// [`CloudTrouble::HoldsPhotos`] while anything is in the bucket, also an old version; [`CloudTrouble::WrongWords`];
/// no such stack, or not ours; a removal that failed.
pub async fn remove(
    account: &Account,
    name: &str,
    words: &mut (dyn FnMut(Option<&str>) -> String + Send),
    tell: &mut (dyn FnMut(&Step) + Send),
) -> Result<Removed, CloudError> {
    let stack = stack::ours(account, name).await?;
    if stack.status.ends_with("_IN_PROGRESS") && !stack.is_placeholder() {
        return Err(CloudError::new(CloudTrouble::Running(stack.status)));
    }
    let parts = stack::parts(account, &stack.id).await?;
    let bucket = physical(&parts, "Bucket");
    if let Some(bucket) = bucket {
        must_be_empty(account, bucket).await?;
    }
    let typed = words(bucket);
    if typed.trim() != name {
        return Err(CloudError::new(CloudTrouble::WrongWords(name.to_owned())));
    }
    let mut watch = Watch::begin(account, &stack.id).await?;
    let gone = account.stacks().delete_stack().stack_name(&stack.id).send().await;
    gone.map_err(|error| CloudError::of("deleting the stack", &fault(&error)))?;
    let status = watch.rest(tell).await?;
    if status != "DELETE_COMPLETE" {
        return Err(watch.failure(&status));
    }
    let mut sweep = Sweep { account, removed: Removed { deleted: vec![format!("stack {name}")], kept: Vec::new() } };
    sweep.all(&parts).await;
    Ok(sweep.removed)
}

/// Whether there is nothing in a bucket: no object, no version, no delete marker.
async fn must_be_empty(account: &Account, bucket: &str) -> Result<(), CloudError> {
    let objects = account.objects();
    let current = objects.list_objects_v2().bucket(bucket).max_keys(1).send().await;
    let current = match current {
        Ok(current) => current,
        Err(error) => {
            let fault = fault(&error);
            // Somebody deleted it already.
            if fault.code == "NoSuchBucket" {
                return Ok(());
            }
            return Err(CloudError::of("looking into the bucket", &fault));
        }
    };
    let versions = objects.list_object_versions().bucket(bucket).max_keys(1).send().await;
    let versions = versions.map_err(|error| CloudError::of("looking into the bucket", &fault(&error)))?;
    let holds = !current.contents().is_empty();
    if holds || !versions.versions().is_empty() || !versions.delete_markers().is_empty() {
        let bucket = bucket.to_owned();
        return Err(CloudError::new(CloudTrouble::HoldsPhotos { bucket, old_only: !holds }));
    }
    Ok(())
}

/// Deletes what is empty, one by one; what does not work is kept and named.
struct Sweep<'a> {
    account: &'a Account,
    removed: Removed,
}

impl Sweep<'_> {
    async fn all(&mut self, parts: &[Part]) {
        let region = self.account.region.clone();
        if let Some(bucket) = physical(parts, "Bucket") {
            let done = self.account.objects().delete_bucket().bucket(bucket).send().await.map_err(|e| fault(&e));
            let command = format!("aws s3api delete-bucket --bucket {bucket} --region {region}");
            self.note(format!("bucket {bucket}"), done.map(|_| ()).map_err(|fault| why(&fault)), command);
        }
        for table in ["LibraryTable", "AuditTable"].iter().filter_map(|name| physical(parts, name)) {
            let done = self.table(table).await;
            let command = format!(
                "aws dynamodb update-table --table-name {table} --no-deletion-protection-enabled --region {region} && \
                 aws dynamodb delete-table --table-name {table} --region {region}"
            );
            self.note(format!("table {table}"), done, command);
        }
        let mut users = false;
        if let Some(pool) = physical(parts, "UserPool") {
            let done = self.pool(pool).await;
            users = done.is_err();
            let command = format!(
                "aws cognito-idp update-user-pool --user-pool-id {pool} --deletion-protection INACTIVE --region \
                 {region} && aws cognito-idp delete-user-pool --user-pool-id {pool} --region {region}"
            );
            self.note(format!("user pool {pool}"), done, command);
        }
        if let Some(pool) = physical(parts, "IdentityPool") {
            let done = if users {
                Err("it belongs to the users of the user pool".to_owned())
            } else {
                let done = self.account.identities().delete_identity_pool().identity_pool_id(pool).send().await;
                done.map(|_| ()).map_err(|error| why(&fault(&error)))
            };
            let command =
                format!("aws cognito-identity delete-identity-pool --identity-pool-id {pool} --region {region}");
            self.note(format!("identity pool {pool}"), done, command);
        }
    }

    fn note(&mut self, what: String, done: Result<(), String>, command: String) {
        match done {
            Ok(()) => self.removed.deleted.push(what),
            Err(why) => self.removed.kept.push(Kept { what, why, command }),
        }
    }

    async fn table(&self, table: &str) -> Result<(), String> {
        let tables = self.account.tables();
        let row = tables.scan().table_name(table).limit(1).send().await.map_err(|error| why(&fault(&error)))?;
        if !row.items().is_empty() {
            return Err("it holds rows".to_owned());
        }
        let open = tables.update_table().table_name(table).deletion_protection_enabled(false).send().await;
        open.map_err(|error| why(&fault(&error)))?;
        // While it changes, a table cannot be deleted.
        for _ in 0..TABLE_LOOKS {
            match tables.delete_table().table_name(table).send().await.map_err(|error| fault(&error)) {
                Err(fault) if fault.code == "ResourceInUseException" => tokio::time::sleep(TABLE_PAUSE).await,
                other => return other.map(|_| ()).map_err(|fault| why(&fault)),
            }
        }
        Err("it was still changing after a minute".to_owned())
    }

    async fn pool(&self, pool: &str) -> Result<(), String> {
        let users = self.account.users();
        let someone = users.list_users().user_pool_id(pool).limit(1).send().await;
        if !someone.map_err(|error| why(&fault(&error)))?.users().is_empty() {
            return Err("it holds users".to_owned());
        }
        let inactive = aws_sdk_cognitoidentityprovider::types::DeletionProtectionType::Inactive;
        let open = users.update_user_pool().user_pool_id(pool).deletion_protection(inactive).send().await;
        open.map_err(|error| why(&fault(&error)))?;
        users.delete_user_pool().user_pool_id(pool).send().await.map(|_| ()).map_err(|error| why(&fault(&error)))
    }
}

fn why(fault: &Fault) -> String {
    fault.details()
}
