//! Names of objects: one way from a file's path to a key that S3, ext4, exFAT, NTFS, APFS and SMB all accept.
//!
//! A key is made once per photo, recorded, and never computed again. Names are UTF-8 in NFC; what any of those
//! systems refuses is percent-encoded and can be read back with [`decode_component`]. What is too long is shortened
//! with a hash, and only then the name cannot be read back (the manifest keeps the path anyway).

use std::path::{Component, Path};

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::hash::ContentHash;
use super::object::ObjectKey;

/// Longest component that is made here, in bytes; leaves room below the 255 of every file system for `.xmp` and the
/// like.
pub const MAX_COMPONENT_BYTES: usize = 240;

/// Longest key of a store, in bytes (Amazon S3, "Object key naming guidelines").
pub const MAX_KEY_BYTES: usize = 1024;

/// Longest photo key that is made here, in bytes: with a store's own prefix (a Cognito identity id) in front and
/// `~<8 hex>` and `.xmp` behind, it stays below [`MAX_KEY_BYTES`].
pub const MAX_PHOTO_KEY_BYTES: usize = 900;

/// Longest root name, in bytes; leaves room for `-2`.
const MAX_ROOT_BYTES: usize = 200;
/// An extension longer than this (in bytes, with its dot) is no extension but part of the name.
const MAX_EXTENSION_BYTES: usize = 17;
/// Longest component of a key that a store takes, in bytes: what file systems have room for.
const MAX_STORED_COMPONENT_BYTES: usize = 255;

/// Why a text is no key that a store may take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a key that a store takes, because {why}: {key}")]
pub struct BadKey {
    /// What is wrong with it.
    pub why: &'static str,
    /// The text, shortened to 200 characters and with its controls escaped.
    pub key: String,
}

/// `photos/<root>/<relative path>`: the key of an original. `root` comes from [`root_name`], `relative` is the path
/// below that root. Steps up (`..`) and roots inside `relative` are written out or passed over, never followed.
///
/// Two names that are equal after NFC give the same key: the caller compares [`fold`] with the keys already taken
/// and uses [`with_hash`] for the later one.
#[must_use]
pub fn photo_key(root: &str, relative: &Path) -> ObjectKey {
    let mut names: Vec<String> = relative
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(encode_component(name.as_encoded_bytes())),
            Component::ParentDir => Some(encode_component(b"..")),
            Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
        })
        .collect();
    let file = names.pop().unwrap_or_else(|| encode_component(b""));
    let start = format!("photos/{root}");
    let whole = start.len() + names.iter().map(|name| name.len() + 1).sum::<usize>() + 1 + file.len();
    if whole > MAX_PHOTO_KEY_BYTES {
        // The folders in the middle give way: as many as fit, then a hash of them all, so that a folder stays one.
        let mark = format!("~{}", hex16(names.join("/").as_bytes()));
        let mut room = MAX_PHOTO_KEY_BYTES.saturating_sub(start.len() + mark.len() + file.len() + 2);
        let fitting = names.iter().take_while(|name| {
            let fits = name.len() < room;
            room = room.saturating_sub(name.len() + 1);
            fits
        });
        let fitting = fitting.count();
        names.truncate(fitting);
        names.push(mark);
    }
    names.insert(0, start);
    names.push(file);
    ObjectKey(names.join("/"))
}

/// The name of a root folder in keys: its last component, encoded. The caller appends `-2`, `-3` … until
/// [`fold`] of it is unique in the library.
#[must_use]
pub fn root_name(dir: &Path) -> String {
    let Some(name) = dir.file_name() else { return "root".to_owned() };
    shorten(encode(name.as_encoded_bytes()), name.as_encoded_bytes(), MAX_ROOT_BYTES)
}

/// The key for a second photo whose key is taken: `NAME~<8 hex of BLAKE3>.EXT`.
#[must_use]
pub fn with_hash(key: &ObjectKey, hash: ContentHash) -> ObjectKey {
    let (folder, name) = split_folder(&key.0);
    let (stem, extension) = split_extension(name);
    let mark = format!("~{}", hash.short());
    let stem = cut(stem, MAX_COMPONENT_BYTES.saturating_sub(mark.len() + extension.len()));
    ObjectKey(format!("{folder}{stem}{mark}{extension}"))
}

