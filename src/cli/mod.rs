//! The same operations as in the window, as sub-commands, for scripts and for computers without a screen.
//!
//! With `--json` exactly one JSON object goes to standard output; progress always goes to standard error. Exit codes:
//! 0 all well, 1 some items failed (each listed), 2 wrong use, 3 failed, 4 another process is writing to the library.

mod account;
mod account_text;
pub mod args;
pub mod args_account;
pub mod args_card;
pub mod args_cloud;
pub mod args_keep;
pub mod args_people;
pub mod args_print;
pub mod args_printers;
pub mod args_sidecar;
pub mod args_stores;
mod args_tags;
mod ask;
mod cloud;
mod commands;
mod output;
mod progress;
mod qr;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Arguments, Command};
use output::{Answer, Output};

use crate::engine::{Mode, OpenOptions};
use crate::protocol::{ErrorCode, UserError, channel};

/// What the words of the command line ask for.
pub enum Parsed {
    /// The window, on this library.
    Window(Box<Arguments>),
    /// A sub-command that has run.
    Done(ExitCode),
}

/// Reads the command line and runs a sub-command, if there is one.
#[must_use]
pub fn run(words: Vec<OsString>) -> Parsed {
    let wants_json = words.iter().any(|word| word == "--json");
    let arguments = match Arguments::try_parse_from(&words) {
        Ok(arguments) => arguments,
        Err(error) => return Parsed::Done(wrong_words(&error, wants_json)),
    };
    let output = Output { json: arguments.json };
    if let Some(Command::Completions { shell }) = &arguments.command {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut Arguments::command(), "lightkeep", &mut script);
        output::print(&script);
        return Parsed::Done(ExitCode::SUCCESS);
    }
    if arguments.command.is_none() {
        return Parsed::Window(Box::new(arguments));
    }
    let answer = match arguments {
        // It works on an account, not on a library.
        Arguments { command: Some(Command::Cloud(cloud)), trace, .. } => cloud::run(cloud, trace.as_deref()),
        arguments => run_command(arguments),
    };
    Parsed::Done(match answer {
        Ok(answer) => output.show(&answer),
        Err(error) => output.fail(&error),
    })
}

/// Clap's own words: help and version are no error, everything else is wrong use.
fn wrong_words(error: &clap::Error, json: bool) -> ExitCode {
    if !error.use_stderr() {
        output::print(error.render().to_string().as_bytes());
        return ExitCode::SUCCESS;
    }
    if json {
        let text = error.to_string();
        let line = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let error = UserError::new(ErrorCode::Usage, line).hint("`lightkeep --help` lists the sub-commands.");
        return Output { json }.fail(&error);
    }
    output::complain(error.render().to_string().trim_end());
    ExitCode::from(2)
}

fn run_command(arguments: Arguments) -> Result<Answer, UserError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("lightkeep")
        .build()
        .map_err(|error| UserError::new(ErrorCode::Failed, format!("no threads could be started ({error})")))?;
    let answer = runtime.block_on(async {
        let Some(command) = arguments.command else {
            return Err(UserError::new(ErrorCode::Usage, "no sub-command was given"));
        };
        let mut options = OpenOptions { library: arguments.library, mode: mode(&command) };
        let command = match command {
            Command::Account(args) => {
                crate::trace::start(None, arguments.trace.as_deref()).map_err(|error| trace_error(&error))?;
                return account::run(&options, args).await;
            }
            other => other,
        };
        let dir = options.dir()?;
        // Reading an absent library finds an empty one, which is what `import` would start from.
        if options.mode == Mode::Read && !dir.join("catalog.db").exists() {
            options.mode = Mode::Write;
        }
        let (mut window, engine_end, _commands) = channel(std::sync::Arc::new(|| {}));
        let log = (options.mode == Mode::Write).then_some(dir.as_path());
        crate::trace::start(log, arguments.trace.as_deref()).map_err(|error| trace_error(&error))?;
        let is_check = matches!(command, Command::Verify(_));
        let engine = match crate::engine::open(&options, engine_end.clone()).await {
            // A check beside another process that writes, or on a disk that cannot be written, says what it finds,
            // although it cannot write it down.
            Err(error) if is_check && matches!(error.code, ErrorCode::Busy | ErrorCode::Unavailable) => {
                options.mode = Mode::Read;
                crate::engine::open(&options, engine_end).await?
            }
            opened => opened?,
        };
        // Events are for windows; here only progress is shown.
        let drain = tokio::spawn(async move { while window.events.next().await.is_some() {} });
        let bar = progress::show(window.progress.clone());
        let answer = commands::run(&engine, command).await;
        if options.mode == Mode::Write {
            engine.index_some_older().await;
        }
        bar.stop().await;
        drain.abort();
        engine.put_away().await;
        answer
    });
    // Threads that still wait for a disk do not hold the answer back.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    answer
}

fn trace_error(error: &std::io::Error) -> UserError {
    UserError::new(ErrorCode::Unavailable, format!("the trace file cannot be made ({error})"))
}

/// Which commands write, and so need the lock.
fn mode(command: &Command) -> Mode {
    match command {
        Command::Import(_)
        | Command::Tag(_)
        | Command::Rate(_)
        | Command::Undo
        | Command::Store(_)
        | Command::Ingest(_)
        | Command::Sidecar(_)
        | Command::OpenStore(_)
        | Command::Delete(_)
        | Command::Undelete(_) => Mode::Write,
        Command::People(people) if people.command.as_ref().is_some_and(args_people::PeopleCommand::writes) => {
            Mode::Write
        }
        Command::Tags(tags) if !matches!(tags.command, args_tags::TagsCommand::Tree) => Mode::Write,
        Command::Search(search) if search.save.is_some() || search.forget.is_some() => Mode::Write,
        Command::Stores(stores) if !matches!(stores.command, None | Some(args_stores::StoresCommand::List)) => {
            Mode::Write
        }
        Command::Verify(verify) if !verify.reports => Mode::Write,
        Command::Vault(vault) if vault.dir.is_some() => Mode::Write,
        Command::Restore(restore) if restore.in_place => Mode::Write,
        _ => Mode::Read,
    }
}
