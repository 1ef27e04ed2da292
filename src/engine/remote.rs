//! The remote store of the account: its names, and how it is made.

use std::sync::Arc;

use super::parts::Engine;
use crate::account::S3Place;
use crate::domain::account::{Place, Session};
use crate::store::s3::{S3, S3Options};
use crate::store::traffic::Traffic;
use crate::store::{ObjectStore, Parts, StoreError};

/// Its name in the catalogue, its name for people, and a line for people that says where it is.
pub(super) fn names(place: &S3Place, account: &Place) -> (String, &'static str, String) {
    let whole = format!("{}/{}", place.bucket, place.prefix);
    match account {
        Place::Remote(remote) => {
            let host = remote.endpoint.as_deref().unwrap_or("aws");
            (format!("s3-{host}/{whole}"), "s3", whole)
        }
        _ => (format!("aws-{whole}"), "aws", whole),
    }
}

/// Opens it, and looks whether it is as it must be.
pub(super) async fn open(
    place: S3Place,
    shown: &'static str,
    traffic: &Arc<Traffic>,
    parts: Parts,
) -> Result<Arc<dyn ObjectStore>, StoreError> {
    let options = S3Options {
        config: place.config,
        path_style: place.path_style,
        bucket: place.bucket,
        owner: place.owner,
        prefix: place.prefix,
        name: shown.to_owned(),
    };
    let store = S3::new(options, traffic.clone(), parts);
    store.check().await?;
    Ok(Arc::new(store))
}

impl Engine {
    /// Opens the remote store anew whenever the account becomes another one, and says when it can be used.
    pub(super) async fn follow_account(&self, usable: impl Fn()) {
        let mut watch = self.account().watch();
        let mut known = { watch.borrow_and_update().place.clone() };
        let mut was_in = false;
        while watch.changed().await.is_ok() {
            let (place, is_in) = {
                let state = watch.borrow_and_update();
                // An S3-compatible server has keys, not a session.
                let is_in = matches!(state.session, Session::SignedIn(_)) || matches!(state.place, Place::Remote(_));
                (state.place.clone(), is_in)
            };
            let moved = bucket_of(&place) != bucket_of(&known);
            // Whoever signs in may be somebody else, with a prefix of their own.
            if moved || was_in != is_in {
                self.forget_remote().await;
            }
            if is_in && (moved || !was_in) {
                usable();
            }
            (known, was_in) = (place, is_in);
        }
    }
}

/// What of a place says where photos go.
fn bucket_of(place: &Place) -> Option<(Option<&str>, &str, &str)> {
    match place {
        Place::ThisComputer => None,
        Place::Aws(aws) => Some((aws.endpoints.s3.as_deref(), &aws.bucket, &aws.user_pool)),
        Place::Remote(remote) => Some((remote.endpoint.as_deref(), &remote.bucket, &remote.prefix)),
    }
}
