//! From "sign up" to "signed in": every step, every challenge.

use aws_sdk_cognitoidentityprovider::types::{AuthenticationResultType, ChallengeNameType};

use super::browser;
use super::error::{AccountError, Trouble};
use super::kept::KeptSignIn;
use super::person::{Account, Outcome, entry, keyring_trouble};
use super::pool::{Answer, Pool, factor, listed_factors};
use super::srp::{Ephemeral, SrpError, Who, timestamp};
use super::tokens::{Claims, Tokens};
use crate::domain::account::{
    AwsSettings, Challenge, Factor, Identity, Kept, Session, SignedOut, TotpSetup, code_digits,
};
use crate::domain::{Secret, Timestamp};

/// What is half done.
pub(super) enum Pending {
    /// Nothing.
    Nothing,
    /// A new account that waits for the code of its mail; with the password, to sign in at once after it.
    NewAccount {
        /// Whose.
        email: Secret,
        /// From the sign-up just before.
        password: Secret,
        /// Whether that sign-in is kept.
        keep: bool,
    },
    /// A sign-in that waits for an answer.
    Half(Half),
    /// A password that is being reset.
    Reset {
        /// Whether the sign-in after it is kept.
        keep: bool,
    },
}

/// A sign-in that waits for an answer.
#[derive(Clone)]
pub(super) struct Half {
    name: ChallengeNameType,
    session: Secret,
    /// The user's name, as the challenge gave it.
    user: String,
    email: Secret,
    /// For a pool that asks which proof comes first.
    password: Secret,
    keep: bool,
}

impl Account {
    /// Makes a new account.
    ///
    /// # Errors
    /// [`AccountError`]: the address is taken, the password too weak, the address not allowed …
    pub async fn sign_up(&self, email: &Secret, password: &Secret, keep: bool) -> Result<Outcome, AccountError> {
        let email = &address(email)?;
        let settings = self.settings()?;
        if !settings.password.accepts(password.expose()) {
            return Err(AccountError::new(Trouble::WeakPassword));
        }
        let pool = self.pool()?;
        let (confirmed, sent_to) = pool.sign_up(email, password).await?;
        if confirmed {
            return self.sign_in(email, password, keep).await;
        }
        let pending = Pending::NewAccount { email: email.clone(), password: password.clone(), keep };
        self.ask(pending, Challenge::ConfirmSignUp { email: email.clone(), sent_to: sent_to.clone() });
        Ok(Outcome::CodeSent(sent_to))
    }

    /// Confirms a new account, and signs in where its password is known.
    ///
    /// # Errors
    /// A wrong or old code.
    pub async fn confirm(&self, email: &Secret, code: &Secret) -> Result<Outcome, AccountError> {
        let (email, code) = (&address(email)?, digits(code)?);
        match self.pool()?.confirm(email, &code).await {
            // It was confirmed before: on to the sign-in.
            Err(error) if error.trouble == Trouble::UserExists => {}
            other => other?,
        }
        let pending = std::mem::replace(&mut self.live().pending, Pending::Nothing);
        match pending {
            Pending::NewAccount { email: whose, password, keep } if whose == *email && !password.is_empty() => {
                let signed_in = self.sign_in(&whose, &password, keep).await;
                if signed_in.is_err() {
                    self.leave();
                }
                signed_in
            }
            _ => {
                self.leave();
                Ok(Outcome::Done)
            }
        }
    }

    /// Sends the code of a new account again.
    ///
    /// # Errors
    /// Too many were sent, or there is nothing to confirm.
    pub async fn resend(&self, email: &Secret) -> Result<Outcome, AccountError> {
        Ok(Outcome::CodeSent(self.pool()?.resend(&address(email)?).await?))
    }

