//! The delete: the current object moves among the old versions, and a line says that there is none now.

use std::fs;

use super::index::{DirIndex, Record};
use super::look::{Current, later};
use super::place::archive;
use super::steps::Step;
use super::{Core, Place};
use crate::domain::{ObjectKey, VersionId};
use crate::files::durable::sync_dir;
use crate::store::StoreError;

impl Core {
    /// Puts a delete marker on top; its name, or `None` where there is nothing current.
    pub fn delete(&self, key: &ObjectKey) -> Result<Option<VersionId>, StoreError> {
        let place = self.place(key)?;
        let marker = self.ulids.next(&self.parts);
        self.alone(&place, |index| {
            // Looked at before the record is made, so that a key that never was leaves no trace.
            if self.current(&place, index)? == Current::Absent {
                return Ok(None);
            }
            self.mark(&place, index, marker)
        })
    }

    fn mark(&self, place: &Place, index: &mut DirIndex, marker: ulid::Ulid) -> Result<Option<VersionId>, StoreError> {
        let failed = |error| self.fault("deleting in the vault", &place.path, 0, error);
        self.check_present()?;
        let held = index.hold().map_err(failed)?;
        let (record, is_there) = match self.current(place, index)? {
            Current::Absent => return Ok(None),
            Current::Displaced(record) => (record, false),
            Current::Recorded(record) => (record, true),
            Current::Unknown => {
                // It gets its line first: it is a version like any other, and can be brought back.
                let (record, has_line) = self.identify(place, index)?;
                if !has_line {
                    self.adopt(place, index, &held, &record).map_err(failed)?;
                }
                (record, true)
            }
        };
        let old = place.version_path(&record.version);
        self.steps.reach(Step::Archive).map_err(failed)?;
        if is_there {
            archive(&place.path, &old).map_err(failed)?;
        }
        let version = later(marker, index.records(&place.name));
        let line = Record { version: version.clone(), stored_at: (self.parts.clock)(), deleted: true, ..record };
        if let Err(error) = index.append(&held, &line, &self.steps) {
            // Still the current version as it is, but tidier where other programs look for it.
            if is_there && !self.steps.crashed() {
                let _ = fs::rename(old, &place.path);
            }
            return Err(failed(error));
        }
        let synced = self.steps.reach(Step::SyncFolder).and_then(|()| match is_there {
            true => sync_dir(&self.parent(place)),
            false => Ok(()),
        });
        synced.map_err(failed)?;
        self.steps.reach(Step::Answer).map_err(failed)?;
        Ok(Some(version))
    }
}
