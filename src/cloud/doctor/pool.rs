//! Sign-in: the user pool, its client and the identity pool.

use aws_sdk_cognitoidentityprovider::types::{
    DeletionProtectionType, ExplicitAuthFlowsType, FeatureType, OAuthFlowType, PreventUserExistenceErrorTypes,
    TimeUnitsType, UserPoolClientType, UserPoolMfaType, UserPoolTierType, UserPoolType, UsernameAttributeType,
    VerifiedAttributeType,
};

use super::super::settings::read_policy;
use super::{Doctor, State, why};
use crate::aws::fault;
use crate::domain::account::CALLBACK_PORTS;

/// Days for which a refresh token is valid, and seconds in which the one before is still taken.
const REFRESH_DAYS: i32 = 365;
const GRACE_S: i32 = 60;
/// No pool of ours takes shorter passwords.
const SHORTEST: u8 = 8;

impl Doctor<'_> {
    pub(super) async fn user_pool(&mut self) {
        let Some(id) = self.part("UserPool") else { return };
        let answer = self.account.users().describe_user_pool().user_pool_id(&id).send().await;
        let pool = match answer.map_err(|error| fault(&error)) {
            Ok(answer) => answer.user_pool,
            Err(fault) if fault.code == "ResourceNotFoundException" => None,
            Err(fault) => return self.note("pool.there", "The user pool is there", State::Unknown(why(&fault))),
        };
        let Some(pool) = pool else {
            let means = "it was deleted: nobody can sign in".to_owned();
            return self.note("pool.there", "The user pool is there", State::Bad { means, fix: self.repair() });
        };
        self.pool_itself(&pool);
        self.triggers(&pool);
        self.second_factors(&id).await;
    }

    fn pool_itself(&mut self, pool: &UserPoolType) {
        let fix = self.repair();
        let tier = pool.user_pool_tier();
        self.judge(
            "pool.tier",
            "The user pool is of the Essentials tier",
            matches!(tier, Some(UserPoolTierType::Essentials | UserPoolTierType::Plus)),
            format!("it is {}; rotation of tokens and managed login need Essentials", tier.map_or("?", |t| t.as_str())),
            &fix,
        );
        self.judge(
            "pool.protection",
            "The user pool is protected from deletion",
            pool.deletion_protection() == Some(&DeletionProtectionType::Active),
            "one wrong click would lose every user, and with them the way to their photos",
            &fix,
        );
        let email = pool.username_attributes().contains(&UsernameAttributeType::Email)
            && pool.auto_verified_attributes().contains(&VerifiedAttributeType::Email);
        self.judge("pool.email", "People sign in with a checked e-mail address", email, "another way is set", &fix);
        let policy = pool.policies().and_then(|policies| policies.password_policy()).map(read_policy);
        let length = policy.map_or(0, |policy| policy.min_length);
        self.judge(
            "pool.password",
            "Passwords have at least 8 characters",
            length >= SHORTEST,
            format!("{length} are enough now"),
            &fix,
        );
        let pages = pool.domain().or_else(|| pool.custom_domain());
        let means = "sign-in in the browser is not possible";
        self.judge("pool.pages", "The pool has sign-in pages for the browser", pages.is_some(), means, &fix);
    }

    fn triggers(&mut self, pool: &UserPoolType) {
        let lambda = pool.lambda_config();
        let named = [
            ("PreSignUp", lambda.and_then(|config| config.pre_sign_up())),
            ("PostConfirmation", lambda.and_then(|config| config.post_confirmation())),
            ("PostAuthentication", lambda.and_then(|config| config.post_authentication())),
        ];
        let missing: Vec<&str> = named
            .iter()
            .filter(|(part, arn)| {
                let function = self.part(part);
                function.is_none_or(|function| !arn.is_some_and(|arn| arn.ends_with(&format!(":{function}"))))
            })
            .map(|(part, _)| *part)
            .collect();
        let means = format!("not called: {}", missing.join(", "));
        let fix = self.repair();
        self.judge("pool.triggers", "The pool calls the stack's triggers", missing.is_empty(), means, fix);
    }

    async fn second_factors(&mut self, id: &str) {
        let (name, what) = ("pool.totp", "People may use an authenticator app");
        let answer = self.account.users().get_user_pool_mfa_config().user_pool_id(id).send().await;
        match answer.map_err(|error| fault(&error)) {
            Ok(answer) => {
                let on = answer.software_token_mfa_configuration().is_some_and(|totp| totp.enabled())
                    && answer.mfa_configuration() != Some(&UserPoolMfaType::Off);
                let fix = format!(
                    "aws cognito-idp set-user-pool-mfa-config --user-pool-id {id} --mfa-configuration OPTIONAL \
                     --software-token-mfa-configuration Enabled=true {}",
                    self.here()
                );
                self.judge(name, what, on, "a stolen password is enough to sign in", fix);
            }
            Err(fault) => self.note(name, what, State::Unknown(why(&fault))),
        }
    }

    pub(super) async fn client(&mut self) {
        let (Some(pool), Some(id)) = (self.part("UserPool"), self.part("UserPoolClient")) else { return };
        let answer = self.account.users().describe_user_pool_client().user_pool_id(pool).client_id(id).send().await;
        let client = match answer.map_err(|error| fault(&error)) {
            Ok(answer) => answer.user_pool_client,
            Err(fault) if fault.code == "ResourceNotFoundException" => None,
            Err(fault) => return self.note("client.there", "The app client is there", State::Unknown(why(&fault))),
        };
        let Some(client) = client else {
            let means = "it was deleted: nobody can sign in".to_owned();
            return self.note("client.there", "The app client is there", State::Bad { means, fix: self.repair() });
        };
        self.client_itself(&client);
        self.client_tokens(&client);
    }

    fn client_itself(&mut self, client: &UserPoolClientType) {
        let fix = self.repair();
        let secret = client.client_secret().is_some_and(|secret| !secret.is_empty());
        self.judge("client.secret", "The app client has no secret", !secret, "no program could sign in", &fix);
        let flows: Vec<&str> = client.explicit_auth_flows().iter().map(ExplicitAuthFlowsType::as_str).collect();
        self.judge(
            "client.srp",
            "Passwords are only proved (SRP), never sent",
            flows == [ExplicitAuthFlowsType::AllowUserSrpAuth.as_str()],
            format!("these ways are open: {}", flows.join(", ")),
            &fix,
        );
        self.judge(
            "client.existence",
            "Nobody can find out who has an account",
            client.prevent_user_existence_errors() == Some(&PreventUserExistenceErrorTypes::Enabled),
            "a wrong sign-in tells whether there is such a user",
            &fix,
        );
        let back: Vec<String> = CALLBACK_PORTS.iter().map(|port| format!("http://localhost:{port}/callback")).collect();
        let code_only = client.allowed_o_auth_flows() == [OAuthFlowType::Code]
            && client.allowed_o_auth_flows_user_pool_client() == Some(true);
        let callbacks = client.callback_urls() == back;
        self.judge(
            "client.browser",
            "Sign-in in the browser comes back to this program only",
            code_only && callbacks,
            format!("it comes back to {}", client.callback_urls().join(", ")),
            &fix,
        );
        let scopes = client.allowed_o_auth_scopes();
        let all = ["openid", "email", "aws.cognito.signin.user.admin"];
        let missing = all.iter().any(|scope| scopes.iter().all(|given| given != scope));
        let means = format!("it gives only {}", scopes.join(", "));
        self.judge("client.scopes", "A sign-in in the browser may do what others may", !missing, means, &fix);
    }

    fn client_tokens(&mut self, client: &UserPoolClientType) {
        let fix = self.repair();
        self.judge(
            "client.revocation",
            "A sign-out ends the sign-in (token revocation)",
            client.enable_token_revocation() == Some(true),
            "a stolen token goes on working after you signed out",
            &fix,
        );
        let rotation = client.refresh_token_rotation();
        let on = rotation.is_some_and(|rotation| rotation.feature() == &FeatureType::Enabled);
        let grace = rotation.and_then(|rotation| rotation.retry_grace_period_seconds());
        let means = match (on, grace) {
            (false, _) => "a stolen refresh token works for a year".to_owned(),
            (true, grace) => {
                format!("the grace is {} s: a lost answer would sign people out", grace.unwrap_or_default())
            }
        };
        let good = on && grace == Some(GRACE_S);
        self.judge("client.rotation", "Refresh tokens rotate, with a grace of 60 s", good, means, &fix);
        let in_days = client.token_validity_units().and_then(|units| units.refresh_token());
        let days = in_days.is_none_or(|unit| unit == &TimeUnitsType::Days);
        let validity = client.refresh_token_validity();
        let means = format!("it lasts {validity} {}", in_days.map_or("days", TimeUnitsType::as_str));
        let good = days && validity == REFRESH_DAYS;
        self.judge("client.validity", "A sign-in lasts 365 days", good, means, &fix);
    }

    pub(super) async fn identity_pool(&mut self) {
        let Some(id) = self.part("IdentityPool") else { return };
        let fix = self.repair();
        let answer = self.account.identities().describe_identity_pool().identity_pool_id(&id).send().await;
        let pool = match answer.map_err(|error| fault(&error)) {
            Ok(pool) => pool,
            Err(fault) => {
                return self.note("identity.there", "The identity pool is there", State::Unknown(why(&fault)));
            }
        };
        let guests = pool.allow_unauthenticated_identities() || pool.allow_classic_flow() == Some(true);
        let means = "people who did not sign in get credentials, or more rights than they should";
        self.judge("identity.guests", "The identity pool takes no guests", !guests, means, &fix);
        let client = self.part("UserPoolClient").unwrap_or_default();
        let user_pool = self.part("UserPool").unwrap_or_default();
        let providers = pool.cognito_identity_providers();
        let only = providers.len() == 1
            && providers.iter().all(|provider| {
                provider.client_id() == Some(client.as_str())
                    && provider.provider_name().is_some_and(|name| name.ends_with(&format!("/{user_pool}")))
                    && provider.server_side_token_check() == Some(true)
            });
        let more = !pool.supported_login_providers().is_none_or(|providers| providers.is_empty())
            || !pool.open_id_connect_provider_arns().is_empty()
            || !pool.saml_provider_arns().is_empty();
        let means = "another way to sign in counts, or revoked tokens still get credentials";
        let what = "Only this user pool's valid sign-ins get credentials";
        self.judge("identity.provider", what, only && !more, means, &fix);
        self.principal_tag(&id, providers.first().and_then(|provider| provider.provider_name())).await;
        self.attached_role(&id).await;
    }

    async fn principal_tag(&mut self, id: &str, provider: Option<&str>) {
        let (name, what) = ("identity.tag", "The user's sub is mapped as a principal tag");
        let Some(provider) = provider else { return };
        let request = self.account.identities().get_principal_tag_attribute_map().identity_pool_id(id);
        let answer = request.identity_provider_name(provider).send().await;
        match answer.map_err(|error| fault(&error)) {
            Ok(answer) => {
                let tags = answer.principal_tags().cloned().unwrap_or_default();
                let good = tags.len() == 1 && tags.get("sub").is_some_and(|claim| claim == "sub");
                let fix = format!(
                    "aws cognito-identity set-principal-tag-attribute-map --identity-pool-id {id} \
                     --identity-provider-name {provider} --no-use-defaults --principal-tags sub=sub {}",
                    self.here()
                );
                self.judge(name, what, good, "people cannot reach their face collections", fix);
            }
            Err(fault) => self.note(name, what, State::Unknown(why(&fault))),
        }
    }

    async fn attached_role(&mut self, id: &str) {
        let (name, what) = ("identity.role", "People who signed in get the stack's role, and only that");
        let answer = self.account.identities().get_identity_pool_roles().identity_pool_id(id).send().await;
        match answer.map_err(|error| fault(&error)) {
            Ok(answer) => {
                let role = self.part("PersonRole").unwrap_or_default();
                let roles = answer.roles().cloned().unwrap_or_default();
                let ours = roles.get("authenticated").is_some_and(|arn| arn.ends_with(&format!("/{role}")));
                let mappings = answer.role_mappings().is_some_and(|mappings| !mappings.is_empty());
                let arn = format!(
                    "arn:{}:iam::{}:role/{role}",
                    super::bucket::partition(&self.account.region),
                    self.account.id
                );
                let fix = format!(
                    "aws cognito-identity set-identity-pool-roles --identity-pool-id {id} --roles \
                     authenticated={arn} {}",
                    self.here()
                );
                self.judge(name, what, ours && roles.len() == 1 && !mappings, "another role is given out", fix);
            }
            Err(fault) => self.note(name, what, State::Unknown(why(&fault))),
        }
    }
}
