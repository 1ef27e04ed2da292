//! Temporary AWS credentials: from the identity pool, from a profile, or from keys of one's own; one cache for all.

use std::time::{Duration, SystemTime};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_cognitoidentity::Client;

use super::error::{AccountError, Trouble};
use super::kept::KeptKeys;
use super::kept::KeptSignIn;
use super::person::{Account, Outcome, keyring_trouble};
use super::pool::{Purpose, trouble};
use crate::aws::{self, Fault, fault};
use crate::domain::account::{AwsSettings, Place, RemoteSettings, Session, SignedOut};
use crate::domain::{Secret, Timestamp};

/// Credentials are fetched again so long before they end, in milliseconds.
const BEFORE_END_MS: i64 = 5 * 60 * 1000;

/// Credentials in memory.
pub(super) struct Held {
    credentials: Credentials,
    /// By the service's clock.
    expires_at: Timestamp,
    /// The sign-in that they are of.
    generation: u64,
}

/// Where the person's photos are in S3, and with what to get there.
#[derive(Debug, Clone)]
pub struct S3Place {
    /// For an S3 client; holds the credentials' provider, not the credentials.
    pub config: SdkConfig,
    /// Whether the bucket is named in the path.
    pub path_style: bool,
    /// The bucket.
    pub bucket: String,
    /// Its owner's account id, where known.
    pub owner: Option<String>,
    /// First part of every key.
    pub prefix: String,
}

impl Account {
    /// Credentials that are good for a while yet: of the identity pool, by the enhanced flow (GetId,
    /// GetCredentialsForIdentity). The identity id is asked for once and remembered.
    ///
    /// # Errors
    /// Nobody is signed in, no network, or the identity pool refuses.
    pub async fn credentials(&self) -> Result<Credentials, AccountError> {
        let mut cache = self.0.credentials.lock().await;
        let now = self.now_there();
        let begun = self.begun()?;
        let good = |held: &&Held| held.generation == begun.generation && held.expires_at.0 - now > BEFORE_END_MS;
        if let Some(held) = cache.as_ref().filter(good) {
            return Ok(held.credentials.clone());
        }
        let settings = self.settings()?;
        let mut tokens = self.fresh_tokens().await?;
        let generation = begun.generation;
        let held = match self.ask_identity_pool(&settings, &tokens.id, generation).await {
            // An id token can end before its time, by a clock that jumped or a sign-out elsewhere.
            Err(error) if error.trouble == Trouble::SessionEnded => {
                tokens = self.refresh(true).await?;
                self.ask_identity_pool(&settings, &tokens.id, generation).await?
            }
            other => other?,
        };
        let credentials = held.credentials.clone();
        *cache = Some(held);
        Ok(credentials)
    }

    /// The time now by the service's clock, in ms, as far as it is known to differ.
    fn now_there(&self) -> i64 {
        self.now().0.saturating_sub(aws::clock_ahead_s().unwrap_or(0).saturating_mul(1000))
    }