/// The key of a companion (`.xmp .pp3 .dop .aae`, the MOV of a Live Photo), beside its photo's key and with the same
/// base name, also where the photo's key carries a `~<8 hex>`. Both paths are the files' own.
#[must_use]
pub fn companion_key(photo: &ObjectKey, photo_path: &Path, companion_path: &Path) -> ObjectKey {
    let bytes = |path: &Path| path.file_name().unwrap_or_default().as_encoded_bytes().to_vec();
    let stem = photo_path.file_stem().unwrap_or_default().as_encoded_bytes().to_vec();
    let (photo_name, companion) = (bytes(photo_path), bytes(companion_path));
    let (folder, key_name) = split_folder(&photo.0);
    let (key_stem, _) = split_extension(key_name);
    let after = |start: &[u8]| companion.strip_prefix(start).filter(|rest| rest.first() == Some(&b'.'));
    let name = match (after(&photo_name), after(&stem)) {
        (Some(rest), _) if !photo_name.is_empty() => format!("{key_name}{}", encode(rest)),
        (_, Some(rest)) if !stem.is_empty() => format!("{key_stem}{}", encode(rest)),
        _ => encode(&companion),
    };
    ObjectKey(format!("{folder}{}", shorten(name, &companion, MAX_COMPONENT_BYTES)))
}

/// The key of our own sidecar: `<key>.xmp`.
#[must_use]
pub fn sidecar_key(key: &ObjectKey) -> ObjectKey {
    ObjectKey(format!("{key}.xmp"))
}

/// `thumbs/<blake3>.jpg`: the grid picture of some content.
#[must_use]
pub fn thumb_key(hash: ContentHash) -> ObjectKey {
    ObjectKey(format!("thumbs/{hash}.jpg"))
}

/// `batches/<ulid>/0001.jsonl`: one segment of a batch's manifest; segments count from 1.
#[must_use]
pub fn manifest_key(batch_ulid: &str, segment: u32) -> ObjectKey {
    ObjectKey(format!("batches/{}/{segment:04}.jsonl", encode_component(batch_ulid.as_bytes())))
}

/// `edits/<device>/<ulid>.jsonl`: one segment of the edit log of one computer.
#[must_use]
pub fn edits_key(device: &str, ulid: &str) -> ObjectKey {
    ObjectKey(format!("edits/{}/{}.jsonl", encode_component(device.as_bytes()), encode_component(ulid.as_bytes())))
}

/// `tags/<tagger>/<ulid>.jsonl`: machine answers.
#[must_use]
pub fn tags_key(tagger: &str, ulid: &str) -> ObjectKey {
    ObjectKey(format!("tags/{}/{}.jsonl", encode_component(tagger.as_bytes()), encode_component(ulid.as_bytes())))
}

/// What two keys have in common where a file system would take them for the same name: NFC and full case folding
/// (Unicode, "Default Caseless Matching", by way of upper and lower case). Keys with equal folds must not both exist.
#[must_use]
pub fn fold(key: &str) -> String {
    // Character by character: the lower case of a whole text depends on a sigma's place in its word.
    key.nfd().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfd().nfc().collect()
}

/// One component of a key from one name of a path (its bytes as the operating system has them).
///
/// Never empty, `.` or `..`; at most [`MAX_COMPONENT_BYTES`]. An empty name, which no file has, is `%00`.
#[must_use]
pub fn encode_component(name: &[u8]) -> String {
    shorten(encode(name), name, MAX_COMPONENT_BYTES)
}

/// The name that [`encode_component`] was given, in NFC. `None` where the text has a broken escape, so is not ours.
/// A shortened component gives its shortened name.
#[must_use]
pub fn decode_component(component: &str) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(component.len());
    let mut bytes = component.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
            name.push((high * 16 + low) as u8);
        } else {
            name.push(byte);
        }
    }
    Some(name)
}

