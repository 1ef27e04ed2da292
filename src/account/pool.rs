//! The calls of a user pool, and what its refusals mean.
//!
//! Every call is a public one of the Cognito user pools API: none is signed, none needs AWS credentials.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::types::{
    AuthFlowType, AuthenticationResultType, ChallengeNameType, CodeDeliveryDetailsType,
};
use serde_json::Value;

use super::error::{AccountError, Trouble};
use super::tokens::{Claims, Tokens};
use crate::aws::{self, Fault, FaultKind, fault};
use crate::domain::account::{AwsSettings, Factor};
use crate::domain::{Secret, Timestamp};

/// Cognito's longest lock-out after wrong passwords, in minutes (Developer Guide, "Authentication with user pools").
const PASSWORD_LOCKOUT_MIN: u32 = 15;
/// The window in which codes are counted, in minutes (Developer Guide, "Quotas in Amazon Cognito").
const CODE_LOCKOUT_MIN: u32 = 60;
/// Tokens whose end the service does not name are asked for again after this, in seconds.
const SHORTEST_S: i32 = 300;

/// What a call was for, because Cognito uses one code for many things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A sign-in or an answer to its challenges.
    SignIn,
    /// A one-time code.
    Code,
    /// A sign-in that was kept.
    Refresh,
    /// Something that the signed-in user does.
    Own,
    /// Anything before a sign-in: a new account, a forgotten password.
    Public,
}

/// What the pool answered to a sign-in or an answer.
pub(super) enum Answer {
    /// Signed in.
    Tokens(Box<AuthenticationResultType>),
    /// Something more is asked.
    Challenge {
        /// The challenge's name in the API.
        name: ChallengeNameType,
        /// Names this half-done sign-in.
        session: Secret,
        /// What the challenge says.
        says: HashMap<String, String>,
        /// Proofs to choose from (`SELECT_CHALLENGE`).
        choices: Vec<ChallengeNameType>,
    },
}

/// A user pool's calls. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pool {
    client: Client,
    id: String,
    app: String,
    issuer: String,
}

impl Pool {
    pub fn new(settings: &AwsSettings) -> Self {
        let endpoint = settings.endpoints.user_pools.as_ref().or(settings.endpoints.all.as_ref());
        let config = aws::config(&settings.region, endpoint.map(String::as_str), None);
        Self {
            client: Client::new(&config),
            id: settings.user_pool.clone(),
            app: settings.client.clone(),
            issuer: settings.issuer(),
        }
    }

    /// The pool's id without its region, as SRP names it.
    pub fn short_id(&self) -> &str {
        self.id.split_once('_').map_or(&self.id, |(_, short)| short)
    }

    pub async fn begin_srp(&self, email: &Secret, public_a: &str) -> Result<Answer, AccountError> {
        let asked = self
            .client
            .initiate_auth()
            .client_id(&self.app)
            .auth_flow(AuthFlowType::UserSrpAuth)
            .auth_parameters("USERNAME", email.expose())
            .auth_parameters("SRP_A", public_a)
            .send()
            .await;
        let answer = asked.map_err(|error| trouble(&fault(&error), Purpose::SignIn).without(email.expose()))?;
        read(
            answer.authentication_result,
            answer.challenge_name,
            answer.session,
            answer.challenge_parameters,
            answer.available_challenges,
        )
    }

    pub async fn respond(
        &self,
        name: &ChallengeNameType,
        session: &Secret,
        responses: Vec<(&str, String)>,
    ) -> Result<Answer, AccountError> {
        let mut call = self.client.respond_to_auth_challenge().client_id(&self.app).challenge_name(name.clone());
        if !session.is_empty() {
            call = call.session(session.expose());
        }
        let secrets: Vec<Secret> = responses.iter().map(|(_, value)| Secret::from(value.as_str())).collect();
        for (key, value) in responses {
            call = call.challenge_responses(key, value);
        }
        let purpose = match name {
            ChallengeNameType::PasswordVerifier | ChallengeNameType::NewPasswordRequired => Purpose::SignIn,
            _ => Purpose::Code,
        };
        let answer = call.send().await.map_err(|error| scrubbed(trouble(&fault(&error), purpose), &secrets))?;
        read(answer.authentication_result, answer.challenge_name, answer.session, answer.challenge_parameters, None)
    }

