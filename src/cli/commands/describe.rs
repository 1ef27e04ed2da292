//! Photos as JSON and as lines. ISO dates and a dot, whatever the locale.

use std::path::Path;

use base64::Engine as _;
use serde_json::{Map, Value, json};

use crate::cli::output::harmless;
use crate::domain::path_text::path_bytes;
use crate::domain::{StorageClass, StoreReceipt, StoredState, TagSource, places};
use crate::engine::FoundPhoto;

/// A path, lossy where it is not UTF-8, with its bytes beside it then.
fn put_path(object: &mut Map<String, Value>, path: Option<&Path>) {
    object.insert("path".into(), path.map_or(Value::Null, |path| json!(path.to_string_lossy())));
    if let Some(path) = path.filter(|path| path.to_str().is_none()) {
        let bytes = base64::engine::general_purpose::STANDARD.encode(path_bytes(path));
        object.insert("path_base64".into(), json!(bytes));
    }
}

/// A path on one line.
fn shown(path: &Path) -> String {
    harmless(&path.to_string_lossy(), false)
}

/// What a search says of a photo.
pub(super) fn brief(found: &FoundPhoto) -> Value {
    let card = &found.detail.card;
    let tags: Vec<&str> = found.detail.tags.iter().map(|tag| tag.name.as_str()).collect();
    let mut object = Map::new();
    object.insert("id".into(), json!(card.id));
    object.insert("blake3".into(), json!(card.blake3));
    put_path(&mut object, found.path.as_deref());
    object.insert("taken_at".into(), json!(card.taken_at));
    object.insert("width".into(), json!(card.size_px.map(|size| size.0)));
    object.insert("height".into(), json!(card.size_px.map(|size| size.1)));
    object.insert("format".into(), json!(card.format));
    object.insert("camera".into(), json!(found.detail.metadata.camera()));
    object.insert("tags".into(), json!(tags));
    object.insert("rating".into(), json!(card.rating));
    object.insert("flag".into(), json!(card.flag));
    object.insert("colour".into(), json!(card.label));
    object.insert("stored".into(), json!(found.is_stored()));
    object.insert("stores".into(), json!(found.stores));
    Value::Object(object)
}

/// One line for people.
pub(super) fn brief_text(found: &FoundPhoto) -> String {
    let card = &found.detail.card;
    let taken = card.taken_at.map_or_else(|| "no date".to_owned(), |taken| taken.to_rfc3339());
    let path = found.path.as_ref().map_or_else(|| harmless(&card.name, false), |path| shown(path));
    let stars = "*".repeat(card.rating.stars().into());
    format!("{}  {taken:<25}  {stars:<5}  {path}", card.id.0.short())
}

/// Everything.
pub(super) fn whole(found: &FoundPhoto) -> Value {
    let mut value = brief(found);
    let Value::Object(object) = &mut value else { return value };
    let detail = &found.detail;
    let paths: Vec<Value> = detail
        .paths
        .iter()
        .map(|path| {
            let mut one = Map::new();
            put_path(&mut one, Some(&path.path));
            one.insert("gone".into(), json!(path.gone));
            Value::Object(one)
        })
        .collect();
    let sources: Vec<Value> = detail.tags.iter().map(|tag| json!({ "name": tag.name, "source": tag.source })).collect();
    let receipts: Vec<Value> = detail.versions.iter().flat_map(|version| &version.receipts).map(receipt).collect();
    let companions: Vec<Value> = detail
        .companions
        .iter()
        .map(|companion| json!({ "path": companion.path.to_string_lossy(), "stored": companion.stored }))
        .collect();
    object.insert("exif".into(), json!(detail.metadata));
    object.insert("paths".into(), json!(paths));
    object.insert("tag_sources".into(), json!(sources));
    object.insert("versions".into(), versions(found));
    object.insert("receipts".into(), json!(receipts));
    object.insert("companions".into(), json!(companions));
    if let Some(place) = detail.metadata.gps.and_then(|gps| places::shipped().at(&gps)) {
        let names = json!({ "city": place.city, "region": place.region, "country": place.country, "code": place.code });
        object.insert("place".into(), names);
    }
    object.insert("state".into(), json!(detail.card.stored));
    value
}