/// Checks that a key is one that every store can hold: relative, no `.` or `..`, no character that a file system
/// refuses, not a name that a vault keeps for itself.
///
/// # Errors
/// What is wrong with it.
pub fn check_key(key: &ObjectKey) -> Result<(), BadKey> {
    let bad = |why| Err(BadKey { why, key: key.0.chars().take(200).flat_map(char::escape_debug).collect() });
    if key.0.is_empty() {
        return bad("it is empty");
    }
    if key.0.len() > MAX_KEY_BYTES {
        return bad("it is longer than 1,024 bytes");
    }
    if !unicode_normalization::is_nfc(&key.0) {
        return bad("it is not in Unicode's composed form (NFC)");
    }
    for (depth, name) in key.0.split('/').enumerate() {
        if name.is_empty() {
            return bad("it has an empty component");
        }
        if name.len() > MAX_STORED_COMPONENT_BYTES {
            return bad("one component is longer than 255 bytes");
        }
        if name.ends_with(['.', ' ']) {
            return bad("a component ends with a dot or a space");
        }
        if name.chars().any(is_refused) {
            return bad("it has a character that some file systems refuse");
        }
        if is_device(name) {
            return bad("a component is a reserved device name");
        }
        let folded = fold(name);
        if folded == ".index.jsonl" || depth == 0 && is_vaults_own(&folded) {
            return bad("the name is one that a vault keeps for itself");
        }
    }
    Ok(())
}

fn is_vaults_own(folded: &str) -> bool {
    folded.starts_with(".versions") || folded.starts_with(".lightkeep")
}

/// Characters that FAT, NTFS or SMB refuse in a name, and controls.
fn is_refused(c: char) -> bool {
    c.is_control() || matches!(c, '\\' | '/' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Names that Windows takes for devices, with any extension. Source: Microsoft, "Naming Files, Paths, and Namespaces".
fn is_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_uppercase();
    if matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let Some(port) = base.strip_prefix("COM").or_else(|| base.strip_prefix("LPT")) else { return false };
    let mut rest = port.chars();
    matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

fn encode(name: &[u8]) -> String {
    if name.is_empty() {
        return "%00".to_owned();
    }
    let mut out = String::with_capacity(name.len() + 8);
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().nfc() {
            // A mark behind an escape would join the escape's last digit as soon as somebody composes the name.
            let joins = is_combining_mark(c) && ends_with_escape(&out);
            if c == '%' || is_refused(c) || joins {
                escape(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                out.push(c);
            }
        }
        escape(&mut out, chunk.invalid());
    }
    if let Some(last @ ('.' | ' ')) = out.chars().last() {
        out.pop();
        escape(&mut out, &[last as u8]);
    }
    if is_device(&out) {
        // All of them begin with an ASCII letter, but for the caseless match of a few letters outside of ASCII.
        let first = out.remove(0);
        let mut escaped = String::new();
        escape(&mut escaped, first.encode_utf8(&mut [0; 4]).as_bytes());
        out.insert_str(0, &escaped);
    }
    out
}

/// In encoded text every `%` begins an escape of three bytes.
fn ends_with_escape(out: &str) -> bool {
    out.len().checked_sub(3).is_some_and(|at| out.as_bytes()[at] == b'%')
}

fn escape(out: &mut String, bytes: &[u8]) {
    use std::fmt::Write as _;
    for byte in bytes {
        let _ = write!(out, "%{byte:02X}");
    }
}

/// Cuts an encoded component to `max` bytes, keeping its extension and adding a hash of the whole name.
fn shorten(encoded: String, name: &[u8], max: usize) -> String {
    if encoded.len() <= max {
        return encoded;
    }
    let (stem, extension) = split_extension(&encoded);
    let mark = format!("~{}", hex16(name));
    format!("{}{mark}{extension}", cut(stem, max.saturating_sub(mark.len() + extension.len())))
}

/// The longest start of encoded text that is at most `max` bytes and ends between characters and escapes.
fn cut(encoded: &str, max: usize) -> &str {
    if encoded.len() <= max {
        return encoded;
    }
    let mut end = encoded.floor_char_boundary(max);
    let tail = encoded.as_bytes()[..end].iter().rev().take(2).position(|byte| *byte == b'%');
    if let Some(back) = tail {
        end -= back + 1;
    }
    &encoded[..end]
}

fn split_folder(key: &str) -> (&str, &str) {
    key.split_at(key.rfind('/').map_or(0, |slash| slash + 1))
}

/// Name and extension, the extension with its dot; none for a name that only begins with a dot.
fn split_extension(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(dot) if dot > 0 && name.len() - dot <= MAX_EXTENSION_BYTES => name.split_at(dot),
        _ => (name, ""),
    }
}

/// 64 bits of BLAKE3, enough that no two names of a library meet.
fn hex16(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..16].to_owned()
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
