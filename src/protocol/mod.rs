//! The only language between the window (or a sub-command) and the engine: commands in, events out.
//!
//! Nothing here knows egui or an engine. The sender of events wakes its receiver through a closure, so the window is
//! drawn again without anybody waiting. Progress is the latest value of each operation, not a queue of all of them.

mod account;
mod channel;
mod command;
mod error;
mod event;
mod people;
mod printing;
mod progress;
mod tagging;

pub use account::{
    AccountAnswer, AccountAsk, ChallengeAnswer, Check, CheckState, ConnectionReport, DELETE_WORDS, NewPlace,
};
pub use channel::{Commands, EngineEnd, Events, WindowEnd, channel};
pub use command::{
    Command, DownloadOrder, IngestOrder, RestoreTo, Scope, ShareOrder, ThumbKey, ThumbWish, VerifyLevel,
};
pub use error::{ErrorCode, ItemFailure, UserError};
pub use event::{
    Arrival, DownloadReport, Event, ImportReport, IngestReport, LibraryState, OpReport, Pixels, ShareReport,
    SidecarConflict, SidecarReport, StoreReport, ThumbStage, UndoState, VaultState, VerifyReport,
};
pub use people::{FacesOf, ForgetReport, LookOrder, LookReport, PeopleAnswer, PeopleAsk, PeopleState};
pub use printing::{MissingOriginals, PrintAnswer, PrintAsk, PrintDesk, PrintOrder, PrintReport};
pub use progress::{OpId, OpKind, Phase, Progress, ProgressBoard};
pub use tagging::{TagOrder, TagReport, TaggingState};