/// A receipt as manifests have it, but with times for people and scripts.
fn receipt(proof: &StoreReceipt) -> Value {
    let mut value = serde_json::to_value(proof).unwrap_or_default();
    value["mtime"] = json!(proof.receipt.mtime.to_rfc3339());
    value["stored_at"] = json!(proof.receipt.stored_at.to_rfc3339());
    value
}

/// The versions, newest first.
pub(super) fn versions(found: &FoundPhoto) -> Value {
    let versions = found.detail.versions.iter().map(|version| {
        let proof = version.receipts.first();
        json!({
            "version": version.number.to_string(),
            "size": version.size_bytes,
            "blake3": version.blake3,
            "crc64nvme": proof.map(|proof| proof.receipt.fingerprint.crc64nvme),
            "batch": proof.map(|proof| proof.batch.as_str()),
            "stored_at": proof.map(|proof| proof.receipt.stored_at.to_rfc3339()),
            "current": version.current,
            "stores": version.receipts.iter().map(|proof| json!({
                "store": proof.store,
                "batch": proof.batch,
                "by": proof.by,
                "class": proof.receipt.class,
                "damage": proof.damage,
                "stored_at": proof.receipt.stored_at.to_rfc3339(),
            })).collect::<Vec<_>>(),
        })
    });
    Value::Array(versions.collect())
}

