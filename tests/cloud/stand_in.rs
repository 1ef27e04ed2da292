//! The stand-in itself: it answers, forgets, and ends with the test.

use crate::common::servers::{Ministack, request};
use crate::common::until;

#[test]
fn it_starts_answers_and_ends_with_its_value() {
    let server = Ministack::start();
    let port = server.endpoint().rsplit(':').next().unwrap().parse().unwrap();
    assert!(server.mails().is_empty());
    server.reset();
    assert!(server.confirmation_codes("ann@example.org").is_empty());
    drop(server);
    until("nobody answers any more", || request(port, "GET", "/_ministack/health").is_none());
}
