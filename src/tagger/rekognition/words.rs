//! What the service's faults mean for a run, and in words for people.

use super::super::TaggerError;
use super::capped::{BROKE_OFF, TOO_LONG};
use crate::aws::{Fault, FaultKind};

/// The service's codes for "too many requests" (Amazon Rekognition, "Error handling").
const TOO_MANY: [&str; 5] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
];
/// Of this picture alone.
const OF_THE_PICTURE: [&str; 3] =
    ["ImageTooLargeException", "InvalidImageFormatException", "InvalidParameterException"];

/// Whether the service asks for fewer requests.
pub(super) fn is_too_many(fault: &Fault) -> bool {
    TOO_MANY.contains(&fault.code.as_str()) || fault.status == Some(429)
}

/// Whether another try may bring an answer.
pub(super) fn may_pass(fault: &Fault) -> bool {
    is_too_many(fault) || fault.is_passing() && fault.message != TOO_LONG
}

/// Whether the picture may have been looked at, and only the answer was lost.
pub(super) fn may_be_billed(fault: &Fault) -> bool {
    match fault.kind {
        FaultKind::TimedOut | FaultKind::BadAnswer => fault.status.is_none_or(|status| status < 300),
        _ => [TOO_LONG, BROKE_OFF].contains(&fault.message.as_str()),
    }
}

/// What it means for the run.
pub(super) fn error(fault: &Fault, region: &str) -> TaggerError {
    let details = fault.details();
    if fault.message == TOO_LONG {
        return TaggerError::Nonsense(format!("Rekognition gave no sensible answer: {details}"));
    }
    if is_too_many(fault) {
        return TaggerError::Unavailable(format!("Rekognition is asked too often; it goes on later ({details})"));
    }
    match fault.kind {
        FaultKind::Offline => TaggerError::Unavailable(format!(
            "Rekognition in {region} cannot be reached; check the network, and whether this region has it ({details})"
        )),
        FaultKind::TimedOut => {
            TaggerError::Unavailable(format!("Rekognition in {region} does not answer; it goes on later ({details})"))
        }
        FaultKind::Busy => TaggerError::Unavailable(format!("Rekognition cannot do it now ({details})")),
        FaultKind::BadAnswer => {
            TaggerError::Nonsense(format!("what answers is not Rekognition; a proxy may be in between ({details})"))
        }
        FaultKind::NoCredentials => TaggerError::Denied(format!("sign in to use Rekognition ({details})")),
        FaultKind::Here => TaggerError::Denied(format!("Rekognition cannot be asked ({details})")),
        FaultKind::Refused if OF_THE_PICTURE.contains(&fault.code.as_str()) => {
            TaggerError::BadPicture(format!("Rekognition cannot read the picture ({details})"))
        }
        FaultKind::Refused => TaggerError::Denied(format!(
            "Rekognition in {region} refuses; its owner can look with `lightkeep cloud doctor` ({details})"
        )),
    }
}