/// The versions for people.
pub(super) fn versions_text(found: &FoundPhoto) -> String {
    let lines = found.detail.versions.iter().map(|version| {
        let stored: Vec<String> = version.receipts.iter().map(proof_text).collect();
        let stored = if stored.is_empty() { "not stored".to_owned() } else { stored.join("; ") };
        let mark = if version.current { "*" } else { " " };
        format!("{mark} {:>3}  {}  {:>12} bytes  {stored}", version.number, version.blake3.short(), version.size_bytes)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// One store's word for a version: when, where, by whom, how it is kept, and what is wrong with it.
fn proof_text(proof: &StoreReceipt) -> String {
    let mut text = format!("{} in {}", proof.receipt.stored_at.to_rfc3339(), proof.store);
    if let Some(by) = &proof.by {
        text.push_str(&format!(" by {}", harmless(by, false)));
    }
    if proof.receipt.class != StorageClass::Standard {
        text.push_str(&format!(", {}", proof.receipt.class.label()));
    }
    if let Some(damage) = &proof.damage {
        text.push_str(&format!(", damaged: {}", harmless(damage, false)));
    }
    text
}

/// Every receipt of a photo.
pub(super) fn receipts(found: &FoundPhoto) -> Value {
    let all =
        found.detail.versions.iter().flat_map(|version| version.receipts.iter().map(move |proof| (version, proof)));
    let receipts: Vec<Value> = all
        .map(|(version, proof)| {
            let held = &proof.receipt;
            json!({
                "version": version.number.to_string(),
                "current": version.current,
                "store": proof.store,
                "batch": proof.batch,
                "by": proof.by,
                "damage": proof.damage,
                "key": held.key,
                "store_version": held.version,
                "etag": held.etag,
                "size": held.fingerprint.size,
                "blake3": held.fingerprint.blake3,
                "crc64nvme": held.fingerprint.crc64nvme,
                "mtime": held.mtime.to_rfc3339(),
                "stored_at": held.stored_at.to_rfc3339(),
                "class": held.class,
            })
        })
        .collect();
    json!({ "id": found.detail.card.id, "name": found.detail.card.name, "receipts": receipts })
}

/// Every receipt of a photo for people.
pub(super) fn receipts_text(found: &FoundPhoto) -> String {
    let mut lines = vec![harmless(&found.detail.card.name, false)];
    for version in &found.detail.versions {
        for proof in &version.receipts {
            let (held, print) = (&proof.receipt, &proof.receipt.fingerprint);
            lines.push(format!("version {}  {}", version.number, proof_text(proof)));
            lines.push(format!("  key        {}  ({})", held.key, held.version));
            lines.push(format!("  bytes      {}", print.size));
            lines.push(format!("  BLAKE3     {}", print.blake3));
            lines.push(format!("  CRC-64     {}", print.crc64nvme));
            lines.push(format!("  batch      {}", proof.batch));
        }
    }
    if lines.len() == 1 {
        lines.push("not stored yet".to_owned());
    }
    lines.join("\n")
}

/// Everything for people.
pub(super) fn whole_text(found: &FoundPhoto) -> String {
    let detail = &found.detail;
    let (card, metadata) = (&detail.card, &detail.metadata);
    let mut lines =
        vec![format!("{}  ({})", harmless(&card.name, false), card.format.name()), format!("id        {}", card.id)];
    let mut line = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{name:<9} {value}")));
    };
    line("content", Some(card.blake3.to_hex()).filter(|content| *content != card.id.to_string()));
    line("taken", card.taken_at.map(|taken| taken.to_rfc3339()));
    line("size", card.size_px.map(|(width, height)| format!("{width} × {height} px, {} bytes", detail.size_bytes)));
    line("camera", metadata.camera());
    line("lens", metadata.lens.clone());
    let exposure = [
        metadata.exposure_s.map(|seconds| {
            if seconds > 0.0 && seconds < 0.4 { format!("1/{:.0} s", 1.0 / seconds) } else { format!("{seconds} s") }
        }),
        metadata.f_number.map(|number| format!("f/{number}")),
        metadata.iso.map(|iso| format!("ISO {iso}")),
        metadata.focal_length_mm.map(|length| format!("{length} mm")),
    ];
    let exposure: Vec<String> = exposure.into_iter().flatten().collect();
    line("exposure", (!exposure.is_empty()).then(|| exposure.join(", ")));
    line("place", metadata.gps.map(|gps| format!("{:.6}, {:.6}", gps.latitude, gps.longitude)));
    let place = metadata.gps.and_then(|gps| places::shipped().at(&gps));
    line("near", place.map(|place| place.names().collect::<Vec<_>>().join(", ")));
    line("caption", metadata.caption.clone());
    line("rating", Some(card.rating.stars().to_string()));
    line("flag", Some(card.flag.name().to_owned()));
    line("colour", Some(card.label.name().to_owned()));
    let tags: Vec<String> = detail
        .tags
        .iter()
        .map(|tag| match tag.source {
            TagSource::User => tag.name.clone(),
            TagSource::Keyword => format!("{} (keyword)", tag.name),
            TagSource::Derived => format!("{} (derived)", tag.name),
            TagSource::Aws => format!("{} (Rekognition{})", tag.name, sure(tag.confidence)),
            TagSource::Device => format!("{} (this computer{})", tag.name, sure(tag.confidence)),
        })
        .collect();
    line("tags", (!tags.is_empty()).then(|| tags.join(", ")));
    line("stored", Some(stored_text(&card.stored)));
    for path in &detail.paths {
        let gone = if path.gone { " (gone)" } else { "" };
        line("file", Some(format!("{}{gone}", shown(&path.path))));
    }
    for companion in &detail.companions {
        line("with", Some(shown(&companion.path)));
    }
    lines.join("\n")
}

fn stored_text(state: &StoredState) -> String {
    match state {
        StoredState::Stored => "yes".to_owned(),
        StoredState::Queued | StoredState::Sending => "waits".to_owned(),
        StoredState::Waiting { why, .. } => format!("waits: {why}"),
        StoredState::NeedsYou { why } => format!("needs you: {why}"),
    }
}

/// How sure a machine is, behind its name.
fn sure(confidence: Option<f32>) -> String {
    confidence.map(|percent| format!(", {percent:.0} %")).unwrap_or_default()
}