    pub async fn sign_up(&self, email: &Secret, password: &Secret) -> Result<(bool, Option<String>), AccountError> {
        use aws_sdk_cognitoidentityprovider::types::AttributeType;
        let address = AttributeType::builder().name("email").value(email.expose()).build();
        let address = address.map_err(|error| AccountError::new(Trouble::Other(error.to_string())))?;
        let call = self.client.sign_up().client_id(&self.app).username(email.expose()).password(password.expose());
        let done =
            call.user_attributes(address).send().await.map_err(|error| {
                scrubbed(trouble(&fault(&error), Purpose::Public), &[email.clone(), password.clone()])
            })?;
        Ok((done.user_confirmed, masked(done.code_delivery_details)))
    }

    pub async fn confirm(&self, email: &Secret, code: &str) -> Result<(), AccountError> {
        let call = self.client.confirm_sign_up().client_id(&self.app).username(email.expose());
        let done = call.confirmation_code(code).send().await;
        done.map(drop).map_err(|error| {
            let fault = fault(&error);
            // What was confirmed before is confirmed: the person only wants in.
            let known = fault.code == "NotAuthorizedException" && fault.message.contains("CONFIRMED");
            let trouble = if known { AccountError::new(Trouble::UserExists) } else { trouble(&fault, Purpose::Code) };
            scrubbed(trouble, &[email.clone(), code.into()])
        })
    }

    pub async fn resend(&self, email: &Secret) -> Result<Option<String>, AccountError> {
        let call = self.client.resend_confirmation_code().client_id(&self.app).username(email.expose()).send();
        let done = call.await.map_err(|error| trouble(&fault(&error), Purpose::Public).without(email.expose()))?;
        Ok(masked(done.code_delivery_details))
    }

    pub async fn forgot(&self, email: &Secret) -> Result<Option<String>, AccountError> {
        let call = self.client.forgot_password().client_id(&self.app).username(email.expose()).send();
        let done = call.await.map_err(|error| trouble(&fault(&error), Purpose::Public).without(email.expose()))?;
        Ok(masked(done.code_delivery_details))
    }

    pub async fn reset(&self, email: &Secret, code: &str, password: &Secret) -> Result<(), AccountError> {
        let call = self.client.confirm_forgot_password().client_id(&self.app).username(email.expose());
        let done = call.confirmation_code(code).password(password.expose()).send().await;
        done.map(drop).map_err(|error| {
            scrubbed(trouble(&fault(&error), Purpose::Code), &[email.clone(), code.into(), password.clone()])
        })
    }

    /// New tokens for a kept sign-in; with rotation also a new refresh token.
    pub async fn refresh(&self, refresh: &Secret) -> Result<AuthenticationResultType, AccountError> {
        let call = self.client.get_tokens_from_refresh_token().client_id(&self.app).refresh_token(refresh.expose());
        let done =
            call.send().await.map_err(|error| trouble(&fault(&error), Purpose::Refresh).without(refresh.expose()))?;
        done.authentication_result.ok_or_else(|| bad("no tokens came"))
    }

    pub async fn revoke(&self, refresh: &Secret) -> Result<(), AccountError> {
        let call = self.client.revoke_token().client_id(&self.app).token(refresh.expose()).send().await;
        call.map(drop).map_err(|error| trouble(&fault(&error), Purpose::Refresh).without(refresh.expose()))
    }

