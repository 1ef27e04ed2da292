//! Reading IAM policies: what the role of a signed-in person may do beyond what it needs.
//!
//! This is a comparison with what the template gives, not a second IAM: everything that is not known to be needed is
//! said to be too wide, so that a mistake errs on the safe side.

use serde_json::Value;

/// The policy variables that tell people apart.
const IDENTITY: &str = "${cognito-identity.amazonaws.com:sub}";
const SUB: &str = "${aws:PrincipalTag/sub}";

const OBJECTS: [&str; 8] = [
    "s3:PutObject",
    "s3:GetObject",
    "s3:GetObjectVersion",
    "s3:DeleteObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:GetObjectAttributes",
    "s3:GetObjectVersionAttributes",
];
const LISTING: [&str; 2] = ["s3:ListBucket", "s3:ListBucketVersions"];
const VERSIONED: &str = "s3:GetBucketVersioning";
const ROWS: [&str; 5] =
    ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"];
const LOOK: [&str; 3] = ["rekognition:DetectLabels", "rekognition:DetectFaces", "rekognition:DetectText"];
const FACES: [&str; 11] = [
    "rekognition:CreateCollection",
    "rekognition:DescribeCollection",
    "rekognition:DeleteCollection",
    "rekognition:IndexFaces",
    "rekognition:ListFaces",
    "rekognition:SearchFaces",
    "rekognition:CreateUser",
    "rekognition:DeleteUser",
    "rekognition:AssociateFaces",
    "rekognition:DisassociateFaces",
    "rekognition:SearchUsers",
];

/// What the role is about.
#[derive(Debug, Clone)]
pub(super) struct Things {
    /// `arn:aws:s3:::bucket`
    pub bucket: String,
    /// ARN of the table that people may use.
    pub library: String,
}

/// One or many texts.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(many)) => many.iter().filter_map(|one| one.as_str().map(ToOwned::to_owned)).collect(),
        _ => Vec::new(),
    }
}

/// The statements of a policy.
pub(super) fn statements(policy: &Value) -> Vec<&Value> {
    match policy.get("Statement") {
        Some(Value::Array(many)) => many.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    }
}

fn allows(statement: &Value) -> bool {
    statement.get("Effect").and_then(Value::as_str) != Some("Deny")
}

/// The values of a condition key, whatever operator stands before it.
fn condition(statement: &Value, key: &str) -> Vec<String> {
    let Some(Value::Object(operators)) = statement.get("Condition") else { return Vec::new() };
    // "Not" excludes, and "IfExists" is true where nothing is said: neither narrows anything.
    let narrows = |name: &str| !name.contains("Not") && !name.ends_with("IfExists") && name != "Null";
    let narrow = operators.iter().filter(|(name, _)| narrows(name));
    let keys = narrow.filter_map(|(_, keys)| keys.as_object());
    keys.flat_map(|keys| keys.iter().filter(|(name, _)| name.eq_ignore_ascii_case(key)))
        .flat_map(|(_, values)| texts(Some(values)))
        .collect()
}

