//! Whether a bucket can keep photos as it should, seen with the rights of the person whose photos they are.

use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::types::BucketVersioningStatus;

use crate::aws::{Fault, FaultKind, fault};

/// How one thing about a bucket is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// As it should be.
    Good,
    /// Not as it should be: what that means and how to mend it.
    Bad(String),
    /// It could not be seen, and why.
    Unknown(String),
}

/// What of a bucket is looked at.
#[derive(Debug, Clone)]
pub struct BucketPlace<'a> {
    /// For the client.
    pub config: &'a SdkConfig,
    /// Whether the bucket is named in the path.
    pub path_style: bool,
    /// The bucket.
    pub bucket: &'a str,
    /// Its owner's account id, where known: another account's bucket is refused.
    pub owner: Option<&'a str>,
    /// First part of every key.
    pub prefix: &'a str,
}

/// Looks at a bucket with two requests that change nothing.
///
/// # Errors
/// [`Fault`] where nobody could be asked at all.
pub async fn look(place: &BucketPlace<'_>) -> Result<Vec<(String, Seen)>, Fault> {
    let builder = aws_sdk_s3::config::Builder::from(place.config).force_path_style(place.path_style);
    let client = Client::from_conf(builder.build());
    let list = client.list_objects_v2().bucket(place.bucket).prefix(format!("{}/", place.prefix)).max_keys(1);
    let listed = list.set_expected_bucket_owner(place.owner.map(ToOwned::to_owned)).send().await;
    let reach = match listed {
        Ok(_) => Seen::Good,
        Err(error) => {
            let fault = fault(&error);
            if fault.is_passing() || fault.kind == FaultKind::NoCredentials {
                return Err(fault);
            }
            Seen::Bad(reach_words(&fault, place))
        }
    };
    let versioning = client.get_bucket_versioning().bucket(place.bucket);
    let versioning = versioning.set_expected_bucket_owner(place.owner.map(ToOwned::to_owned)).send().await;
    let versions = match versioning {
        Ok(answer) if answer.status == Some(BucketVersioningStatus::Enabled) => Seen::Good,
        Ok(_) => Seen::Bad(format!(
            "versioning is off, so an overwritten photo would be lost; turn it on: aws s3api put-bucket-versioning \
             --bucket {} --versioning-configuration Status=Enabled",
            place.bucket
        )),
        Err(error) => Seen::Unknown(fault(&error).details()),
    };
    Ok(vec![
        (format!("Your photos in the bucket {} can be reached", place.bucket), reach),
        ("Old versions are kept".to_owned(), versions),
    ])
}

fn reach_words(fault: &Fault, place: &BucketPlace<'_>) -> String {
    let why = match fault.code.as_str() {
        "NoSuchBucket" => "there is no such bucket; check its name and the server's address",
        "AccessDenied" if place.owner.is_some() => {
            "the bucket is not for this account: it belongs to somebody else, or the role does not allow it"
        }
        "AccessDenied" => "these keys have no right to it",
        "InvalidAccessKeyId" => "the server does not know this access key",
        "SignatureDoesNotMatch" => "the secret access key is wrong",
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException" => {
            "the bucket is in another region; check the region"
        }
        "RequestTimeTooSkewed" => "this computer's clock is off; set it right",
        "ExpiredToken" | "InvalidToken" => "the credentials have run out",
        _ => "the server refused",
    };
    format!("{why} ({})", fault.details())
}
