//! Every view of the account screen as a scene: for the tests, and to be looked at.

use super::super::*;
use crate::domain::account::{
    AccountState, AwsSettings, Challenge, Endpoints, Factor, Identity, Kept, KeyringProblem, PasswordPolicy, Place,
    RemoteSettings, Session, SignedOut, TotpSetup,
};
use crate::protocol::{Check, CheckState, ConnectionReport, ErrorCode, OpId, UserError};
use crate::ui::screens::tests_fake::Fake;

pub fn settings() -> AwsSettings {
    AwsSettings {
        region: "eu-central-1".into(),
        user_pool: "eu-central-1_AbC123dEf".into(),
        client: "5nq8vkexampleclient0123456".into(),
        identity_pool: "eu-central-1:7f4c2a90-1111-4e2b-9d3c-5a6b7c8d9e0f".into(),
        bucket: "lightkeep-lee-family-photos".into(),
        bucket_owner: "123456789012".into(),
        login: Some("https://lightkeep-lee.auth.eu-central-1.amazoncognito.com".into()),
        password: PasswordPolicy::default(),
        endpoints: Endpoints::default(),
        user: None,
        identity: None,
    }
}

pub fn remote() -> RemoteSettings {
    RemoteSettings {
        endpoint: Some("https://s3.nas.example.org:9000".into()),
        region: "eu-central-1".into(),
        bucket: "photos".into(),
        path_style: true,
        profile: None,
        prefix: "lightkeep".into(),
    }
}

pub fn identity() -> Identity {
    Identity {
        email: "ann.lee@example.org".into(),
        sub: "5f0c".into(),
        identity_id: Some("eu-central-1:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9".into()),
    }
}

pub fn aws(session: Session) -> AccountState {
    AccountState { place: Place::Aws(settings()), session, ..AccountState::default() }
}

pub fn asks(challenge: Challenge) -> AccountState {
    aws(Session::NeedsYou(challenge))
}

pub fn totp() -> TotpSetup {
    let key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let uri = format!("otpauth://totp/Lightkeep:ann.lee%40example.org?secret={key}&issuer=Lightkeep");
    TotpSetup { key: key.into(), uri: uri.into() }
}

pub fn wrong_password() -> UserError {
    UserError::new(ErrorCode::Denied, "The e-mail address or the password is not right")
        .hint("Look for a typing mistake, or choose “Forgot the password?”.")
        .details(
            "NotAuthorizedException: Incorrect username or password.\nRequest id 0f7c2d9e-5a31-4c55-9e0b-1d2c3b4a5f60",
        )
}

pub fn report() -> ConnectionReport {
    let check = |what: &str, state| Check { what: what.into(), state };
    ConnectionReport {
        place: "lightkeep-lee-family-photos in eu-central-1".into(),
        prefix: "eu-central-1:0a1b".into(),
        checks: vec![
            check("The bucket can be reached", CheckState::Good),
            check("Its owner is who the settings say", CheckState::Good),
            check(
                "Old versions are kept",
                CheckState::Bad(
                    "Versioning is off: a photo that is replaced is lost. Run lightkeep cloud doctor.".into(),
                ),
            ),
            check(
                "Nobody else can read it",
                CheckState::Unknown("Your account may not look at that; the owner of the AWS account can.".into()),
            ),
        ],
    }
}

pub fn signed_in() -> AccountState {
    aws(Session::SignedIn(identity()))
}

/// How a scene begins.
pub struct Scene {
    pub account: AccountState,
    pub reply: AccountReply,
    pub screen: AccountScreen,
}

impl Scene {
    pub fn of(account: AccountState) -> Self {
        Self { account, reply: AccountReply::None, screen: AccountScreen::new(false) }
    }

    pub(in super::super) fn tab(mut self, tab: Tab) -> Self {
        self.screen.tab = Some(tab);
        self
    }

    pub(in super::super) fn page(mut self, page: Page) -> Self {
        self.screen.page = page;
        self
    }

    pub(in super::super) fn typed(mut self, field: Field, text: &str) -> Self {
        self.screen.fields.set(field, text);
        self
    }

    /// As if this had been answered.
    pub fn reply(mut self, reply: AccountReply) -> Self {
        self.screen.pending = Some(Asked::Other);
        self.reply = reply;
        self
    }

    pub fn fake(&self) -> Fake {
        Fake { account: self.account.clone(), account_reply: self.reply.clone(), ..Fake::default() }
    }
}