/// Everything that policies allow beyond what a person needs, each in words; empty where there is nothing.
pub(super) fn too_wide(policies: &[Value], things: &Things) -> Vec<String> {
    let mut found = Vec::new();
    for statement in policies.iter().flat_map(statements).filter(|statement| allows(statement)) {
        if statement.get("NotAction").is_some() || statement.get("NotResource").is_some() {
            found.push("it allows everything but a few things (NotAction, NotResource)".to_owned());
            continue;
        }
        let resources = texts(statement.get("Resource"));
        for action in texts(statement.get("Action")) {
            found.extend(resources.iter().filter_map(|resource| why_wide(&action, resource, statement, things)));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn why_wide(action: &str, resource: &str, statement: &Value, things: &Things) -> Option<String> {
    let is = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(action));
    let lower = action.to_lowercase();
    if lower.contains(['*', '?']) {
        return Some(format!("it allows every action that fits {action}"));
    }
    if lower.starts_with("s3:deleteobjectversion") {
        return Some(format!("it may delete old versions for ever ({action})"));
    }
    if ["s3:putbucket", "s3:deletebucket", "s3:putlifecycle", "s3:putencryption", "s3:putaccountpublic"]
        .iter()
        .any(|start| lower.starts_with(start))
    {
        return Some(format!("it may change the bucket itself ({action})"));
    }
    let own_objects = format!("{}/{IDENTITY}/*", things.bucket);
    let narrow = if is(&OBJECTS) {
        resource == own_objects
    } else if is(&LISTING) {
        let prefixes = condition(statement, "s3:prefix");
        let own = prefixes.iter().all(|prefix| prefix.starts_with(&format!("{IDENTITY}/")));
        resource == things.bucket && !prefixes.is_empty() && own
    } else if is(&[VERSIONED]) {
        resource == things.bucket
    } else if is(&ROWS) {
        let keys = condition(statement, "dynamodb:LeadingKeys");
        resource == things.library && !keys.is_empty() && keys.iter().all(|key| key == IDENTITY)
    } else if is(&LOOK) {
        true
    } else if is(&FACES) {
        resource.ends_with(&format!(":collection/lightkeep-{SUB}"))
    } else {
        return Some(format!("it allows {action}, which Lightkeep never asks for"));
    };
    (!narrow).then(|| format!("{action} reaches further than a person's own things ({resource})"))
}

/// What a person needs and no statement gives.
pub(super) fn missing(policies: &[Value]) -> Vec<&'static str> {
    let given: Vec<String> = policies
        .iter()
        .flat_map(statements)
        .filter(|statement| allows(statement))
        .flat_map(|statement| texts(statement.get("Action")))
        .map(|action| action.to_lowercase())
        .collect();
    let is_given = |action: &str| {
        let action = action.to_lowercase();
        given.iter().any(|given| match given.split_once('*') {
            None => *given == action,
            Some((start, _)) => action.starts_with(start),
        })
    };
    let needed = [&OBJECTS[..], &LISTING, &[VERSIONED], &ROWS, &LOOK, &FACES].concat();
    needed.into_iter().filter(|action| !is_given(action)).collect()
}

/// What is wrong with who may take the role on.
pub(super) fn trust_problem(policy: &Value, identity_pool: &str) -> Option<String> {
    let allowing: Vec<_> = statements(policy).into_iter().filter(|statement| allows(statement)).collect();
    if allowing.is_empty() {
        return Some("nobody may take it on".to_owned());
    }
    let mut tags = false;
    for statement in allowing {
        let principal = statement.get("Principal").and_then(|who| who.get("Federated"));
        let others = statement.get("Principal").and_then(Value::as_object).is_none_or(|who| who.len() != 1);
        if others || texts(principal) != ["cognito-identity.amazonaws.com"] {
            return Some("others than the identity pool may take it on".to_owned());
        }
        if condition(statement, "cognito-identity.amazonaws.com:aud") != [identity_pool] {
            return Some("it is open to identity pools other than this one".to_owned());
        }
        if condition(statement, "cognito-identity.amazonaws.com:amr") != ["authenticated"] {
            return Some("it is open to guests".to_owned());
        }
        tags |= texts(statement.get("Action")).iter().any(|action| action.eq_ignore_ascii_case("sts:TagSession"));
    }
    (!tags).then(|| "sts:TagSession is missing, so nobody could sign in with a tagged session".to_owned())
}

/// Whether a bucket policy refuses everything that does not come over TLS.
pub(super) fn is_tls_only(policy: &Value, bucket_arn: &str) -> bool {
    statements(policy).into_iter().filter(|statement| !allows(statement)).any(|statement| {
        let everyone = match statement.get("Principal") {
            Some(Value::String(who)) => who == "*",
            Some(who) => texts(who.get("AWS")) == ["*"],
            None => false,
        };
        let resources = texts(statement.get("Resource"));
        let objects = format!("{bucket_arn}/*");
        let whole = resources.iter().any(|one| one == bucket_arn) && resources.contains(&objects);
        let insecure = condition(statement, "aws:SecureTransport") == ["false"];
        everyone && whole && insecure && texts(statement.get("Action")) == ["s3:*"]
    })
}

/// Whom else a bucket policy lets in.
pub(super) fn lets_in(policy: &Value) -> Vec<String> {
    let allowing = statements(policy).into_iter().filter(|statement| allows(statement));
    allowing.map(|statement| statement.get("Principal").map(ToString::to_string).unwrap_or_default()).collect()
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
