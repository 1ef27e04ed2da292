//! Secure Remote Password as Cognito speaks it: the password never leaves this computer.
//!
//! SRP-6a (RFC 5054) over the 3072-bit group of RFC 3526 with g = 2 and SHA-256, and Amazon's own key derivation and
//! proof (`PASSWORD_VERIFIER` in the Cognito user pools API reference). Numbers are hashed as a signed integer is
//! written: as short as possible, with a zero byte before a set top bit.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams, FixedMontyForm, FixedMontyParams};
use crypto_bigint::{BoxedUint, Odd, U256, U512, U1024, U3072};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::domain::Timestamp;

/// RFC 3526, section 4 (group 15), as hex.
const N_HEX: &str = concat!(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD",
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED",
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F",
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B",
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510",
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7",
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C",
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"
);
const N: Odd<U3072> = Odd::<U3072>::from_be_hex(N_HEX);
/// What the key derivation is bound to.
const INFO: &[u8] = b"Caldera Derived Key\x01";
/// No number of the server is longer, in bytes: those of the group have 384.
const MOST_NUMBER: usize = 384;

/// Why no proof can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SrpError {
    /// The operating system gave no random bits.
    #[error("no random numbers could be had")]
    Random,
    /// A number of the server is no hexadecimal number of a bearable length.
    #[error("the server sent a number that is none")]
    Number,
    /// `B mod N` is 0: whoever answers would learn the key without the password (RFC 5054, section 2.5.3).
    #[error("the server's public number is zero")]
    ZeroB,
    /// `u` is 0, with the same effect.
    #[error("the scrambling number is zero")]
    ZeroU,
    /// The secret block is not Base64.
    #[error("the server's secret block is unreadable")]
    Block,
}

/// The client's half of one sign-in. Used once; its secret is overwritten when it is dropped.
pub struct Ephemeral {
    secret: U1024,
    public: U3072,
}

impl Drop for Ephemeral {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

/// The key that both sides share after a sign-in.
pub struct SharedKey(Zeroizing<[u8; 16]>);

/// Who signs in, as the proof names them.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    /// The pool's id without its region: what stands behind the `_`.
    pub pool: &'a str,
    /// `USER_ID_FOR_SRP` of the challenge.
    pub user: &'a str,
}

impl Ephemeral {
    /// A new half from the operating system's randomness.
    ///
    /// # Errors
    /// [`SrpError::Random`].
    pub fn new() -> Result<Self, SrpError> {
        let mut bytes = Zeroizing::new([0_u8; 128]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| SrpError::Random)?;
        Ok(Self::from_secret(bytes))
    }

    /// The same from a given secret, for tests against another implementation. The topmost byte is not used, so that
    /// no sum overflows.
    #[must_use]
    pub fn from_secret(mut bytes: Zeroizing<[u8; 128]>) -> Self {
        bytes[0] = 0;
        // A secret of 0 would be no secret; nothing else is forbidden.
        bytes[127] |= u8::from(bytes.iter().all(|byte| *byte == 0));
        let secret = U1024::from_be_slice(bytes.as_slice());
        let public = power(&U3072::from_u8(2), bytes.as_slice());
        Self { secret, public }
    }

    /// `SRP_A`: the public half, as lower-case hex.
    #[must_use]
    pub fn public_hex(&self) -> String {
        let hex: String = self.public.to_be_bytes().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        hex.trim_start_matches('0').to_owned()
    }

    /// The shared key, from the challenge's `SALT` and `SRP_B` (hex).
    ///
    /// # Errors
    /// [`SrpError`] where the server's numbers are none, or are of the kind that gives a key away.
    pub fn key(&self, who: Who<'_>, password: &str, salt_hex: &str, b_hex: &str) -> Result<SharedKey, SrpError> {
        let salt = number(salt_hex)?;
        let b = U3072::from_be_slice(&left_padded(&number(b_hex)?));
        let b_mod_n = b.rem_vartime(N.as_nz_ref());
        if b_mod_n == U3072::ZERO {
            return Err(SrpError::ZeroB);
        }
        let u_bytes = hash(&[&written(self.public.to_be_bytes().as_ref()), &written(b.to_be_bytes().as_ref())]);
        let u = U256::from_be_slice(&u_bytes);
        if u == U256::ZERO {
            return Err(SrpError::ZeroU);
        }
        let inner = Zeroizing::new(hash(&[who.pool.as_bytes(), who.user.as_bytes(), b":", password.as_bytes()]));
        let x_bytes = Zeroizing::new(hash(&[&written(&salt), inner.as_slice()]));
        let mut x = U256::from_be_slice(x_bytes.as_slice());
        let k = U256::from_be_slice(&hash(&[&written(N.as_ref().to_be_bytes().as_ref()), &[2]]));

        // S = (B - k g^x) ^ (a + u x)  mod N
        let params = FixedMontyParams::new_vartime(N);
        let g_to_x = FixedMontyForm::new(&power(&U3072::from_u8(2), x_bytes.as_slice()), &params);
        let base = FixedMontyForm::new(&b_mod_n, &params) - FixedMontyForm::new(&k.resize(), &params) * g_to_x;
        let mut product: U512 = u.concatenating_mul(&x);
        let mut exponent = self.secret.wrapping_add(&product.resize());
        let exponent_bytes = Zeroizing::new(exponent.to_be_bytes().as_ref().to_vec());
        let shared = Zeroizing::new(written(power(&base.retrieve(), &exponent_bytes).to_be_bytes().as_ref()));
        x.zeroize();
        product.zeroize();
        exponent.zeroize();
        // HKDF-SHA256 (RFC 5869) with a single block of 16 bytes.
        let fresh = Zeroizing::new(mac(&written(&u_bytes), &[&shared]));
        let block = Zeroizing::new(mac(fresh.as_slice(), &[INFO]));
        let mut key = Zeroizing::new([0; 16]);
        key.copy_from_slice(&block[..16]);
        Ok(SharedKey(key))
    }
}

