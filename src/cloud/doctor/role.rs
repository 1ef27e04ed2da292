//! The role of a signed-in person: what it may do, read from its policies and asked of IAM itself.

use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::super::policy::{self, Things};
use super::bucket::partition;
use super::{Doctor, State, why};
use crate::aws::{Fault, fault};

const WIDE: (&str, &str) = ("role.narrow", "A person may reach their own photos only, and end nothing for ever");
const ENOUGH: (&str, &str) = ("role.enough", "A person may do what Lightkeep needs");
const TRUST: (&str, &str) = ("role.trust", "Only people who signed in here get the role");
const ASKED: (&str, &str) = ("role.simulated", "IAM itself refuses what a person must never do");

/// What must be refused on the whole bucket, whatever the policies look like.
const NEVER: [&str; 7] = [
    "s3:DeleteObjectVersion",
    "s3:PutBucketVersioning",
    "s3:PutBucketPolicy",
    "s3:PutLifecycleConfiguration",
    "s3:DeleteBucket",
    "s3:PutBucketPublicAccessBlock",
    "s3:GetObject",
];

impl Doctor<'_> {
    pub(super) async fn role(&mut self) {
        let Some(role) = self.part("PersonRole") else { return };
        self.trust(&role).await;
        match self.policies(&role).await {
            Ok((policies, attached)) => self.width(&role, &policies, &attached),
            Err(fault) => self.unknown(&[WIDE, ENOUGH], &why(&fault)),
        }
        self.simulate(&role).await;
    }

    async fn trust(&mut self, role: &str) {
        let answer = self.account.roles().get_role().role_name(role).send().await;
        match answer.map_err(|error| fault(&error)) {
            Ok(answer) => {
                let document = answer.role().and_then(|role| role.assume_role_policy_document());
                let pool = self.part("IdentityPool").unwrap_or_default();
                let problem = policy::trust_problem(&document.map(read).unwrap_or_default(), &pool);
                let fix = self.repair();
                self.judge(TRUST.0, TRUST.1, problem.is_none(), problem.unwrap_or_default(), fix);
            }
            Err(fault) => self.note(TRUST.0, TRUST.1, State::Unknown(why(&fault))),
        }
    }

    /// The role's own policies, and the names of those that were attached to it.
    async fn policies(&self, role: &str) -> Result<(Vec<(String, Value)>, Vec<String>), Fault> {
        let roles = self.account.roles();
        let mut names = roles.list_role_policies().role_name(role).into_paginator().send();
        let mut own = Vec::new();
        while let Some(page) = names.next().await {
            for name in page.map_err(|error| fault(&error))?.policy_names() {
                let policy = roles.get_role_policy().role_name(role).policy_name(name).send().await;
                own.push((name.clone(), read(policy.map_err(|error| fault(&error))?.policy_document())));
            }
        }
        let mut pages = roles.list_attached_role_policies().role_name(role).into_paginator().send();
        let mut attached = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| fault(&error))?;
            attached.extend(page.attached_policies().iter().filter_map(|one| one.policy_arn().map(ToOwned::to_owned)));
        }
        Ok((own, attached))
    }

    fn width(&mut self, role: &str, policies: &[(String, Value)], attached: &[String]) {
        let partition = partition(&self.account.region);
        let things = Things {
            bucket: format!("arn:{partition}:s3:::{}", self.part("Bucket").unwrap_or_default()),
            library: format!(
                "arn:{partition}:dynamodb:{}:{}:table/{}",
                self.account.region,
                self.account.id,
                self.part("LibraryTable").unwrap_or_default()
            ),
        };
        let mut wide = Vec::new();
        let mut fixes = Vec::new();
        for (name, document) in policies {
            let found = policy::too_wide(std::slice::from_ref(document), &things);
            // The stack's own policies are put back; a stranger's is taken away.
            if !found.is_empty() && !["photos", "library", "tags"].contains(&name.as_str()) {
                fixes.push(format!("aws iam delete-role-policy --role-name {role} --policy-name {name}"));
            } else if !found.is_empty() {
                fixes.push(self.repair());
            }
            wide.extend(found.into_iter().map(|found| format!("{found}, by its policy \"{name}\"")));
        }
        for arn in attached {
            wide.push(format!("a policy was attached to it: {arn}"));
            fixes.push(format!("aws iam detach-role-policy --role-name {role} --policy-arn {arn}"));
        }
        fixes.dedup();
        self.judge(WIDE.0, WIDE.1, wide.is_empty(), wide.join("; "), fixes.join(" && "));
        let documents: Vec<Value> = policies.iter().map(|(_, document)| document.clone()).collect();
        let missing = policy::missing(&documents);
        let fix = self.repair();
        self.judge(ENOUGH.0, ENOUGH.1, missing.is_empty(), format!("it may not {}", missing.join(", ")), fix);
    }

    /// Asks IAM to judge, where the owner may ask. No identity is in the request, so that every variable stays empty:
    /// what is allowed then is allowed to everybody.
    async fn simulate(&mut self, role: &str) {
        let partition = partition(&self.account.region);
        let bucket = format!("arn:{partition}:s3:::{}", self.part("Bucket").unwrap_or_default());
        let mut allowed: Vec<String> = Vec::new();
        for resource in [format!("{bucket}/somebody-else/photo.jpg"), bucket] {
            let request = self.account.roles().simulate_principal_policy().resource_arns(resource);
            let request = request.policy_source_arn(format!("arn:{partition}:iam::{}:role/{role}", self.account.id));
            let names = NEVER.iter().map(ToString::to_string).collect();
            let answer = match request.set_action_names(Some(names)).send().await.map_err(|error| fault(&error)) {
                Ok(answer) => answer,
                Err(fault) => return self.note(ASKED.0, ASKED.1, State::Unknown(why(&fault))),
            };
            let results = answer.evaluation_results().iter();
            let yes = results.filter(|one| one.eval_decision() == &PolicyEvaluationDecisionType::Allowed);
            allowed.extend(yes.map(|one| one.eval_action_name().to_owned()));
        }
        allowed.sort();
        allowed.dedup();
        let fix = self.repair();
        self.judge(ASKED.0, ASKED.1, allowed.is_empty(), format!("it allows {}", allowed.join(", ")), fix);
    }
}

/// A policy document, which IAM hands out percent-encoded.
fn read(document: &str) -> Value {
    let decoded = percent_decode_str(document).decode_utf8_lossy();
    serde_json::from_str(&decoded).or_else(|_| serde_json::from_str(document)).unwrap_or_default()
}
