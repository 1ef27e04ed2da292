//! Printers and their jobs, as the desk asks for them.

use super::parts::Engine;
use crate::protocol::{ErrorCode, PrintAnswer, PrintAsk, UserError};

impl Engine {
    /// Asks the printers.
    pub(super) async fn ask_printers(&self, ask: PrintAsk) -> Result<PrintAnswer, UserError> {
        match ask {
            PrintAsk::Printers => Ok(PrintAnswer::Printers(Vec::new())),
            _ => Err(UserError::new(ErrorCode::NotFound, "there is no printer")),
        }
    }
}
