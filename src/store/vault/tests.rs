//! The vault: the contract, then what only a folder has (crashes, tampering, other processes, disks that go away).

use super::*;
use crate::testing::conformance::Fresh;

crate::store_conformance!(Fresh::new(|dir| Vault::open(&dir, true).unwrap()));
