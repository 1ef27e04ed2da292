//! Whether a bucket may be used at all.

use aws_sdk_s3::types::BucketVersioningStatus;

use super::super::StoreError;
use super::S3;
use crate::aws::{Fault, FaultKind, clock_ahead_s};
use crate::domain::ObjectKey;

impl S3 {
    /// Asks whether the bucket is there, may be reached, belongs to whom it should, and keeps versions.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with what to do; [`StoreError::Io`] where the same question may be answered later.
    pub async fn check(&self) -> Result<(), StoreError> {
        let call = self.0.asking.get_bucket_versioning().bucket(&self.0.bucket);
        let call = call.set_expected_bucket_owner(self.0.owner.clone());
        match self.ask(call.send()).await {
            Ok(answer) if answer.status() == Some(&BucketVersioningStatus::Enabled) => Ok(()),
            Ok(_) => Err(self.unversioned()),
            Err(fault) if is_forbidden(&fault) => Err(StoreError::Unavailable(self.forbidden(&fault))),
            Err(fault) => match self.trouble(&fault, &ObjectKey(self.0.bucket.clone()), "asking for the bucket") {
                StoreError::Denied { why, .. } => {
                    Err(StoreError::Unavailable(format!("the store refuses it ({why}): {}", self.place())))
                }
                other => Err(other),
            },
        }
    }

    fn forbidden(&self, fault: &Fault) -> String {
        let (place, details) = (self.place(), fault.details());
        match (&self.0.owner, clock_ahead_s()) {
            (_, Some(_)) => {
                format!("no right to use the bucket; this computer's clock is off too ({details}): {place}")
            }
            (Some(owner), None) => format!(
                "no right to use the bucket, or it belongs to another account than {owner}: look at both ({details}): \
                 {place}"
            ),
            (None, None) => {
                format!("no right to use the bucket: ask whoever owns it for the rights ({details}): {place}")
            }
        }
    }
}

fn is_forbidden(fault: &Fault) -> bool {
    matches!(fault.code.as_str(), "AccessDenied" | "AllAccessDisabled")
        || fault.kind == FaultKind::BadAnswer && fault.status == Some(403)
}
