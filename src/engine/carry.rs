//! Carrying versions over from the vault that was used before.
//!
//! A new vault is filled from the originals. What no original has any more (older versions, photos whose file was
//! overwritten or is gone) only the vault before has; it is brought over from there, oldest first, before anything
//! else is stored, and until that has worked the run says so.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use super::backup::Run;
use super::errors::io_words;
use super::parts::Engine;
use super::send::{Sent, send};
use crate::catalog::{PendingUpload, ReceiptRow, UploadState, VersionNum};
use crate::files::fingerprint;
use crate::protocol::{ItemFailure, UserError};
use crate::store::{ObjectStore as _, Vault};

/// Setting with the vaults to be carried over: a line each, name in the catalogue, tab, folder.
const SETTING: &str = "carry_from";
const PAGE: usize = 512;

impl Engine {
    /// Remembers, before another vault is used, that the present one may have what no original has.
    pub(super) async fn remember_to_carry(&self, next: &str) -> Result<(), UserError> {
        let Some(present) = self.vault_name().await? else { return Ok(()) };
        let line = format!("{present}\t{}", self.vault_dir().display());
        let next = next.to_owned();
        self.write_carry_list(move |list| {
            list.retain(|(name, _)| *name != next && *name != present);
            if present != next {
                list.extend(parse(&line));
            }
        })
        .await
    }

    pub(super) async fn carry_list(&self) -> Result<Vec<(String, PathBuf)>, UserError> {
        Ok(self.read(|reader| reader.setting(SETTING)).await?.map_or_else(Vec::new, |text| parse(&text)))
    }

    async fn write_carry_list(&self, change: impl FnOnce(&mut Vec<(String, PathBuf)>) + Send) -> Result<(), UserError> {
        let mut list = self.carry_list().await?;
        change(&mut list);
        let lines: Vec<_> = list.iter().map(|(name, dir)| format!("{name}\t{}", dir.display())).collect();
        self.write(move |writer| writer.set_setting(SETTING, &lines.join("\n"))).await
    }
}

fn parse(text: &str) -> Vec<(String, PathBuf)> {
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    pairs.map(|(name, dir)| (name.to_owned(), PathBuf::from(dir))).collect()
}

