//! `lightkeep account`: the same operations as in the window, for a terminal and for scripts.

use serde_json::{Value, json};

use super::args_account::{
    AccountArgs, AccountCommand, MfaArg, RemoteArgs, SignInArgs, TokenArg, TokenArgs, TokenCommand, UseArgs,
};
use super::output::{Answer, complain};
use super::{account_text, ask, qr};
use crate::domain::Secret;
use crate::domain::account::{Challenge, Factor, PasswordPolicy, Place, RemoteSettings, Session, TotpSetup};
use crate::engine::{AccountDesk, OpenOptions, TokenKind};
use crate::protocol::{AccountAnswer, AccountAsk, ChallengeAnswer, ErrorCode, Event, NewPlace, UserError, channel};

/// How often a person may mistype a code before the command ends.
const TRIES: usize = 3;

/// Runs one command. No library is opened or locked, so that a window may be open beside it.
pub(super) async fn run(options: &OpenOptions, args: AccountArgs) -> Result<Answer, UserError> {
    let (mut window, engine_end, _commands) = channel(std::sync::Arc::new(|| {}));
    let desk = AccountDesk::open(options, engine_end)?;
    let pages = tokio::spawn(async move {
        while let Some(event) = window.events.next().await {
            if let Event::OpenPage(page) = event {
                complain(&format!("Sign in on the page that opens in your browser, or open it yourself:\n{page}"));
                crate::platform::open_page(&page);
            }
        }
    });
    let answer = command(&desk, args.command).await;
    pages.abort();
    answer
}

async fn command(desk: &AccountDesk, command: AccountCommand) -> Result<Answer, UserError> {
    match command {
        AccountCommand::Use(args) => use_place(desk, args).await,
        AccountCommand::Remote(args) => remote(desk, args).await,
        AccountCommand::Status => {
            desk.restore().await;
            Ok(account_text::state(&desk.state()))
        }
        AccountCommand::Check => {
            desk.restore().await;
            match desk.ask(AccountAsk::Check).await? {
                AccountAnswer::Checked(report) => Ok(account_text::report(&report)),
                other => Ok(account_text::answer(&other)),
            }
        }
        AccountCommand::SignUp(args) => sign_up(desk, args.email).await,
        AccountCommand::Confirm(args) => {
            let email = ask::email(args.email)?;
            let ask = match args.resend {
                true => AccountAsk::Resend { email },
                false => AccountAsk::Confirm { email, code: ask::line("Code")? },
            };
            simple(desk, ask).await
        }
        AccountCommand::SignIn(args) => sign_in(desk, args).await,
        AccountCommand::Mfa(args) => mfa(desk, args.what).await,
        AccountCommand::Forgot(args) => forgot(desk, args.email).await,
        AccountCommand::Reset(args) => reset(desk, ask::email(args.email)?).await,
        AccountCommand::Password => {
            signed_in(desk).await?;
            let old = ask::secret("Password of now")?;
            show_rules(desk);
            let new = ask::new_secret("New password")?;
            simple(desk, AccountAsk::ChangePassword { old, new }).await
        }
        AccountCommand::SignOut(args) => {
            if args.everywhere {
                signed_in(desk).await?;
                return simple(desk, AccountAsk::SignOutEverywhere).await;
            }
            desk.restore().await;
            // Also with the network away: the keyring is here.
            match desk.state().session {
                Session::SignedIn(_) | Session::Offline { .. } => simple(desk, AccountAsk::SignOut).await,
                _ => signed_in(desk)
                    .await
                    .and_then(|()| Err(UserError::new(ErrorCode::SignedOut, "Nobody is signed in"))),
            }
        }
        AccountCommand::Delete => {
            signed_in(desk).await?;
            complain(
                "This deletes the account for ever. A new sign-up gets another identity and no longer reaches these \
                 photos.",
            );
            let prompt = format!("To go on, type \"{}\"", crate::protocol::DELETE_WORDS);
            let typed = ask::line(&prompt)?.expose().to_owned();
            simple(desk, AccountAsk::DeleteAccount { typed }).await
        }
        AccountCommand::Token(args) => token(desk, &args).await,
        AccountCommand::Refresh => refresh(desk).await,
        AccountCommand::Revoke => revoke(desk).await,
    }
}

async fn simple(desk: &AccountDesk, ask: AccountAsk) -> Result<Answer, UserError> {
    Ok(account_text::answer(&desk.ask(ask).await?))
}