    pub async fn revoke_everywhere(&self, access: &Secret) -> Result<(), AccountError> {
        let call = self.client.global_sign_out().access_token(access.expose()).send().await;
        call.map(drop).map_err(|error| own(&fault(&error), access))
    }

    pub async fn delete_user(&self, access: &Secret) -> Result<(), AccountError> {
        let call = self.client.delete_user().access_token(access.expose()).send().await;
        call.map(drop).map_err(|error| own(&fault(&error), access))
    }

    pub async fn change_password(&self, access: &Secret, old: &Secret, new: &Secret) -> Result<(), AccountError> {
        let call = self.client.change_password().access_token(access.expose());
        let done = call.previous_password(old.expose()).proposed_password(new.expose()).send().await;
        done.map(drop).map_err(|error| {
            let fault = fault(&error);
            // Cognito has one code for a wrong old password and for a token that ran out.
            let wrong = fault.code == "NotAuthorizedException" && fault.message.contains("password");
            let error = match wrong {
                true => AccountError::with(Trouble::WrongOldPassword, &fault),
                false => trouble(&fault, Purpose::Own),
            };
            scrubbed(error, &[access.clone(), old.clone(), new.clone()])
        })
    }

    /// The factors that are switched on.
    pub async fn factors(&self, access: &Secret) -> Result<Vec<Factor>, AccountError> {
        let user = self.client.get_user().access_token(access.expose()).send().await;
        let user = user.map_err(|error| own(&fault(&error), access))?;
        Ok(user.user_mfa_setting_list.unwrap_or_default().iter().filter_map(|name| factor(name)).collect())
    }

    /// Begins to set an authenticator app up: with an access token, or with a half-done sign-in, which gets a new name.
    pub async fn associate_totp(
        &self,
        access: Option<&Secret>,
        session: Option<&Secret>,
    ) -> Result<(Secret, Secret), AccountError> {
        let mut call = self.client.associate_software_token();
        call = call.set_access_token(access.map(|token| token.expose().to_owned()));
        call = call.set_session(session.map(|session| session.expose().to_owned()));
        let done = call.send().await.map_err(|error| trouble(&fault(&error), Purpose::Own))?;
        let key = done.secret_code.filter(|key| !key.is_empty() && key.len() <= 256);
        let key = key.filter(|key| key.chars().all(|c| c.is_ascii_alphanumeric() || c == '='));
        Ok((key.map(Secret::new).ok_or_else(|| bad("no key came"))?, done.session.map(Secret::new).unwrap_or_default()))
    }

    /// Finishes it with a code.
    pub async fn verify_totp(
        &self,
        access: Option<&Secret>,
        session: Option<&Secret>,
        code: &str,
    ) -> Result<Secret, AccountError> {
        let mut call = self.client.verify_software_token().user_code(code).friendly_device_name("Lightkeep");
        call = call.set_access_token(access.map(|token| token.expose().to_owned()));
        call = call.set_session(session.map(|session| session.expose().to_owned()));
        let done = call.send().await.map_err(|error| trouble(&fault(&error), Purpose::Code).without(code))?;
        if done.status.is_some_and(|status| status.as_str() != "SUCCESS") {
            return Err(AccountError::new(Trouble::WrongCode));
        }
        Ok(done.session.map(Secret::new).unwrap_or_default())
    }

    /// Switches a factor on or off.
    pub async fn prefer(&self, access: &Secret, factor: Factor, on: bool) -> Result<(), AccountError> {
        use aws_sdk_cognitoidentityprovider::types::{
            EmailMfaSettingsType, SmsMfaSettingsType, SoftwareTokenMfaSettingsType,
        };
        let call = self.client.set_user_mfa_preference().access_token(access.expose());
        let call = match factor {
            Factor::Totp => call.software_token_mfa_settings(
                SoftwareTokenMfaSettingsType::builder().enabled(on).preferred_mfa(on).build(),
            ),
            Factor::Sms => call.sms_mfa_settings(SmsMfaSettingsType::builder().enabled(on).build()),
            Factor::Email => call.email_mfa_settings(EmailMfaSettingsType::builder().enabled(on).build()),
            Factor::Password => {
                return Err(AccountError::new(Trouble::BadInput("a password is no second proof".into())));
            }
        };
        call.send().await.map(drop).map_err(|error| own(&fault(&error), access))
    }