impl SharedKey {
    /// `PASSWORD_CLAIM_SIGNATURE`: the proof over the challenge's `SECRET_BLOCK` (Base64) and [`timestamp`].
    ///
    /// # Errors
    /// [`SrpError::Block`].
    pub fn sign(&self, who: Who<'_>, secret_block: &str, timestamp: &str) -> Result<String, SrpError> {
        let block = STANDARD.decode(secret_block).map_err(|_| SrpError::Block)?;
        let parts = [who.pool.as_bytes(), who.user.as_bytes(), &block, timestamp.as_bytes()];
        Ok(STANDARD.encode(mac(self.0.as_slice(), &parts)))
    }

    /// The key's bytes, for tests against another implementation.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

/// A moment as the proof wants it: `Tue Nov 4 06:16:43 UTC 2026`, in English, the day without a leading zero.
#[must_use]
pub fn timestamp(now: Timestamp) -> String {
    let moment = chrono::DateTime::from_timestamp_millis(now.0).unwrap_or_default();
    moment.format("%a %b %-d %H:%M:%S UTC %Y").to_string()
}

/// `base ^ exponent mod N` in a time that depends on the exponent's length alone. The numbers are boxed because that
/// code is compiled once, with the crate, and so is quick in debug builds too.
fn power(base: &U3072, exponent: &[u8]) -> U3072 {
    let params = BoxedMontyParams::new_vartime(Odd::<BoxedUint>::from(N));
    let mut exponent = BoxedUint::from_be_slice_truncated(exponent, 8 * exponent.len() as u32);
    let result = BoxedMontyForm::new(BoxedUint::from(base), &params).pow(&exponent).retrieve();
    exponent.zeroize();
    U3072::from_be_slice(&left_padded(&result.to_be_bytes()))
}

/// Reads a hexadecimal number of the server.
fn number(hex: &str) -> Result<Vec<u8>, SrpError> {
    let hex = hex.trim_start_matches('0');
    if hex.len() > 2 * MOST_NUMBER || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(SrpError::Number);
    }
    let even = if hex.len() % 2 == 1 { format!("0{hex}") } else { hex.to_owned() };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    Ok(even.as_bytes().chunks(2).map(|two| digit(two[0]) << 4 | digit(two[1])).collect())
}

fn left_padded(bytes: &[u8]) -> [u8; MOST_NUMBER] {
    let mut padded = [0; MOST_NUMBER];
    padded[MOST_NUMBER - bytes.len()..].copy_from_slice(bytes);
    padded
}

/// A number as it is hashed: as short as possible, with a zero byte before a set top bit; zero is one zero byte.
fn written(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let short = &bytes[first..];
    let mut written = Vec::with_capacity(short.len() + 1);
    if short.first().is_none_or(|byte| *byte >= 0x80) {
        written.push(0);
    }
    written.extend_from_slice(short);
    written
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHO: Who<'_> = Who { pool: "AbC123", user: "0a1b" };

    fn key(b_hex: &str) -> Result<SharedKey, SrpError> {
        Ephemeral::from_secret(Zeroizing::new([7; 128])).key(WHO, "pässword", "00ff01", b_hex)
    }

    #[test]
    fn numbers_that_give_the_key_away_are_refused() {
        assert_eq!(key("0").err(), Some(SrpError::ZeroB));
        assert_eq!(key("").err(), Some(SrpError::ZeroB));
        assert_eq!(key(&N_HEX.to_lowercase()).err(), Some(SrpError::ZeroB), "N is 0 modulo N");
        assert!(key("1").is_ok());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for wrong in ["zz", "12 34", "-1", "0x12", &"f".repeat(769), "١"] {
            assert_eq!(key(wrong).err(), Some(SrpError::Number), "{wrong}");
        }
        assert!(key(&format!("{}1", "0".repeat(2000))).is_ok(), "leading zeros are no length");
        let one = key("12ab").unwrap();
        assert_eq!(one.sign(WHO, "not base64!", "x").err(), Some(SrpError::Block));
        assert_eq!(one.bytes(), key("000012AB").unwrap().bytes());
    }

    #[test]
    fn numbers_are_written_as_signed_integers() {
        assert_eq!(written(&[0, 0, 0x7f]), [0x7f]);
        assert_eq!(written(&[0x80, 1]), [0, 0x80, 1]);
        assert_eq!(written(&[0, 0]), [0]);
    }

    #[test]
    fn moments_have_no_leading_zero_in_the_day() {
        assert_eq!(timestamp(Timestamp(1_793_773_003_000)), "Wed Nov 4 06:16:43 UTC 2026");
    }
}