    /// Signs in with e-mail and password (SRP: the password stays here).
    ///
    /// # Errors
    /// [`AccountError`]; the session stays as it was.
    pub async fn sign_in(&self, email: &Secret, password: &Secret, keep: bool) -> Result<Outcome, AccountError> {
        let email = &address(email)?;
        if password.is_empty() {
            return Err(AccountError::new(Trouble::BadInput("the password is missing".into())));
        }
        let pool = self.pool()?;
        match prove(&pool, email, password, self.now()).await {
            Ok((answer, user)) => {
                let half = Half {
                    name: ChallengeNameType::PasswordVerifier,
                    session: Secret::default(),
                    user,
                    email: email.clone(),
                    password: password.clone(),
                    keep,
                };
                self.go_on(&pool, answer, half).await
            }
            Err(error) if error.trouble == Trouble::NotConfirmed => {
                // The first code may be long gone; without a new one nobody could go on.
                let sent_to = pool.resend(email).await.unwrap_or_default();
                let pending = Pending::NewAccount { email: email.clone(), password: password.clone(), keep };
                self.ask(pending, Challenge::ConfirmSignUp { email: email.clone(), sent_to });
                Ok(Outcome::GoOn)
            }
            Err(error) if error.trouble == Trouble::PasswordReset => {
                let sent_to = pool.forgot(email).await?;
                self.ask(Pending::Reset { keep }, Challenge::ResetPassword { email: email.clone(), sent_to });
                Ok(Outcome::GoOn)
            }
            Err(error) => Err(error),
        }
    }

    /// Signs in on the pool's page in the browser.
    ///
    /// # Errors
    /// Also where nobody comes back in time. Dropping the future stops waiting at once.
    pub async fn sign_in_browser(&self, keep: bool) -> Result<Outcome, AccountError> {
        let settings = self.settings()?;
        if settings.login.is_none() {
            return Err(AccountError::new(Trouble::WrongSettings("this user pool has no sign-in page".into())));
        }
        // Whoever stops waiting is asked for nothing any more.
        let waiting = LeaveOnDrop(self);
        let open = |page: String| {
            self.ask(Pending::Nothing, Challenge::Browser { page: page.clone() });
            (self.0.parts.open_page)(page);
        };
        let clock = self.0.parts.clock.clone();
        let tokens = browser::sign_in(&settings, &open, &*clock, browser::PATIENCE).await?;
        drop(waiting);
        let claims = self.pool()?.check(&tokens)?;
        self.finish(tokens, claims, &Secret::default(), keep).await
    }

    /// Answers a challenge with a one-time code.
    ///
    /// # Errors
    /// A wrong code leaves the challenge as it is; one that ran out ends the sign-in.
    pub async fn answer_code(&self, code: &Secret) -> Result<Outcome, AccountError> {
        if let Session::NeedsYou(Challenge::ConfirmSignUp { email, .. }) = self.state().session {
            return self.confirm(&email, code).await;
        }
        let half = self.half()?;
        let code = digits(code)?;
        let key = match half.name {
            ChallengeNameType::SoftwareTokenMfa => "SOFTWARE_TOKEN_MFA_CODE",
            ChallengeNameType::SmsMfa => "SMS_MFA_CODE",
            ChallengeNameType::SmsOtp => "SMS_OTP_CODE",
            ChallengeNameType::EmailOtp => "EMAIL_OTP_CODE",
            ChallengeNameType::MfaSetup => return self.finish_setup(half, &code).await,
            _ => return Err(AccountError::new(Trouble::BadInput("no code is asked for now".into()))),
        };
        self.respond(half, vec![(key, code)]).await
    }

    async fn finish_setup(&self, mut half: Half, code: &str) -> Result<Outcome, AccountError> {
        let pool = self.pool()?;
        let verified = pool.verify_totp(None, Some(&half.session), code).await;
        half.session = self.ended_if_expired(verified)?;
        self.respond(half, Vec::new()).await
    }

    /// Answers a challenge with a password.
    ///
    /// # Errors
    /// As [`Account::answer_code`].
    pub async fn answer_password(&self, password: &Secret) -> Result<Outcome, AccountError> {
        let half = self.half()?;
        match half.name {
            ChallengeNameType::NewPasswordRequired => {
                if !self.settings()?.password.accepts(password.expose()) {
                    return Err(AccountError::new(Trouble::WeakPassword));
                }
                self.respond(half, vec![("NEW_PASSWORD", password.expose().to_owned())]).await
            }
            // The password was chosen as the proof: with SRP from the start it never leaves this computer.
            ChallengeNameType::SelectChallenge => self.sign_in(&half.email, password, half.keep).await,
            _ => Err(AccountError::new(Trouble::BadInput("no password is asked for now".into()))),
        }
    }

