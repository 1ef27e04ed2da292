//! Bytes out of stores, believed only as far as they are what a receipt says.

use std::io::{self, Read};

use super::errors::store_error;
use super::parts::Engine;
use super::stores::{OpenedStore, shown_store};
use crate::domain::{Fingerprint, Receipt, StoreReceipt};
use crate::files::Fingerprinter;
use crate::protocol::{ErrorCode, UserError};
use crate::store::StoreError;

/// Passes bytes on and holds them against what they must be: the last of them is only given where all are right.
pub(super) struct Checked {
    from: Box<dyn Read + Send>,
    expected: Fingerprint,
    seen: Option<Fingerprinter>,
    left: u64,
}

impl Checked {
    pub fn new(from: Box<dyn Read + Send>, expected: Fingerprint) -> Self {
        Self { from, expected, seen: Some(Fingerprinter::new()), left: expected.size }
    }

    fn end(&mut self) -> io::Result<()> {
        let Some(seen) = self.seen.take() else { return Ok(()) };
        let mut beyond = [0];
        let more = self.left == 0 && self.from.read(&mut beyond)? > 0;
        if more || seen.finish() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its bytes are not those that were stored"));
        }
        Ok(())
    }
}

impl Read for Checked {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if to.is_empty() {
            return Ok(0);
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(to.len());
        let got = if most == 0 { 0 } else { self.from.read(&mut to[..most])? };
        if got == 0 {
            self.end()?;
            return Ok(0);
        }
        if let Some(seen) = &mut self.seen {
            seen.update(&to[..got]);
        }
        self.left -= got as u64;
        Ok(got)
    }
}

/// Whether a fault lies in the bytes that a store gave, and not where they are written to.
pub(super) fn is_damage(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData
}

impl Engine {
    /// The places where a content can be read: stores that can be used now, in their order (the vault first), those
    /// that a check found damaged last.
    pub(super) fn places<'a>(
        opened: &'a [(&'static str, Result<OpenedStore, UserError>)],
        receipts: &[StoreReceipt],
    ) -> Vec<(&'a OpenedStore, Receipt)> {
        let mut places = Vec::new();
        for damaged in [false, true] {
            for (shown, opened) in opened {
                let Ok(opened) = opened else { continue };
                let here = |one: &&StoreReceipt| {
                    (one.store == opened.name || one.store == *shown) && one.damage.is_some() == damaged
                };
                places.extend(receipts.iter().find(here).map(|one| (opened, one.receipt.clone())));
            }
        }
        places
    }

    /// Why nothing can be read, where [`Engine::places`] is empty.
    pub(super) fn why_nowhere(
        opened: &[(&'static str, Result<OpenedStore, UserError>)],
        receipts: &[StoreReceipt],
    ) -> UserError {
        let has = |shown: &str| receipts.iter().any(|one| shown_store(&one.store) == shown || one.store == shown);
        let away = opened.iter().filter(|(shown, _)| has(shown)).find_map(|(_, opened)| opened.as_ref().err());
        away.cloned().unwrap_or_else(|| UserError::new(ErrorCode::NotFound, "no store of this library has it"))
    }

    /// The first place whose bytes are all right, read once to prove it; with how to read them again.
    ///
    /// # Errors
    /// Why not, of the last place that was tried.
    pub(super) async fn proved_place(&self, receipts: &[StoreReceipt]) -> Result<(OpenedStore, Receipt), UserError> {
        let opened = self.stores_ready().await;
        let mut why = Self::why_nowhere(&opened, receipts);
        for (place, receipt) in Self::places(&opened, receipts) {
            match place.store.read(&receipt.key, Some(&receipt.version)).await {
                Err(error @ StoreError::NotFound { .. }) => {
                    why = UserError::new(ErrorCode::Corrupt, format!("the stored version is missing: {}", receipt.key));
                    tracing::warn!("{error}");
                }
                Err(error) => why = store_error(&error),
                Ok(bytes) => {
                    let mut checked = Checked::new(bytes, receipt.fingerprint);
                    let read = move || io::copy(&mut checked, &mut io::sink());
                    match self.0.parts.quick.run(read).await {
                        Ok(_) => return Ok((place.clone(), receipt)),
                        Err(error) if is_damage(&error) => {
                            why = UserError::new(
                                ErrorCode::Corrupt,
                                format!("the stored version is damaged: {}", receipt.key),
                            );
                        }
                        Err(error) => {
                            why = UserError::new(
                                ErrorCode::Corrupt,
                                format!("the stored version cannot be read ({error}): {}", receipt.key),
                            );
                        }
                    }
                }
            }
        }
        if why.code == ErrorCode::Corrupt {
            why = why.hint("`lightkeep verify --level 3` lists everything that is damaged. Nothing was written.");
        }
        Err(why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::fingerprint_bytes;

    fn read(bytes: &[u8], expected: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        let from = Box::new(io::Cursor::new(bytes.to_vec()));
        Checked::new(from, fingerprint_bytes(expected)).read_to_end(&mut out).map(|_| out)
    }

    #[test]
    fn only_the_right_bytes_come_through_to_their_end() {
        for right in [&b""[..], b"1", b"some bytes"] {
            assert_eq!(read(right, right).unwrap(), right);
        }
        for wrong in [&b""[..], b"some byte", b"some bytes and more", b"some bytez"] {
            assert!(is_damage(&read(wrong, b"some bytes").unwrap_err()), "{wrong:?}");
        }
    }
}
