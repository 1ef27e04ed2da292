//! The words of `lightkeep account`. No password, code or key is ever one of them: they are read from the terminal,
//! or line by line from standard input.

use clap::{Args, Subcommand, ValueEnum};

/// `account`
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// What to do
    #[command(subcommand)]
    pub command: AccountCommand,
}

const STATE_KEYS: &str = "JSON keys: place[kind, region, bucket, endpoint, prefix], session, email, user, identity_id, \
kept, factors, why, clock_off_s\nsession is signed_out, restoring, needs_you, signed_in, offline or keyring.";

/// What can be done with the account.
#[derive(Debug, Subcommand)]
pub enum AccountCommand {
    /// Use an AWS account, by the settings line that `lightkeep cloud show` prints
    #[command(after_long_help = "Examples:\n  lightkeep account use 'lightkeep:1?region=…'\n  lightkeep account use \
                                 --this-computer\n\nA line of \"-\" is read from standard input.")]
    Use(UseArgs),
    /// Use an S3-compatible server, or a bucket in AWS with a profile or keys of your own
    ///
    /// Without --profile the access key id and the secret access key are asked for, or read as two lines from standard
    /// input. They are kept in the keyring.
    #[command(after_long_help = "Example:\n  lightkeep account remote --endpoint https://s3.example.org --region \
                                 eu-1 --bucket photos --path-style")]
    Remote(RemoteArgs),
    /// Show which account is set up and who is signed in
    #[command(after_long_help = STATE_KEYS)]
    Status,
    /// Look whether the bucket can be used as it should be
    #[command(after_long_help = "JSON keys: place, prefix, checks[what, state, why]\nstate is good, bad or unknown.")]
    Check,
    /// Make a new account; its confirmation code comes by mail
    ///
    /// Reads the e-mail address (without --email) and the password, twice on a terminal.
    #[command(after_long_help = "JSON keys: code_sent_to")]
    SignUp(EmailArgs),
    /// Confirm a new account with the code of its mail
    ///
    /// Reads the e-mail address (without --email) and the code.
    #[command(after_long_help = "JSON keys: done, or code_sent_to with --resend")]
    Confirm(ConfirmArgs),
    /// Sign in
    ///
    /// Reads the e-mail address (without --email), the password, and whatever else the account asks for.
    #[command(after_long_help = STATE_KEYS)]
    SignIn(SignInArgs),
    /// Set up or remove a second proof beside the password
    #[command(after_long_help = "JSON keys: factors")]
    Mfa(MfaArgs),
    /// Have a code sent to make a new password with
    ///
    /// On a terminal the code and the new password are asked for at once; elsewhere `account reset` reads them.
    #[command(after_long_help = "JSON keys: code_sent_to")]
    Forgot(EmailArgs),
    /// Make a new password with the code that `account forgot` had sent, and sign in
    ///
    /// Reads the e-mail address (without --email), the code and the new password.
    #[command(after_long_help = STATE_KEYS)]
    Reset(EmailArgs),
    /// Change the password
    ///
    /// Reads the password of now and the new one.
    #[command(after_long_help = "JSON keys: done")]
    Password,
    /// Sign out on this computer: the sign-in is revoked and forgotten
    #[command(after_long_help = "JSON keys: done")]
    SignOut(SignOutArgs),
    /// Delete the account for ever; the photos stay in the bucket
    ///
    /// A new sign-up gets another identity and no longer reaches these photos. Reads the words "delete my account".
    #[command(after_long_help = "JSON keys: done")]
    Delete,
    /// Show a token, for scripts; never the refresh token
    #[command(after_long_help = "Example:\n  curl -H \"Authorization: $(lightkeep account token --show access)\" \
                                 …\n\nJSON keys: token")]
    Token(TokenArgs),
    /// Fetch new tokens now
    #[command(after_long_help = STATE_KEYS)]
    Refresh,
    /// Revoke the kept sign-in without forgetting it
    #[command(after_long_help = "JSON keys: done")]
    Revoke,
}

/// `account use`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("where").required(true).args(["line", "this_computer"]))]
pub struct UseArgs {
    /// The settings line; it holds no secret
    pub line: Option<String>,
    /// Use no account; a sign-in stays in the keyring
    #[arg(long)]
    pub this_computer: bool,
}

/// `account remote`
#[derive(Debug, Args)]
pub struct RemoteArgs {
    /// Address of the server; nothing means AWS
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// Region; many servers take any
    #[arg(long, value_name = "R", default_value = "us-east-1")]
    pub region: String,
    /// Bucket
    #[arg(long, value_name = "NAME")]
    pub bucket: String,
    /// Name the bucket in the path rather than in the host name
    #[arg(long)]
    pub path_style: bool,
    /// A profile of the AWS configuration files, instead of keys
    #[arg(long, value_name = "P")]
    pub profile: Option<String>,
    /// First part of every key
    #[arg(long, value_name = "PREFIX", default_value = crate::domain::account::DEFAULT_PREFIX)]
    pub prefix: String,
}

/// Whose account it is.
#[derive(Debug, Args)]
pub struct EmailArgs {
    /// E-mail address; read from the terminal or standard input where it is not given
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
}

/// `account confirm`
#[derive(Debug, Args)]
pub struct ConfirmArgs {
    /// E-mail address; read from the terminal or standard input where it is not given
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<String>,
    /// Have the code sent again instead
    #[arg(long)]
    pub resend: bool,
}

/// `account sign-in`
#[derive(Debug, Args)]
pub struct SignInArgs {
    /// E-mail address; read from the terminal or standard input where it is not given
    #[arg(long, value_name = "ADDRESS", conflicts_with = "browser")]
    pub email: Option<String>,
    /// Sign in on the pool's page in the browser
    #[arg(long)]
    pub browser: bool,
}

/// `account mfa`
#[derive(Debug, Args)]
pub struct MfaArgs {
    /// Set an authenticator app up, remove it, or switch codes by e-mail or text message
    pub what: MfaArg,
}

/// What to do with a second proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MfaArg {
    /// Set up an authenticator app: shows its key and reads a code
    SetUp,
    /// Sign in without the authenticator app from now on
    Remove,
    /// Ask for a code by e-mail
    EmailOn,
    /// Ask for no code by e-mail
    EmailOff,
    /// Ask for a code by text message
    SmsOn,
    /// Ask for no code by text message
    SmsOff,
    /// Show what is switched on
    Status,
}

/// `account sign-out`
#[derive(Debug, Args)]
pub struct SignOutArgs {
    /// Sign out on every computer
    #[arg(long)]
    pub everywhere: bool,
}

/// `account token`
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// Which
    #[arg(long)]
    pub show: Option<TokenArg>,
    /// What else to do with the tokens
    #[command(subcommand)]
    pub command: Option<TokenCommand>,
}

/// A token that may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TokenArg {
    /// For the user's own calls to the pool
    Access,
    /// Says who the user is
    Id,
}

/// The same as `account refresh` and `account revoke`.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum TokenCommand {
    /// Fetch new tokens now
    Refresh,
    /// Revoke the kept sign-in without forgetting it
    Revoke,
}