    /// Chooses the proof to give.
    ///
    /// # Errors
    /// As [`Account::answer_code`].
    pub async fn answer_choice(&self, factor: Factor) -> Result<Outcome, AccountError> {
        let half = self.half()?;
        let first = half.name == ChallengeNameType::SelectChallenge;
        let answer = match factor {
            Factor::Totp => "SOFTWARE_TOKEN_MFA",
            Factor::Sms if first => "SMS_OTP",
            Factor::Sms => "SMS_MFA",
            Factor::Email => "EMAIL_OTP",
            // With SRP from the start the password never leaves this computer.
            Factor::Password => {
                let (email, password, keep) = (half.email.clone(), half.password.clone(), half.keep);
                return self.sign_in(&email, &password, keep).await;
            }
        };
        self.respond(half, vec![("ANSWER", answer.to_owned())]).await
    }

    /// Sends a code to make a new password with.
    ///
    /// # Errors
    /// Too many were sent.
    pub async fn forgot(&self, email: &Secret, keep: bool) -> Result<Outcome, AccountError> {
        let email = &address(email)?;
        let sent_to = self.pool()?.forgot(email).await?;
        let challenge = Challenge::ResetPassword { email: email.clone(), sent_to: sent_to.clone() };
        self.ask(Pending::Reset { keep }, challenge);
        Ok(Outcome::CodeSent(sent_to))
    }

    /// Makes a new password with that code, and signs in with it.
    ///
    /// # Errors
    /// A wrong or old code, a weak password.
    pub async fn reset(&self, email: &Secret, code: &Secret, password: &Secret) -> Result<Outcome, AccountError> {
        let (email, code) = (&address(email)?, digits(code)?);
        if !self.settings()?.password.accepts(password.expose()) {
            return Err(AccountError::new(Trouble::WeakPassword));
        }
        self.pool()?.reset(email, &code, password).await?;
        let keep = match self.live().pending {
            Pending::Reset { keep } => keep,
            _ => true,
        };
        self.leave();
        self.sign_in(email, password, keep).await
    }

    /// Leaves what is half done.
    pub fn leave(&self) {
        self.update(|live| {
            live.pending = Pending::Nothing;
            if let Session::NeedsYou(_) = live.session {
                live.session = live.before.take().unwrap_or(Session::SignedOut(SignedOut::Plain));
            }
        });
    }

    fn ask(&self, pending: Pending, challenge: Challenge) {
        self.update(|live| {
            if !matches!(live.session, Session::NeedsYou(_)) {
                live.before = Some(live.session.clone());
            }
            live.pending = pending;
            live.session = Session::NeedsYou(challenge);
        });
    }

    fn half(&self) -> Result<Half, AccountError> {
        match &self.live().pending {
            Pending::Half(half) => Ok(half.clone()),
            _ => Err(AccountError::new(Trouble::Expired)),
        }
    }

