//! The words of `lightkeep cloud`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

/// `cloud`
#[derive(Debug, Args)]
pub struct CloudArgs {
    /// What to do
    #[command(subcommand)]
    pub command: CloudCommand,
}

/// What to do with the stack.
#[derive(Debug, Subcommand)]
pub enum CloudCommand {
    /// Create or update everything that Lightkeep needs in your AWS account
    ///
    /// Shows every change and what it costs a month, and does nothing before you type `yes`.
    #[command(after_long_help = DEPLOY_HELP)]
    Deploy(DeployArgs),
    /// Print the settings to hand to family or colleagues, as one line and as a QR code
    #[command(after_long_help = "Nothing in it is secret; whoever has it may sign up where sign-up is open.\n\nJSON \
                                 keys: line, region, user_pool, client, identity_pool, bucket, bucket_owner, login, \
                                 password[min_length, upper, lower, digit, symbol]")]
    Show(WhereArgs),
    /// Check every assumption on the live account, and name the fix for what is not as it should be
    #[command(after_long_help = "Changes nothing. Exit code 1 where something is bad.\n\nJSON keys: good, bad, \
                                 unknown, checks[id, what, state, why, fix]\nstate: good, bad or unknown.")]
    Doctor(WhereArgs),
    /// Remove it all again; refuses while the bucket holds anything
    ///
    /// Asks you to type the stack's name. Tables with rows and a pool with users stay and are named.
    #[command(after_long_help = "JSON keys: deleted, kept[what, why, command]")]
    Remove(RemoveArgs),
}

const DEPLOY_HELP: &str = "Uses your own AWS credentials, found as AWS's own tools find them. Options that are not \
given stay as they were deployed before.\n\nExamples:\n  lightkeep cloud deploy --region eu-central-1\n  lightkeep \
cloud deploy --profile home --sign-up closed --password-policy 16uld\n\nJSON keys: outcome, changes[action, part, \
kind, replaces], cost[empty_month, month, once, as_of, region], line\noutcome: created, updated or unchanged; cost in \
US dollars, month and once for 10,000 photos of 8 MB.";

/// Which stack, with whose credentials.
#[derive(Debug, Clone, Args)]
pub struct WhereArgs {
    /// A profile of your AWS configuration
    #[arg(long, value_name = "P")]
    pub profile: Option<String>,
    /// AWS region [default: the one of your AWS configuration]
    #[arg(long, value_name = "R")]
    pub region: Option<String>,
    /// Name of the stack
    #[arg(long, value_name = "N", default_value = "lightkeep")]
    pub name: String,
    /// Another address than AWS's own, such as a stand-in server on this computer
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url)]
    pub endpoint: Option<String>,
}

/// `cloud deploy`
#[derive(Debug, Args)]
pub struct DeployArgs {
    /// Which stack
    #[command(flatten)]
    pub place: WhereArgs,
    /// Go on without asking
    #[arg(long)]
    pub yes: bool,
    /// Put back whatever was changed by other hands since
    #[arg(long)]
    pub repair: bool,
    /// Another template, made from Lightkeep's own
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub template: Option<PathBuf>,
    /// Whether whoever has the settings line may sign up [default: open]
    #[arg(long, value_name = "WHO")]
    pub sign_up: Option<SignUpArg>,
    /// E-mail domains that may sign up, separated by commas; "" is any [default: ""]
    #[arg(long, value_name = "DOMAINS")]
    pub allow_domains: Option<String>,
    /// Length (8 10 12 14 16 20 24 32), then u upper, l lower, d digit, s symbol [default: 12uld]
    #[arg(long, value_name = "POLICY")]
    pub password_policy: Option<String>,
    /// Second factor by e-mail; needs --email-from and --email-identity [default: off]
    #[arg(long, value_name = "ON")]
    pub email_codes: Option<SwitchArg>,
    /// Sender of mails, verified in Amazon SES [default: Cognito's own, 50 mails a day]
    #[arg(long, value_name = "ADDRESS")]
    pub email_from: Option<String>,
    /// The SES identity (ARN) of that sender
    #[arg(long, value_name = "ARN")]
    pub email_identity: Option<String>,
    /// Second factor by text message; each costs money [default: off]
    #[arg(long, value_name = "ON")]
    pub sms_codes: Option<SwitchArg>,
    /// Design of the sign-in pages in the browser [default: managed]
    #[arg(long, value_name = "DESIGN")]
    pub login_pages: Option<PagesArg>,
    /// First part of the address of the sign-in pages [default: made up]
    #[arg(long, value_name = "PREFIX")]
    pub login_prefix: Option<String>,
}

/// `cloud remove`
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Which stack
    #[command(flatten)]
    pub place: WhereArgs,
    /// The stack's name once more, instead of typing it
    #[arg(long, value_name = "N")]
    pub confirm: Option<String>,
}

/// Who may sign up.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SignUpArg {
    /// Whoever has the settings line
    Open,
    /// Only users that you create
    Closed,
}

/// On or off.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SwitchArg {
    /// On
    On,
    /// Off
    Off,
}

/// A design of the sign-in pages.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PagesArg {
    /// Managed login
    Managed,
    /// The classic hosted pages
    Classic,
}
