//! Lightkeep: reads the arguments, and starts the window or one sub-command.

use std::process::ExitCode;

use lightkeep::cli::{self, Parsed};

fn main() -> ExitCode {
    match cli::run(std::env::args_os().collect()) {
        Parsed::Done(code) => code,
        Parsed::Window(_) => ExitCode::from(2),
    }
}