    async fn respond(&self, half: Half, mut responses: Vec<(&'static str, String)>) -> Result<Outcome, AccountError> {
        let pool = self.pool()?;
        responses.push(("USERNAME", half.user.clone()));
        let answer = self.ended_if_expired(pool.respond(&half.name, &half.session, responses).await)?;
        self.go_on(&pool, answer, half).await
    }

    /// A half-done sign-in that ran out is over: nothing that could be typed would help.
    fn ended_if_expired<T>(&self, outcome: Result<T, AccountError>) -> Result<T, AccountError> {
        if outcome.as_ref().is_err_and(|error| error.trouble == Trouble::Expired) {
            self.leave();
        }
        outcome
    }

    /// Takes an answer of the pool: tokens, or the next challenge.
    async fn go_on(&self, pool: &Pool, answer: Answer, mut half: Half) -> Result<Outcome, AccountError> {
        let (name, session, says, choices) = match answer {
            Answer::Tokens(result) => return self.finish_result(pool, *result, half).await,
            Answer::Challenge { name, session, says, choices } => (name, session, says, choices),
        };
        if let Some(user) = says.get("USER_ID_FOR_SRP").or_else(|| says.get("USERNAME")).filter(|user| !user.is_empty())
        {
            half.user.clone_from(user);
        }
        let sent_to = says.get("CODE_DELIVERY_DESTINATION").filter(|text| text.contains('*')).cloned();
        half.session = session;
        let challenge = match &name {
            ChallengeNameType::NewPasswordRequired => Challenge::NewPassword,
            ChallengeNameType::SoftwareTokenMfa => Challenge::Totp,
            ChallengeNameType::SmsMfa | ChallengeNameType::SmsOtp => Challenge::Sms { sent_to },
            ChallengeNameType::EmailOtp => Challenge::Email { sent_to },
            ChallengeNameType::SelectMfaType => Challenge::Choose(listed_factors(says.get("MFAS_CAN_CHOOSE"))),
            ChallengeNameType::SelectChallenge => {
                Challenge::Choose(choices.iter().filter_map(|choice| factor(choice.as_str())).collect())
            }
            ChallengeNameType::MfaSetup => {
                let possible = listed_factors(says.get("MFAS_CAN_SETUP"));
                if !possible.is_empty() && !possible.contains(&Factor::Totp) {
                    return Err(AccountError::new(Trouble::UnknownChallenge("MFA_SETUP without an app".into())));
                }
                let (key, session) = pool.associate_totp(None, Some(&half.session)).await?;
                if !session.is_empty() {
                    half.session = session;
                }
                Challenge::TotpSetup(totp_setup(&key, &half.email))
            }
            other => {
                let name: String = other.as_str().chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
                return Err(AccountError::new(Trouble::UnknownChallenge(name)));
            }
        };
        if challenge == Challenge::Choose(Vec::new()) {
            return Err(AccountError::new(Trouble::UnknownChallenge("a choice of nothing".into())));
        }
        half.name = name;
        self.ask(Pending::Half(half), challenge);
        Ok(Outcome::GoOn)
    }

    async fn finish_result(
        &self,
        pool: &Pool,
        result: AuthenticationResultType,
        half: Half,
    ) -> Result<Outcome, AccountError> {
        let (tokens, claims) = pool.tokens(result, None, self.now())?;
        self.finish(tokens, claims, &half.email, half.keep).await
    }

    /// Signed in: keeps the sign-in, and learns what belongs to it.
    async fn finish(
        &self,
        tokens: Tokens,
        claims: Claims,
        typed: &Secret,
        keep: bool,
    ) -> Result<Outcome, AccountError> {
        let email = if claims.email.is_empty() { typed.clone() } else { claims.email };
        let sub = claims.sub;
        self.to_the_end(move |account| async move { account.finish_here(tokens, email, sub, keep).await }).await
    }

    async fn finish_here(
        &self,
        tokens: Tokens,
        email: Secret,
        sub: String,
        keep: bool,
    ) -> Result<Outcome, AccountError> {
        let settings = self.settings()?;
        let known = settings.identity.clone().filter(|_| settings.user.as_deref() == Some(&sub));
        let who = Identity { email, sub, identity_id: known };
        let refresh = tokens.refresh.clone();
        self.update(|live| {
            live.generation += 1;
            live.tokens = Some(tokens);
            live.session = Session::SignedIn(who.clone());
            live.who = Some(who.clone());
            live.kept = if keep { Kept::Keyring } else { Kept::ThisSession };
            live.unsaved = keep;
            live.before = None;
            live.pending = Pending::Nothing;
            live.factors.clear();
        });
        let stored = if keep { self.store(&settings, &who, refresh).await } else { Ok(()) };
        // The sign-in stands without these; whoever needs them asks again.
        if let Err(error) = self.credentials().await {
            tracing::info!("no credentials yet ({error})");
        }
        if let Err(error) = self.learn_factors().await {
            tracing::info!("factors are not known yet ({error})");
        }
        stored.map(|()| Outcome::Done)
    }

    /// Gives the keyring a new sign-in; one of somebody else, whom this library had before, is ended.
    async fn store(&self, settings: &AwsSettings, who: &Identity, refresh: Secret) -> Result<(), AccountError> {
        let _one = self.0.refreshing.lock().await;
        let begun = self.begun()?;
        let _between_processes = begun.lock().await;
        let kept = KeptSignIn { refresh, who: who.clone() };
        self.0.parts.keyring.set(&begun.entry, &kept.write()).await.map_err(keyring_trouble)?;
        self.update_of(begun.generation, |live| live.unsaved = false);
        if let Some(other) = settings.user.as_ref().filter(|user| **user != who.sub) {
            let other = entry(settings, other);
            if let Ok(Some(text)) = self.0.parts.keyring.get(&other).await {
                if let Some(kept) = KeptSignIn::read(&text) {
                    let _ = begun.pool.revoke(&kept.refresh).await;
                }
                let _ = self.0.parts.keyring.remove(&other).await;
            }
        }
        self.remember_user(Some(who.sub.clone()), None);
        Ok(())
    }
}

/// Leaves the challenge when a wait is given up.
struct LeaveOnDrop<'a>(&'a Account);

