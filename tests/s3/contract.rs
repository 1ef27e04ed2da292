//! The contract of all stores, sentence by sentence, against each server.

use lightkeep::store_conformance;
use lightkeep::testing::conformance::Fresh;

use crate::place::Place;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn weed_fulfils_the_contract() {
    let place = Place::weed().await;
    store_conformance!(at_once Fresh::far(place.store()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ministack_fulfils_the_contract() {
    let place = Place::ministack().await;
    store_conformance!(at_once Fresh::far(place.store()));
}
