//! The steps of a put, named so that tests can stop, fail or tamper before each of them.

use std::io;

/// What a put is about to do, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Create the temporary file.
    Create,
    /// Copy the bytes into it.
    Copy,
    /// Sync it to the disk.
    Sync,
    /// Read it back and compare.
    ReadBack,
    /// Move the current file among the old versions.
    Archive,
    /// Give the temporary file its name.
    Rename,
    /// Sync the folder.
    SyncFolder,
    /// Append the line to the record.
    Append,
    /// Sync the record.
    SyncRecord,
    /// Answer.
    Answer,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 10] = [
        Self::Create,
        Self::Copy,
        Self::Sync,
        Self::ReadBack,
        Self::Archive,
        Self::Rename,
        Self::SyncFolder,
        Self::Append,
        Self::SyncRecord,
        Self::Answer,
    ];
}

/// What a test makes of a step.
#[cfg(any(test, feature = "testing"))]
#[derive(Debug)]
pub enum Interruption {
    /// The step fails like this.
    Fail(io::Error),
    /// The process ends here: nothing is tidied up.
    Crash,
}

/// What tests hang in: called before each step.
#[cfg(any(test, feature = "testing"))]
pub type Hook = std::sync::Arc<dyn Fn(Step) -> Result<(), Interruption> + Send + Sync>;

/// The hook, where there are tests; nothing at all in a release build.
#[derive(Default)]
pub struct Steps {
    #[cfg(any(test, feature = "testing"))]
    pub(super) hook: Option<Hook>,
    #[cfg(any(test, feature = "testing"))]
    crashed: std::sync::atomic::AtomicBool,
}

impl Steps {
    /// Says that a step comes next.
    pub(super) fn reach(&self, step: Step) -> io::Result<()> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(hook) = &self.hook {
            return hook(step).map_err(|interruption| match interruption {
                Interruption::Fail(error) => error,
                Interruption::Crash => {
                    self.crashed.store(true, std::sync::atomic::Ordering::SeqCst);
                    io::Error::other("crashed")
                }
            });
        }
        let _ = step;
        Ok(())
    }

    /// Whether the process is taken for dead, so that nothing may be tidied up any more.
    pub(super) fn crashed(&self) -> bool {
        #[cfg(any(test, feature = "testing"))]
        return self.crashed.load(std::sync::atomic::Ordering::SeqCst);
        #[cfg(not(any(test, feature = "testing")))]
        false
    }
}

impl std::fmt::Debug for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Steps").finish_non_exhaustive()
    }
}