impl Drop for LeaveOnDrop<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Proves the password by SRP; what the pool says to it, and the user's name.
async fn prove(
    pool: &Pool,
    email: &Secret,
    password: &Secret,
    now: Timestamp,
) -> Result<(Answer, String), AccountError> {
    let ephemeral = Ephemeral::new().map_err(srp_trouble)?;
    let answer = pool.begin_srp(email, &ephemeral.public_hex()).await?;
    let Answer::Challenge { name: ChallengeNameType::PasswordVerifier, session, says, .. } = answer else {
        return Ok((answer, email.expose().to_owned()));
    };
    let said =
        |name: &str| says.get(name).ok_or_else(|| AccountError::new(Trouble::BadAnswer(format!("{name} is missing"))));
    let user = said("USER_ID_FOR_SRP")?;
    let who = Who { pool: pool.short_id(), user };
    let key = ephemeral.key(who, password.expose(), said("SALT")?, said("SRP_B")?).map_err(srp_trouble)?;
    let (block, moment) = (said("SECRET_BLOCK")?, timestamp(now));
    let responses = vec![
        ("USERNAME", user.clone()),
        ("PASSWORD_CLAIM_SECRET_BLOCK", block.clone()),
        ("PASSWORD_CLAIM_SIGNATURE", key.sign(who, block, &moment).map_err(srp_trouble)?),
        ("TIMESTAMP", moment),
    ];
    let answer = pool.respond(&ChallengeNameType::PasswordVerifier, &session, responses).await;
    Ok((answer.map_err(|error| error.without(email.expose()))?, user.clone()))
}

fn srp_trouble(error: SrpError) -> AccountError {
    AccountError::new(match error {
        SrpError::Random => Trouble::Other(error.to_string()),
        _ => Trouble::BadAnswer(error.to_string()),
    })
}

/// An e-mail address as it is sent: nothing around it, and an `@` in it.
fn address(typed: &Secret) -> Result<Secret, AccountError> {
    let text = typed.expose().trim();
    let whole = text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    if !whole || text.len() > 254 || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(AccountError::new(Trouble::BadInput("this is no e-mail address".into())));
    }
    Ok(text.into())
}

fn digits(code: &Secret) -> Result<String, AccountError> {
    let why = if code.expose().trim().is_empty() { "the code is missing" } else { "a code is only digits" };
    code_digits(code.expose()).ok_or_else(|| AccountError::new(Trouble::BadInput(why.into())))
}

/// What an authenticator app needs (Key URI Format of Google Authenticator; RFC 6238 defaults).
pub(super) fn totp_setup(key: &Secret, email: &Secret) -> TotpSetup {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    let name = utf8_percent_encode(email.expose(), NON_ALPHANUMERIC);
    let uri = format!("otpauth://totp/Lightkeep:{name}?secret={}&issuer=Lightkeep", key.expose());
    TotpSetup { key: key.clone(), uri: uri.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lose_what_is_around_them() {
        assert_eq!(address(&" ann@example.org\n".into()).unwrap(), Secret::from("ann@example.org"));
        for wrong in ["", "ann", "@x", "x@", "a b@c", &format!("{}@x", "a".repeat(300))] {
            assert!(address(&wrong.into()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_address_of_a_key_is_escaped() {
        let setup = totp_setup(&"ABC234".into(), &"a+b@x.y".into());
        assert_eq!(setup.uri.expose(), "otpauth://totp/Lightkeep:a%2Bb%40x%2Ey?secret=ABC234&issuer=Lightkeep");
    }
}
