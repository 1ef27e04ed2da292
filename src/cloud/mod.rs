//! Building, checking and removing what Lightkeep needs in somebody's AWS account.
//!
//! Everything here but [`bucket`] runs with the owner's own AWS credentials, never with those of a person who signed
//! in. The template
//! (`packaging/aws/template.yaml`) is part of the program; nothing is ever changed but through CloudFormation, with a
//! change set that its owner saw first. The one exception is [`remove`], which ends what the template keeps on purpose.

mod account;
pub mod bucket;
mod deploy;
pub mod doctor;
mod error;
mod keeping;
mod policy;
mod prices;
mod remove;
mod settings;
mod stack;
mod template;

pub use account::Account;
pub use deploy::{Change, Outcome, Plan, Wish, deploy};
pub use error::{CloudError, CloudTrouble};
pub use keeping::{Whose, keeping};
pub use prices::{Estimate, estimate, image_prices};
pub use remove::{Removed, remove};
pub use settings::settings;
pub use stack::Step;
pub use template::{Parameter, TEMPLATE};