    async fn ask_identity_pool(
        &self,
        settings: &AwsSettings,
        id_token: &Secret,
        generation: u64,
    ) -> Result<Held, AccountError> {
        let endpoint = settings.endpoints.identity_pools.as_ref().or(settings.endpoints.all.as_ref());
        let client = Client::new(&aws::config(&settings.region, endpoint.map(String::as_str), None));
        let issuer = settings.issuer();
        let login = issuer.trim_start_matches("https://").to_owned();
        let known = self.live().who.as_ref().and_then(|who| who.identity_id.clone());
        let identity = match known {
            Some(identity) => identity,
            None => {
                let call = client.get_id().identity_pool_id(&settings.identity_pool);
                let answer = call.logins(&login, id_token.expose()).send().await;
                let answer = answer.map_err(|error| refused(&fault(&error)).without(id_token.expose()))?;
                let plain = |id: &String| id.len() <= 128 && id.chars().all(|c| c.is_ascii_graphic() && c != '/');
                let id = answer.identity_id.filter(plain);
                let id = id.ok_or_else(|| AccountError::new(Trouble::BadAnswer("no identity id came".into())))?;
                self.learn_identity(&id, generation).await;
                id
            }
        };
        let call = client.get_credentials_for_identity().identity_id(&identity).logins(&login, id_token.expose());
        let answer = call.send().await.map_err(|error| refused(&fault(&error)).without(id_token.expose()))?;
        let missing = || AccountError::new(Trouble::BadAnswer("no credentials came".into()));
        let given = answer.credentials.ok_or_else(missing)?;
        let (access, secret) = (given.access_key_id.ok_or_else(missing)?, given.secret_key.ok_or_else(missing)?);
        let end_s = given.expiration.map_or(0, |end| end.secs());
        let expires_at = Timestamp(end_s.saturating_mul(1000));
        // The clients compare with this computer's clock.
        let end_here = expires_at.0.saturating_add(self.now().0.saturating_sub(self.now_there()));
        let end = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(end_here).unwrap_or(0));
        let credentials = Credentials::new(access, secret, given.session_token, Some(end), "lightkeep-identity-pool");
        Ok(Held { credentials, expires_at, generation })
    }

    /// Notes the identity id, in memory, in the keyring and in the settings.
    async fn learn_identity(&self, id: &str, generation: u64) {
        self.update_of(generation, |live| {
            if let Some(who) = &mut live.who {
                who.identity_id = Some(id.to_owned());
            }
            if let Session::SignedIn(shown) = &mut live.session {
                shown.identity_id = Some(id.to_owned());
            }
        });
        // Only the id is changed in what the keyring holds: another process may have put a newer token there.
        let _one = self.0.refreshing.lock().await;
        let Ok(begun) = self.begun() else { return };
        if !begun.to_keep || begun.generation != generation {
            return;
        }
        let _between_processes = begun.lock().await;
        if let Ok(Some(text)) = self.0.parts.keyring.get(&begun.entry).await
            && let Some(mut kept) = KeptSignIn::read(&text)
        {
            kept.who.identity_id = Some(id.to_owned());
            let _ = self.0.parts.keyring.set(&begun.entry, &kept.write()).await;
            self.remember_user(Some(kept.who.sub), Some(id.to_owned()));
        }
    }

    /// Looks whether the keyring gives the keys of an S3-compatible server.
    pub(super) async fn look_for_keys(&self, settings: &RemoteSettings) {
        if settings.profile.is_none() {
            let _ = self.remote_keys(settings).await;
        }
    }

    /// Where this person's photos are, and with what to get there.
    ///
    /// # Errors
    /// Nothing is set up, nobody is signed in, or the keyring does not give the keys.
    pub async fn s3(&self) -> Result<S3Place, AccountError> {
        let place = self.live().place.clone();
        match place {
            Place::ThisComputer => Err(AccountError::new(Trouble::WrongSettings("no remote store is set up".into()))),
            Place::Aws(settings) => {
                self.credentials().await?;
                let prefix = self.live().who.as_ref().and_then(|who| who.identity_id.clone());
                let prefix =
                    prefix.ok_or_else(|| AccountError::new(Trouble::BadAnswer("no identity id came".into())))?;
                let endpoint = settings.endpoints.s3.as_ref().or(settings.endpoints.all.as_ref());
                let provider = SharedCredentialsProvider::new(PoolCredentials(self.clone()));
                Ok(S3Place {
                    config: aws::config(&settings.region, endpoint.map(String::as_str), Some(provider)),
                    path_style: endpoint.is_some(),
                    bucket: settings.bucket,
                    owner: Some(settings.bucket_owner),
                    prefix,
                })
            }
            Place::Remote(settings) => self.remote(settings).await,
        }
    }

    /// How Rekognition is asked on this person's account; its region may be another one than the bucket's.
    ///
    /// # Errors
    /// Nothing is set up, nobody is signed in, the keyring does not give the keys, or the server is not Amazon's.
    pub async fn rekognition(&self) -> Result<SdkConfig, AccountError> {
        let place = self.live().place.clone();
        match place {
            Place::ThisComputer => Err(AccountError::new(Trouble::NotSetUp)),
            Place::Aws(settings) => {
                self.credentials().await?;
                let endpoint = settings.endpoints.rekognition.as_ref().or(settings.endpoints.all.as_ref());
                let provider = SharedCredentialsProvider::new(PoolCredentials(self.clone()));
                Ok(aws::config(&settings.region, endpoint.map(String::as_str), Some(provider)))
            }
            Place::Remote(settings) if settings.endpoint.is_some() => Err(AccountError::new(Trouble::BadInput(
                "an S3-compatible server has no Rekognition: photos are tagged on this computer".into(),
            ))),
            Place::Remote(settings) => Ok(self.remote(settings).await?.config),
        }
    }

    async fn remote(&self, settings: RemoteSettings) -> Result<S3Place, AccountError> {
        let endpoint = settings.endpoint.as_deref();
        let config = match &settings.profile {
            Some(profile) => aws::own_config(Some(profile), Some(&settings.region), endpoint).await,
            None => {
                let keys = self.remote_keys(&settings).await?;
                let keys =
                    Credentials::new(keys.access.expose(), keys.secret.expose(), None, None, "lightkeep-keyring");
                aws::config(&settings.region, endpoint, Some(SharedCredentialsProvider::new(keys)))
            }
        };
        Ok(S3Place {
            config,
            path_style: settings.path_style,
            bucket: settings.bucket,
            owner: None,
            prefix: settings.prefix,
        })
    }

    async fn remote_keys(&self, settings: &RemoteSettings) -> Result<KeptKeys, AccountError> {
        if let Some((access, secret)) = self.live().remote_keys.clone() {
            return Ok(KeptKeys { access, secret });
        }
        let kept = self.0.parts.keyring.get(&keys_entry(settings)).await;
        self.update(|live| match &kept {
            Err(problem) => live.session = Session::Keyring(problem.clone()),
            Ok(_) => live.session = Session::SignedOut(SignedOut::Plain),
        });
        let kept = kept.map_err(keyring_trouble)?;
        kept.and_then(|text| KeptKeys::read(&text)).ok_or_else(|| AccountError::new(Trouble::KeysMissing))
    }

    /// Uses an S3-compatible server from now on, with keys that go into the keyring.
    ///
    /// # Errors
    /// Where the keyring does not take the keys, they are used for this session, and the trouble is given back.
    pub async fn use_remote(
        &self,
        settings: RemoteSettings,
        keys: Option<(Secret, Secret)>,
    ) -> Result<Outcome, AccountError> {
        if settings.profile.is_none() && keys.is_none() {
            self.remote_keys(&settings).await.map_err(|error| match error.trouble {
                Trouble::KeysMissing => {
                    AccountError::new(Trouble::BadInput("the access key and its secret are missing".into()))
                }
                _ => error,
            })?;
        }
        if keys.as_ref().is_some_and(|(access, secret)| access.is_empty() || secret.is_empty()) {
            return Err(AccountError::new(Trouble::BadInput("the access key id or its secret is missing".into())));
        }
        self.use_place(Place::Remote(settings.clone()))?;
        let Some((access, secret)) = keys else { return Ok(Outcome::Done) };
        let kept = KeptKeys { access: access.clone(), secret: secret.clone() };
        let stored = self.0.parts.keyring.set(&keys_entry(&settings), &kept.write()).await;
        self.update(|live| live.remote_keys = Some((access, secret)));
        stored.map_err(keyring_trouble)?;
        Ok(Outcome::Done)
    }
}