    /// Takes tokens over, once they are what they should be.
    pub fn tokens(
        &self,
        result: AuthenticationResultType,
        refresh_before: Option<&Secret>,
        now: Timestamp,
    ) -> Result<(Tokens, Claims), AccountError> {
        let seconds = if result.expires_in > 0 { result.expires_in } else { SHORTEST_S };
        let tokens = Tokens {
            access: result.access_token.map(Secret::new).ok_or_else(|| bad("no access token came"))?,
            id: result.id_token.map(Secret::new).ok_or_else(|| bad("no id token came"))?,
            refresh: match (result.refresh_token, refresh_before) {
                (Some(new), _) => Secret::new(new),
                (None, Some(before)) => before.clone(),
                (None, None) => return Err(bad("no refresh token came")),
            },
            // By this computer's clock, so that a clock that is off does not matter.
            expires_at: Timestamp(now.0.saturating_add(i64::from(seconds) * 1000)),
        };
        let claims = self.check(&tokens)?;
        Ok((tokens, claims))
    }

    /// Whether tokens are of this pool and of one person.
    pub fn check(&self, tokens: &Tokens) -> Result<Claims, AccountError> {
        let claims = Claims::read(&tokens.id)?;
        let access = Claims::read(&tokens.access)?;
        if claims.iss != self.issuer || access.iss != self.issuer {
            return Err(bad("the tokens are of another pool"));
        }
        if claims.token_use != "id" || access.token_use != "access" {
            return Err(bad("the tokens are of another kind"));
        }
        if claims.sub != access.sub {
            return Err(bad("the tokens name two people"));
        }
        Ok(claims)
    }
}

fn read(
    result: Option<AuthenticationResultType>,
    name: Option<ChallengeNameType>,
    session: Option<String>,
    says: Option<HashMap<String, String>>,
    choices: Option<Vec<ChallengeNameType>>,
) -> Result<Answer, AccountError> {
    match (result, name) {
        (Some(result), _) => Ok(Answer::Tokens(Box::new(result))),
        (None, Some(name)) => Ok(Answer::Challenge {
            name,
            session: session.map(Secret::new).unwrap_or_default(),
            says: says.unwrap_or_default(),
            choices: choices.unwrap_or_default(),
        }),
        (None, None) => Err(bad("it said neither yes nor no")),
    }
}

/// The factors that a challenge parameter lists, as JSON: `["SMS_MFA","SOFTWARE_TOKEN_MFA"]`.
pub(super) fn listed_factors(text: Option<&String>) -> Vec<Factor> {
    let listed = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let names = listed.as_ref().and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).filter_map(factor).collect()
}

/// A factor by its name in the API.
pub(super) fn factor(name: &str) -> Option<Factor> {
    match name {
        "SOFTWARE_TOKEN_MFA" => Some(Factor::Totp),
        "SMS_MFA" | "SMS_OTP" => Some(Factor::Sms),
        "EMAIL_OTP" | "EMAIL_MFA" => Some(Factor::Email),
        "PASSWORD" | "PASSWORD_SRP" => Some(Factor::Password),
        _ => None,
    }
}

fn masked(details: Option<CodeDeliveryDetailsType>) -> Option<String> {
    // The service masks it; what is not masked is not shown.
    details?.destination.filter(|text| text.contains('*') && text.len() < 200 && !text.chars().any(char::is_control))
}

fn bad(why: &str) -> AccountError {
    AccountError::new(Trouble::BadAnswer(why.to_owned()))
}