async fn use_place(desk: &AccountDesk, args: UseArgs) -> Result<Answer, UserError> {
    let place = match args.line {
        None => NewPlace::ThisComputer,
        Some(line) if line == "-" => NewPlace::AwsLine(ask::line("Settings line")?.expose().to_owned()),
        Some(line) => NewPlace::AwsLine(line),
    };
    desk.ask(AccountAsk::Use(place)).await?;
    Ok(account_text::state(&desk.state()))
}

async fn remote(desk: &AccountDesk, args: RemoteArgs) -> Result<Answer, UserError> {
    let settings = RemoteSettings {
        endpoint: args.endpoint,
        region: args.region,
        bucket: args.bucket,
        path_style: args.path_style,
        profile: args.profile,
        prefix: args.prefix,
    };
    // Nobody is asked for a secret that cannot be used.
    settings.check().map_err(|error| UserError::new(ErrorCode::Usage, error.to_string()))?;
    let keys = match settings.profile {
        Some(_) => None,
        None => Some((ask::secret("Access key id")?, ask::secret("Secret access key")?)),
    };
    desk.ask(AccountAsk::Use(NewPlace::Remote { settings, keys })).await?;
    Ok(account_text::state(&desk.state()))
}

async fn sign_up(desk: &AccountDesk, email: Option<String>) -> Result<Answer, UserError> {
    needs_aws(desk)?;
    let email = ask::email(email)?;
    show_rules(desk);
    let password = ask::new_secret("Password")?;
    let answer = desk.ask(AccountAsk::SignUp { email, password }).await?;
    if ask::is_person() && matches!(answer, AccountAnswer::CodeSent(_)) {
        complain(&account_text::answer(&answer).text);
        return go_on(desk).await;
    }
    Ok(account_text::answer(&answer))
}

async fn sign_in(desk: &AccountDesk, args: SignInArgs) -> Result<Answer, UserError> {
    needs_aws(desk)?;
    if args.browser {
        desk.ask(AccountAsk::SignInBrowser { keep: true }).await?;
        return go_on(desk).await;
    }
    let email = ask::email(args.email)?;
    let password = ask::secret("Password")?;
    desk.ask(AccountAsk::SignIn { email, password, keep: true }).await?;
    go_on(desk).await
}

async fn forgot(desk: &AccountDesk, email: Option<String>) -> Result<Answer, UserError> {
    needs_aws(desk)?;
    let email = ask::email(email)?;
    let answer = desk.ask(AccountAsk::Forgot { email: email.clone() }).await?;
    if ask::is_person() {
        complain(&account_text::answer(&answer).text);
        return reset(desk, email).await;
    }
    Ok(account_text::answer(&answer))
}

async fn reset(desk: &AccountDesk, email: Secret) -> Result<Answer, UserError> {
    let code = ask::line("Code")?;
    show_rules(desk);
    let password = ask::new_secret("New password")?;
    desk.ask(AccountAsk::ResetPassword { email, code, password }).await?;
    go_on(desk).await
}

/// Asks whatever the account asks, until somebody is signed in.
async fn go_on(desk: &AccountDesk) -> Result<Answer, UserError> {
    let mut left = if ask::is_person() { TRIES } else { 1 };
    loop {
        let Session::NeedsYou(challenge) = desk.state().session else {
            return Ok(account_text::state(&desk.state()));
        };
        let asked = AccountAsk::Answer(match &challenge {
            Challenge::ConfirmSignUp { .. } => ChallengeAnswer::Code(ask::line("Code of the confirmation mail")?),
            Challenge::Totp => ChallengeAnswer::Code(ask::line("Code of your authenticator app")?),
            Challenge::Sms { .. } => ChallengeAnswer::Code(ask::line("Code of the text message")?),
            Challenge::Email { .. } => ChallengeAnswer::Code(ask::line("Code of the e-mail")?),
            Challenge::TotpSetup(setup) => {
                show_totp(setup);
                ChallengeAnswer::Code(ask::line("Code of your authenticator app")?)
            }
            Challenge::NewPassword => {
                complain("Choose a password of your own.");
                show_rules(desk);
                ChallengeAnswer::Password(ask::new_secret("New password")?)
            }
            Challenge::Choose(factors) => ChallengeAnswer::Choose(choice(factors)?),
            Challenge::ResetPassword { email, .. } => {
                complain("The password must be replaced; a code was sent.");
                return Box::pin(reset(desk, email.clone())).await;
            }
            Challenge::Browser { .. } => return Ok(account_text::state(&desk.state())),
        });
        match desk.ask(asked).await {
            Ok(_) => {}
            Err(error) if error.code == ErrorCode::Denied && left > 1 => {
                left -= 1;
                complain(&error.message);
            }
            Err(error) => return Err(error),
        }
    }
}

