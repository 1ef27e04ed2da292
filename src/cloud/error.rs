//! Why something with the stack did not work.

use crate::aws::{Fault, FaultKind};

/// What kind of trouble it is; `engine` turns each into plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CloudTrouble {
    /// No region was named, neither here nor in the AWS configuration.
    NoRegion,
    /// There are no AWS credentials on this computer, or the profile has none: why.
    NoCredentials(String),
    /// AWS does not take the credentials: its words.
    WrongCredentials(String),
    /// The credentials may not do this: what was tried.
    Denied(&'static str),
    /// AWS, or the endpoint, cannot be reached: where.
    Offline(String),
    /// AWS is there and cannot do it now.
    Busy,
    /// This computer's clock is off by so many seconds (positive: ahead).
    ClockOff(i64),
    /// There is no such stack in this region.
    NoStack,
    /// There is a stack of this name that is not Lightkeep's.
    NotOurs,
    /// Something is being done to the stack at this moment: its status.
    Running(String),
    /// The stack was never finished, or its removal was not: its status.
    Unfinished(String),
    /// An update of the stack and its way back failed: its status.
    Stuck(String),
    /// CloudFormation could not do it: the first reason, and what of the new things it left behind.
    Failed {
        /// The reason of the first part that failed.
        reason: String,
        /// Parts that were kept.
        kept: Vec<String>,
    },
    /// The change would make new ones of these, and what the old ones hold would be out of reach.
    WouldReplace(Vec<String>),
    /// A template that cannot be used, and why.
    BadTemplate(String),
    /// A value of a parameter that the template does not take, and why.
    BadParameter(String),
    /// The bucket holds something: `true` where only old versions and delete markers are left.
    HoldsPhotos {
        /// Which.
        bucket: String,
        /// Nothing current is in it.
        old_only: bool,
    },
    /// What was typed is not what was asked for.
    WrongWords(String),
    /// The stack does not tell all that the settings need: what.
    BadOutputs(String),
    /// It did not come to an end in time.
    TooSlow(String),
    /// Anything else, in words.
    Other(String),
}

/// Trouble, and what the service said about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{trouble:?}")]
pub struct CloudError {
    /// What kind.
    pub trouble: CloudTrouble,
    /// The service's code, words and request id; empty where there are none.
    pub details: String,
}

impl CloudError {
    /// Trouble that no service was asked about.
    #[must_use]
    pub fn new(trouble: CloudTrouble) -> Self {
        Self { trouble, details: String::new() }
    }

    /// What a fault means when `what` was tried.
    #[must_use]
    pub fn of(what: &'static str, fault: &Fault) -> Self {
        let fault = Fault { message: masked(&fault.message), ..fault.clone() };
        Self { trouble: trouble(what, &fault), details: fault.details() }
    }
}

/// Words without e-mail addresses: AWS names who asked, and a single sign-on is named by its address.
pub(super) fn masked(text: &str) -> String {
    let mask = |word: &str| {
        if word.contains('@') { word.split('/').next().unwrap_or("").to_owned() + "/…" } else { word.to_owned() }
    };
    text.split(' ').map(mask).collect::<Vec<_>>().join(" ")
}

/// Codes for credentials that AWS does not take at all.
const WRONG: [&str; 8] = [
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "InvalidAccessKeyId",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
];
/// Codes for credentials that may not do it.
const DENIED: [&str; 5] =
    ["AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorizedException", "Forbidden"];

fn trouble(what: &'static str, fault: &Fault) -> CloudTrouble {
    let skewed = WRONG.contains(&fault.code.as_str()) || fault.code.contains("TooSkewed");
    match fault.kind {
        FaultKind::NoCredentials => CloudTrouble::NoCredentials(fault.message.clone()),
        FaultKind::Offline | FaultKind::TimedOut => CloudTrouble::Offline(fault.message.clone()),
        FaultKind::Busy => CloudTrouble::Busy,
        _ if skewed && crate::aws::clock_ahead_s().is_some() => {
            CloudTrouble::ClockOff(crate::aws::clock_ahead_s().unwrap_or_default())
        }
        _ if WRONG.contains(&fault.code.as_str()) => CloudTrouble::WrongCredentials(fault.message.clone()),
        _ if DENIED.contains(&fault.code.as_str()) => CloudTrouble::Denied(what),
        _ => CloudTrouble::Other(format!("{what} did not work")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_and_kinds_are_told_apart() {
        let mut fault =
            Fault::new(FaultKind::Refused, "User: arn:aws:sts::1:assumed-role/Admin/ann@example.org is not");
        fault.code = "AccessDenied".into();
        let error = CloudError::of("deleting the stack", &fault);
        assert_eq!(error.trouble, CloudTrouble::Denied("deleting the stack"));
        assert!(!error.details.contains("ann") && error.details.contains("is not"), "{error:?}");
        let kind = |kind, code: &str| {
            let fault = Fault { code: code.into(), ..Fault::new(kind, "x") };
            CloudError::of("it", &fault).trouble
        };
        assert_eq!(kind(FaultKind::TimedOut, ""), CloudTrouble::Offline("x".into()));
        assert_eq!(kind(FaultKind::Busy, "Throttling"), CloudTrouble::Busy);
        assert_eq!(kind(FaultKind::Refused, "ExpiredToken"), CloudTrouble::WrongCredentials("x".into()));
        assert_eq!(kind(FaultKind::BadAnswer, ""), CloudTrouble::Other("it did not work".into()));
    }
}
