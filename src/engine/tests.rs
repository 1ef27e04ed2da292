//! Tests of whole operations.
