//! The template, what makes a stack ours, and the parameters that people may set.

use super::error::{CloudError, CloudTrouble};

/// The template that this program deploys.
pub const TEMPLATE: &str = include_str!("../../packaging/aws/template.yaml");
/// The longest template that CloudFormation takes in a request, in bytes.
const MOST_TEMPLATE: usize = 51_200;
/// How the description of our stacks begins.
const DESCRIPTION: &str = "Lightkeep:";
/// The tag of our stacks; it is also put on everything in them.
pub(super) const TAG: (&str, &str) = ("lightkeep", "1");

/// A parameter of the template with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the template.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// What cannot be replaced without losing sight of what it holds: logical ids of the template.
pub(super) const LASTING: [&str; 5] = ["Bucket", "LibraryTable", "AuditTable", "UserPool", "IdentityPool"];

/// Whether a stack is one of Lightkeep's. The tag comes from [`super::deploy`]; the description is there also where
/// the template was deployed by other means.
pub(super) fn is_ours(tags: &[aws_sdk_cloudformation::types::Tag], description: Option<&str>) -> bool {
    let tagged = tags.iter().any(|tag| (tag.key(), tag.value()) == (Some(TAG.0), Some(TAG.1)));
    tagged || description.is_some_and(|text| text.starts_with(DESCRIPTION))
}

/// Whether a template can be sent, and is one of ours at all.
///
/// # Errors
/// [`CloudTrouble::BadTemplate`].
pub(super) fn check(template: &str) -> Result<(), CloudError> {
    let bad = |why: String| Err(CloudError::new(CloudTrouble::BadTemplate(why)));
    if template.len() > MOST_TEMPLATE {
        return bad(format!("it is longer than the {MOST_TEMPLATE} bytes that CloudFormation takes"));
    }
    if let Some(missing) = LASTING.iter().find(|name| !template.contains(&format!("\n  {name}:\n"))) {
        return bad(format!("it has no \"{missing}\"; begin with packaging/aws/template.yaml"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{CALLBACK_PORTS, PasswordPolicy};

    #[test]
    fn the_template_can_be_sent_and_agrees_with_the_program() {
        assert_eq!(check(TEMPLATE), Ok(()));
        assert!(TEMPLATE.contains(&format!("  {DESCRIPTION} ")) || TEMPLATE.contains(&format!(">-\n  {DESCRIPTION}")));
        let callbacks: Vec<_> =
            TEMPLATE.lines().filter_map(|line| line.trim().strip_prefix("- http://localhost:")).collect();
        assert_eq!(callbacks, CALLBACK_PORTS.map(|port| format!("{port}/callback")));
    }

    #[test]
    fn the_password_policy_is_the_default_one() {
        let default = |name: &str| {
            let (_, rest) = TEMPLATE.split_once(&format!("\n  {name}:\n")).unwrap();
            let (_, rest) = rest.split_once("Default: \"").unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        let policy = PasswordPolicy {
            min_length: default("PasswordMinLength").parse().unwrap(),
            upper: default("PasswordUppercase") == "true",
            lower: default("PasswordLowercase") == "true",
            digit: default("PasswordDigits") == "true",
            symbol: default("PasswordSymbols") == "true",
        };
        assert_eq!(policy, PasswordPolicy::default());
    }

    #[test]
    fn another_template_is_refused() {
        assert!(check("Resources: {}").is_err());
        assert!(check(&"#".repeat(60_000)).is_err());
    }
}