fn choice(factors: &[Factor]) -> Result<Factor, UserError> {
    for (number, factor) in factors.iter().enumerate() {
        complain(&format!("{}  {}", number + 1, factor.words()));
    }
    let typed = ask::line("Number of the proof to give")?;
    let number: Option<usize> = typed.expose().trim().parse().ok();
    let chosen = number.and_then(|number| factors.get(number.checked_sub(1)?)).copied();
    chosen.ok_or_else(|| UserError::new(ErrorCode::Usage, "there is no such number"))
}

async fn mfa(desk: &AccountDesk, what: MfaArg) -> Result<Answer, UserError> {
    signed_in(desk).await?;
    match what {
        MfaArg::SetUp => {
            if let AccountAnswer::Totp(setup) = desk.ask(AccountAsk::TotpBegin).await? {
                show_totp(&setup);
                let code = ask::line("Code of your authenticator app")?;
                desk.ask(AccountAsk::TotpFinish { code }).await?;
            }
        }
        MfaArg::Remove => drop(desk.ask(AccountAsk::TotpRemove).await?),
        MfaArg::EmailOn => drop(desk.ask(AccountAsk::UseFactor { factor: Factor::Email, on: true }).await?),
        MfaArg::EmailOff => drop(desk.ask(AccountAsk::UseFactor { factor: Factor::Email, on: false }).await?),
        MfaArg::SmsOn => drop(desk.ask(AccountAsk::UseFactor { factor: Factor::Sms, on: true }).await?),
        MfaArg::SmsOff => drop(desk.ask(AccountAsk::UseFactor { factor: Factor::Sms, on: false }).await?),
        MfaArg::Status => desk.learn_factors().await?,
    }
    Ok(account_text::factors(&desk.state().factors))
}

async fn token(desk: &AccountDesk, args: &TokenArgs) -> Result<Answer, UserError> {
    let kind = match (args.command, args.show) {
        (Some(TokenCommand::Refresh), _) => return refresh(desk).await,
        (Some(TokenCommand::Revoke), _) => return revoke(desk).await,
        (None, Some(TokenArg::Id)) => TokenKind::Id,
        (None, Some(TokenArg::Access)) => TokenKind::Access,
        (None, None) => return Err(UserError::new(ErrorCode::Usage, "which token? Say --show access or --show id")),
    };
    signed_in(desk).await?;
    let token = desk.token(kind).await?;
    Ok(Answer::new(json!({ "token": token.expose() }), token.expose()))
}

async fn refresh(desk: &AccountDesk) -> Result<Answer, UserError> {
    // Restoring is the refresh that was asked for.
    signed_in(desk).await?;
    Ok(account_text::state(&desk.state()))
}

async fn revoke(desk: &AccountDesk) -> Result<Answer, UserError> {
    signed_in(desk).await?;
    desk.revoke().await?;
    Ok(Answer::new(json!({ "done": true }), "Revoked; the next refresh will find that out"))
}

/// Restores the session, or says why there is none.
async fn signed_in(desk: &AccountDesk) -> Result<(), UserError> {
    desk.restore().await;
    match desk.state().session {
        Session::SignedIn(_) => Ok(()),
        Session::Keyring(problem) => {
            let (message, hint) = problem.words();
            Err(UserError::new(ErrorCode::Keyring, message).hint(hint))
        }
        // Asking again gives the words for it.
        _ => desk.refresh().await,
    }
}

/// Nobody is asked for a secret that nobody could use.
fn needs_aws(desk: &AccountDesk) -> Result<(), UserError> {
    match desk.state().place {
        Place::Aws(_) => Ok(()),
        _ => Err(UserError::new(ErrorCode::Settings, "No AWS account is set up here")
            .hint("Set one up with its settings line: `lightkeep account use LINE`.")),
    }
}

fn show_rules(desk: &AccountDesk) {
    if let (true, Place::Aws(settings)) = (ask::is_person(), desk.state().place) {
        complain(&format!("A password has {}.", rules(settings.password)));
    }
}

fn rules(policy: PasswordPolicy) -> String {
    let rules: Vec<String> = policy.check("").into_iter().map(|(rule, _)| rule.words()).collect();
    rules.join(", ")
}

/// Shows what an authenticator app needs, to the person at the terminal or to whoever reads standard error.
fn show_totp(setup: &TotpSetup) {
    complain("Scan this with your authenticator app, or type its key:");
    if let Some(code) = qr::blocks(setup.uri.expose()) {
        complain(&code);
    }
    complain(&format!("Key: {}", setup.key.expose()));
}

/// A value that may be missing.
pub(super) fn or_null(text: Option<&str>) -> Value {
    text.map_or(Value::Null, Value::from)
}