impl Run<'_> {
    /// Brings over what only vaults used before have.
    pub(super) async fn carry_over(&mut self) -> Result<(), UserError> {
        for (name, dir) in self.engine.carry_list().await? {
            if self.cancel.is_cancelled() {
                return Ok(());
            }
            let wanted = self.only_there(&name).await?;
            if wanted.is_empty() {
                self.engine.write_carry_list(|list| list.retain(|(other, _)| *other != name)).await?;
                continue;
            }
            let place = dir.clone();
            let opened = self.engine.0.parts.quick.run(move || Vault::open(&place, false)).await;
            match opened {
                Ok(vault) if format!("vault-{}", vault.id()) == name => {
                    let failed = self.carry_from(&vault, wanted).await?;
                    if failed.is_empty() && !self.cancel.is_cancelled() {
                        self.engine.write_carry_list(|list| list.retain(|(other, _)| *other != name)).await?;
                    }
                    self.left_behind.extend(failed);
                }
                _ => self.left_behind.push(ItemFailure {
                    path: dir.display().to_string(),
                    why: format!(
                        "{} versions are only in the vault used before; connect its disk, and they are brought over",
                        wanted.len()
                    ),
                }),
            }
        }
        Ok(())
    }

    /// Receipts of another vault for versions that this one neither has nor waits for.
    async fn only_there(&self, other: &str) -> Result<Vec<ReceiptRow>, UserError> {
        let mut here: HashSet<VersionNum> = HashSet::new();
        let mut after = None;
        loop {
            let name = self.to.name.clone();
            let page = self.engine.read(move |reader| reader.receipts(&name, after, PAGE)).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.version);
            here.extend(page.iter().map(|row| row.version));
        }
        after = None;
        loop {
            let page = self.page(None, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.version);
            here.extend(page.iter().filter(|item| !item.paths.is_empty()).map(|item| item.version));
        }
        let mut only = Vec::new();
        after = None;
        loop {
            let name = other.to_owned();
            let page = self.engine.read(move |reader| reader.receipts(&name, after, PAGE)).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.version);
            only.extend(page.into_iter().filter(|row| !here.contains(&row.version)));
        }
        Ok(only)
    }

    async fn carry_from(&mut self, from: &Vault, rows: Vec<ReceiptRow>) -> Result<Vec<ItemFailure>, UserError> {
        let ulid = self.engine.ulid();
        let (batch, name, now) = (ulid.clone(), self.to.name.clone(), self.engine.now());
        self.engine.write(move |writer| writer.open_batch(&batch, &name, now)).await?;
        let mut failed = Vec::new();
        for row in rows {
            if self.cancel.is_cancelled() {
                break;
            }
            let path = row.path.as_ref().map_or_else(|| row.receipt.key.0.clone(), |path| path.display().to_string());
            let whose = format!("version {} could not be brought over from the vault used before", row.number);
            if let Err(why) = self.carry_one(from, &row, &ulid).await? {
                failed.push(ItemFailure { path, why: format!("{whose} ({why})") });
            }
        }
        self.report.batch = Some(ulid.clone());
        self.write_segments(&ulid, true).await?;
        Ok(failed)
    }

    /// One version, through a file of its own beside the catalogue; why not, in words.
    async fn carry_one(&mut self, from: &Vault, row: &ReceiptRow, ulid: &str) -> Result<Result<(), String>, UserError> {
        let mut bytes = match from.read(&row.receipt.key, Some(&row.receipt.version)).await {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let staged = Staged(self.engine.dir().join(format!(".carried-{}", self.engine.ulid())));
        let (files, path) = (self.engine.0.parts.files.clone(), staged.0.clone());
        let copied = self.engine.0.parts.quick.run(move || -> io::Result<_> {
            files.create_new(&path, &mut bytes)?;
            fingerprint(&mut files.open(&path)?)
        });
        match copied.await {
            Err(error) => return Ok(Err(io_words(&error))),
            Ok(seen) if seen != row.receipt.fingerprint => {
                return Ok(Err("its bytes are damaged there".to_owned()));
            }
            Ok(_) => {}
        }
        let item = PendingUpload {
            version: row.version,
            asset: row.asset,
            kind: row.kind,
            photo: row.photo,
            seat: None,
            key: row.receipt.key.clone(),
            fingerprint: row.receipt.fingerprint,
            mtime: row.receipt.mtime,
            paths: vec![staged.0.clone()],
            state: UploadState::Queued,
            batch: Some(ulid.to_owned()),
            tries: 0,
            class: None,
            renew: false,
            previous: None,
        };
        match send(self.engine, &self.to, &item, None).await {
            Sent::Proved(receipt) => {
                let (name, batch, version) = (self.to.name.clone(), ulid.to_owned(), row.version);
                self.engine.write(move |writer| writer.record_receipts(&name, &batch, &[(version, receipt)])).await?;
                self.report.stored += 1;
                Ok(Ok(()))
            }
            Sent::Not(UploadState::NeedsYou { why } | UploadState::Waiting { why, .. }) => Ok(Err(why)),
            Sent::Refused(why) => Ok(Err(why)),
            Sent::Not(UploadState::Queued) | Sent::Changed(_) => Ok(Err("it changed meanwhile".to_owned())),
            Sent::Stop(error) => Err(error),
        }
    }
}

/// A file that is gone when this is.
struct Staged(PathBuf);

impl Drop for Staged {
    fn drop(&mut self) {
        let path: &Path = &self.0;
        let _ = std::fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_vaults_reads_back() {
        let text = "vault-A\t/media/a b\nvault-B\t/c";
        let expected = [("vault-A".to_owned(), "/media/a b".into()), ("vault-B".to_owned(), PathBuf::from("/c"))];
        assert_eq!(parse(text), expected);
        assert_eq!(parse(""), []);
    }
}