fn own(fault: &Fault, access: &Secret) -> AccountError {
    trouble(fault, Purpose::Own).without(access.expose())
}

fn scrubbed(error: AccountError, secrets: &[Secret]) -> AccountError {
    secrets.iter().fold(error, |error, secret| error.without(secret.expose()))
}

/// What a fault means for a person.
pub(super) fn trouble(fault: &Fault, purpose: Purpose) -> AccountError {
    let trouble = match fault.kind {
        FaultKind::Offline | FaultKind::TimedOut => Trouble::Offline,
        FaultKind::Busy => Trouble::Busy,
        FaultKind::BadAnswer => Trouble::BadAnswer("it is no answer of Amazon Cognito".to_owned()),
        FaultKind::NoCredentials => Trouble::SignedOut,
        FaultKind::Here => Trouble::Other("the request could not be made".to_owned()),
        FaultKind::Refused => refusal(fault, purpose),
    };
    AccountError::with(trouble, fault)
}

fn refusal(fault: &Fault, purpose: Purpose) -> Trouble {
    let says = |words: &str| fault.message.to_lowercase().contains(words);
    match fault.code.as_str() {
        "NotAuthorizedException" if says("attempts exceeded") => {
            Trouble::TooManyTries { wait_min: PASSWORD_LOCKOUT_MIN }
        }
        "NotAuthorizedException" => match purpose {
            _ if says("disabled") => Trouble::Denied,
            Purpose::Refresh | Purpose::Own => Trouble::SessionEnded,
            _ if says("session") || says("expired") => Trouble::Expired,
            Purpose::SignIn => Trouble::WrongPassword,
            Purpose::Code => Trouble::WrongCode,
            Purpose::Public => Trouble::Denied,
        },
        "RefreshTokenReuseException" => Trouble::SessionEnded,
        "UserNotFoundException" if purpose == Purpose::Refresh || purpose == Purpose::Own => Trouble::SessionEnded,
        "UserNotFoundException" if purpose == Purpose::Public => {
            Trouble::BadInput("there is no account with this e-mail address".into())
        }
        "UserNotFoundException" => Trouble::WrongPassword,
        "UserNotConfirmedException" => Trouble::NotConfirmed,
        "PasswordResetRequiredException" => Trouble::PasswordReset,
        "CodeMismatchException" | "EnableSoftwareTokenMFAException" => Trouble::WrongCode,
        "ExpiredCodeException" => Trouble::Expired,
        "LimitExceededException" | "TooManyFailedAttemptsException" => {
            Trouble::TooManyTries { wait_min: CODE_LOCKOUT_MIN }
        }
        "UsernameExistsException" | "AliasExistsException" => Trouble::UserExists,
        "InvalidPasswordException" | "PasswordHistoryPolicyViolationException" => Trouble::WeakPassword,
        "ResourceNotFoundException" => Trouble::WrongSettings("the user pool or its app client does not exist".into()),
        "InvalidUserPoolConfigurationException" | "MFAMethodNotFoundException" => {
            Trouble::WrongSettings("the user pool is not set up for this".into())
        }
        "InvalidParameterException" if says("flow") => {
            Trouble::WrongSettings("the app client does not allow this way to sign in".into())
        }
        "InvalidParameterException" if purpose == Purpose::Code => Trouble::WrongCode,
        "InvalidParameterException" if says("already confirmed") => Trouble::UserExists,
        "InvalidParameterException" if purpose == Purpose::Public => {
            Trouble::BadInput("the service cannot send a code to this address".into())
        }
        "InvalidParameterException" => Trouble::BadInput("the service cannot use what was typed".into()),
        "CodeDeliveryFailureException" => Trouble::Other("the code could not be sent".into()),
        "UserLambdaValidationException" | "ForbiddenException" | "AccessDeniedException" => Trouble::Denied,
        _ => Trouble::Other("the service refused".into()),
    }
}