/// Names the entry of the keyring.
fn keys_entry(settings: &RemoteSettings) -> String {
    format!("keys/{}/{}", settings.endpoint.as_deref().unwrap_or("aws"), settings.bucket)
}

/// What a refusal of the identity pool means.
fn refused(fault: &Fault) -> AccountError {
    let of_pool = |words: &str| AccountError::with(Trouble::WrongSettings(words.to_owned()), fault);
    match fault.code.as_str() {
        // "Token is expired", "Invalid login token": by age or by its pool.
        "NotAuthorizedException" if fault.message.contains("expired") => {
            AccountError::with(Trouble::SessionEnded, fault)
        }
        "NotAuthorizedException" => of_pool("the identity pool does not take sign-ins of this user pool"),
        "ResourceNotFoundException" => of_pool("the identity pool does not exist"),
        "InvalidIdentityPoolConfigurationException" => of_pool("the identity pool gives no role to people who sign in"),
        "ResourceConflictException" => of_pool("the sign-in belongs to another identity already"),
        _ => trouble(fault, Purpose::Own),
    }
}

/// Gives the account's credentials to AWS clients.
struct PoolCredentials(Account);

impl std::fmt::Debug for PoolCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PoolCredentials")
    }
}

impl ProvideCredentials for PoolCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.0.credentials().await.map_err(|error| match error.trouble {
                Trouble::SignedOut | Trouble::SessionEnded => CredentialsError::not_loaded("nobody is signed in"),
                _ => CredentialsError::provider_error(error),
            })
        })
    }
}
