//! Lightkeep: reads the arguments, and starts the window or one sub-command.

use std::process::ExitCode;

use lightkeep::app::{self, Launch};
use lightkeep::cli::{self, Parsed};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    // A desktop hands over files without a sub-command.
    if let Some(import) = app::handed_over(&words) {
        return app::launch(Launch { import, ..Launch::default() });
    }
    match cli::run(words) {
        Parsed::Done(code) => code,
        Parsed::Window(arguments) => {
            app::launch(Launch { library: arguments.library, trace: arguments.trace, import: Vec::new() })
        }
    }
}