/// Every scene by its name.
pub fn all() -> Vec<(&'static str, Scene)> {
    let here = || Scene::of(AccountState::default());
    let out = || Scene::of(aws(Session::SignedOut(SignedOut::Plain)));
    let inside = || Scene::of(signed_in());
    let asked = |challenge| Scene::of(asks(challenge));
    let email = || "ann.lee@example.org".into();
    // On this computer only, after an account was used.
    let left = || Scene::of(AccountState { known_aws: Some(settings()), ..AccountState::default() });
    let sent_to = || Some("a***@e***.org".to_owned());
    let keyring = |problem| Scene::of(aws(Session::Keyring(problem)));
    let mut clock = aws(Session::SignedOut(SignedOut::Plain));
    clock.clock_off_s = Some(734);
    let mut factors = signed_in();
    factors.factors = vec![Factor::Totp, Factor::Email];
    factors.kept = Kept::ThisSession;
    let remote_state = || AccountState { place: Place::Remote(remote()), ..AccountState::default() };
    let page = "https://lightkeep-lee.auth.eu-central-1.amazoncognito.com/oauth2/authorize?client_id=5nq8vk&\
                response_type=code&scope=openid+email&redirect_uri=http%3A%2F%2Flocalhost%3A47801%2Fcallback&state=x";
    vec![
        ("here", here()),
        ("line", here().tab(Tab::Aws)),
        ("line-again", left().tab(Tab::Aws)),
        ("line-good", here().tab(Tab::Aws).typed(Field::Line, &settings().line())),
        ("line-bad", here().tab(Tab::Aws).typed(Field::Line, "lightkeep:1?region=eu-central-1&pool=eu")),
        ("remote-form", here().tab(Tab::Remote)),
        ("remote-home", Scene::of(remote_state())),
        ("remote-change", Scene::of(remote_state()).page(Page::RemoteForm)),
        ("back-here", inside().tab(Tab::ThisComputer)),
        ("sign-in", out()),
        ("sign-in-waiting", out().reply(AccountReply::Waiting(OpId(7)))),
        ("sign-in-failed", out().reply(AccountReply::Failed(wrong_password()))),
        ("ended", Scene::of(aws(Session::SignedOut(SignedOut::Ended("the account was signed out everywhere".into()))))),
        ("clock", Scene::of(clock)),
        ("sign-up", out().page(Page::SignUp).typed(Field::NewPassword, "Abcdefg")),
        ("forgot", out().page(Page::Forgot)),
        ("restoring", Scene::of(aws(Session::Restoring(Some(identity()))))),
        ("keyring-locked", keyring(KeyringProblem::Locked)),
        ("keyring-absent", keyring(KeyringProblem::Absent)),
        ("keyring-session", keyring(KeyringProblem::Slow).page(Page::SignIn)),
        ("offline", Scene::of(aws(Session::Offline { last: identity(), why: "the service cannot be reached".into() }))),
        ("confirm", asked(Challenge::ConfirmSignUp { email: email(), sent_to: sent_to() })),
        ("new-password", asked(Challenge::NewPassword)),
        ("code-totp", asked(Challenge::Totp)),
        ("setup-totp", asked(Challenge::TotpSetup(totp()))),
        ("code-sms", asked(Challenge::Sms { sent_to: Some("+*******123".into()) })),
        ("code-email", asked(Challenge::Email { sent_to: None })),
        ("choose", asked(Challenge::Choose(vec![Factor::Totp, Factor::Sms, Factor::Email, Factor::Password]))),
        ("reset", asked(Challenge::ResetPassword { email: email(), sent_to: sent_to() })),
        ("browser", asked(Challenge::Browser { page: page.into() }).reply(AccountReply::Waiting(OpId(7)))),
        ("home", inside()),
        ("home-factors", Scene::of(factors).reply(AccountReply::Done(AccountAnswer::Done("Password changed".into())))),
        ("home-report", inside().reply(AccountReply::Done(AccountAnswer::Checked(report())))),
        ("change-password", inside().page(Page::ChangePassword)),
        ("totp-page", inside().page(Page::Totp(totp()))),
        ("totp-remove", inside().page(Page::TotpRemove)),
        ("hand-on", inside().page(Page::HandOn)),
        ("everywhere", inside().page(Page::SignOutEverywhere)),
        ("delete", inside().page(Page::Delete)),
    ]
}
