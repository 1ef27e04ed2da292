//! A stand-in for the face collections of Amazon Rekognition, because no independent server has any: collections, users
//! and faces in memory, request checks and answer shapes as the service's published model has them.
//!
//! It cannot see. A test says whose faces are in which picture (by the picture's `ExternalImageId`), and two faces are
//! alike where they are the same person's, or where the test says so. What it cannot show, only real Rekognition can:
//! whether faces are found and recognised at all.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    /// It is done and answered.
    Good,
    /// It is refused with this status and code.
    Refuse(u16, &'static str),
    /// It is done, and the answer is lost.
    Lose,
    /// It is not done, and nothing is answered until the client gives up.
    Silent,
    /// This text is answered.
    Say(String),
}

/// A face in a picture: where (left, top, width, height), and whose.
pub type Seen = ([f32; 4], &'static str);

#[derive(Debug, Clone)]
struct Face {
    place: [f32; 4],
    whose: String,
    picture: String,
    user: Option<String>,
}

#[derive(Debug, Default)]
struct Collection {
    created: f64,
    faces: BTreeMap<String, Face>,
    users: Vec<String>,
}

#[derive(Default)]
struct World {
    pictures: HashMap<String, Vec<Seen>>,
    collections: BTreeMap<String, Collection>,
    alike: Vec<(String, String)>,
    log: Vec<(String, Value)>,
    made: u32,
}

type MoodOf = dyn Fn(&str, usize) -> Mood + Send + Sync;

/// The server. It ends with the value.
pub struct Faces {
    port: u16,
    world: Arc<Mutex<World>>,
    mood: Arc<Mutex<Arc<MoodOf>>>,
    ended: Arc<AtomicBool>,
}

impl Default for Faces {
    fn default() -> Self {
        Self::start()
    }
}

impl Faces {
    /// On a free port of loopback.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let world = Arc::new(Mutex::new(World::default()));
        let mood: Arc<Mutex<Arc<MoodOf>>> = Arc::new(Mutex::new(Arc::new(|_: &str, _| Mood::Good)));
        let ended = Arc::new(AtomicBool::new(false));
        let (inside, moods, over) = (Arc::clone(&world), Arc::clone(&mood), Arc::clone(&ended));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let (world, mood) = (Arc::clone(&inside), Arc::clone(&moods.lock().unwrap()));
                std::thread::spawn(move || stream.ok().and_then(|stream| serve(stream, &world, mood.as_ref())));
            }
        });
        Self { port, world, mood, ended }
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Whose faces are in a picture.
    pub fn picture(&self, external_image_id: &str, seen: &[Seen]) {
        self.world.lock().unwrap().pictures.insert(external_image_id.to_owned(), seen.to_vec());
    }

    /// Two people who look alike.
    pub fn look_alike(&self, one: &str, other: &str) {
        self.world.lock().unwrap().alike.push((one.to_owned(), other.to_owned()));
    }

    /// What becomes of requests from now on: by operation, and how many of it came before.
    pub fn moods(&self, mood: impl Fn(&str, usize) -> Mood + Send + Sync + 'static) {
        *self.mood.lock().unwrap() = Arc::new(mood);
    }

    /// How often an operation was asked for.
    #[must_use]
    pub fn times(&self, operation: &str) -> usize {
        self.world.lock().unwrap().log.iter().filter(|(known, _)| known == operation).count()
    }

    /// Every request: its operation and body.
    #[must_use]
    pub fn log(&self) -> Vec<(String, Value)> {
        self.world.lock().unwrap().log.clone()
    }

    /// The names of the collections.
    #[must_use]
    pub fn collections(&self) -> Vec<String> {
        self.world.lock().unwrap().collections.keys().cloned().collect()
    }

    /// Makes a collection of somebody else.
    pub fn others(&self, name: &str) {
        self.world.lock().unwrap().collections.insert(name.to_owned(), Collection::default());
    }

    /// The users of a collection, each with whose faces it has, in alphabetical order.
    #[must_use]
    pub fn users(&self, collection: &str) -> Vec<Vec<String>> {
        let world = self.world.lock().unwrap();
        let Some(known) = world.collections.get(collection) else { return Vec::new() };
        let of = |user: &String| {
            let faces = known.faces.values().filter(|face| face.user.as_ref() == Some(user));
            let mut whose: Vec<String> = faces.map(|face| face.whose.clone()).collect();
            whose.sort();
            whose
        };
        let mut users: Vec<_> = known.users.iter().map(of).collect();
        users.sort();
        users
    }

    /// How many faces a collection has.
    #[must_use]
    pub fn faces(&self, collection: &str) -> usize {
        self.world.lock().unwrap().collections.get(collection).map_or(0, |known| known.faces.len())
    }
}

impl Drop for Faces {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn serve(mut stream: TcpStream, world: &Mutex<World>, mood: &MoodOf) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while reader.read_line(&mut head).ok()? > 2 {}
    let head = head.to_lowercase();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let mut body = vec![0; header("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    let target = header("x-amz-target")?.rsplit('.').next()?.to_owned();
    let operation = OPERATIONS.into_iter().find(|known| known.to_lowercase() == target).unwrap_or("Unknown");
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let mut inside = world.lock().unwrap();
    let before = inside.log.iter().filter(|(known, _)| known == operation).count();
    inside.log.push((operation.to_owned(), body.clone()));
    let (status, text) = match mood(operation, before) {
        Mood::Good => answer(&mut inside, operation, &body),
        Mood::Refuse(status, code) => (status, refusal(code).to_string()),
        Mood::Say(text) => (200, text),
        Mood::Lose => {
            answer(&mut inside, operation, &body);
            return None;
        }
        Mood::Silent => {
            drop(inside);
            return reader.read(&mut [0]).ok().map(|_| ());
        }
    };
    drop(inside);
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(text.as_bytes())).ok()
}

const OPERATIONS: [&str; 12] = [
    "CreateCollection",
    "DescribeCollection",
    "DeleteCollection",
    "ListCollections",
    "IndexFaces",
    "ListFaces",
    "CreateUser",
    "DeleteUser",
    "AssociateFaces",
    "DisassociateFaces",
    "SearchUsers",
    "SearchFaces",
];

fn refusal(code: &str) -> Value {
    json!({ "__type": code, "Message": "as the test wants it" })
}

fn answer(world: &mut World, operation: &str, body: &Value) -> (u16, String) {
    match done(world, operation, body) {
        Ok(value) => (200, value.to_string()),
        Err(code) => (400, refusal(code).to_string()),
    }
}

/// A text that a member must be: letters, digits and these.
fn text<'a>(body: &'a Value, name: &str, more: &str, most: usize) -> Result<&'a str, &'static str> {
    let text = body[name].as_str().ok_or("InvalidParameterException")?;
    let is_good =
        (1..=most).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    if is_good { Ok(text) } else { Err("InvalidParameterException") }
}

fn face_ids(body: &Value) -> Result<Vec<String>, &'static str> {
    let ids: Vec<String> =
        body["FaceIds"].as_array().into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect();
    if (1..=100).contains(&ids.len()) { Ok(ids) } else { Err("InvalidParameterException") }
}

fn done(world: &mut World, operation: &str, body: &Value) -> Result<Value, &'static str> {
    if operation == "ListCollections" {
        return Ok(json!({ "CollectionIds": world.collections.keys().collect::<Vec<_>>(), "FaceModelVersions": [] }));
    }
    let name = text(body, "CollectionId", "_.-", 255)?.to_owned();
    if operation == "CreateCollection" {
        if world.collections.contains_key(&name) {
            return Err("ResourceAlreadyExistsException");
        }
        world.made += 1;
        let created = 1_700_000_000.0 + f64::from(world.made);
        world.collections.insert(name, Collection { created, ..Collection::default() });
        return Ok(json!({ "StatusCode": 200, "FaceModelVersion": "7.0" }));
    }
    if operation == "DeleteCollection" {
        return world
            .collections
            .remove(&name)
            .map(|_| json!({ "StatusCode": 200 }))
            .ok_or("ResourceNotFoundException");
    }
    let World { pictures, collections, alike, made, .. } = world;
    let known = collections.get_mut(&name).ok_or("ResourceNotFoundException")?;
    match operation {
        "DescribeCollection" => Ok(json!({
            "FaceCount": known.faces.len(), "UserCount": known.users.len(), "FaceModelVersion": "7.0",
            "CreationTimestamp": known.created
        })),
        "IndexFaces" => index(known, pictures, made, body),
        "ListFaces" => list(known, body),
        "SearchUsers" | "SearchFaces" => search(known, alike, operation, body),
        _ => users(known, operation, body),
    }
}

fn shown(id: &str, face: &Face) -> Value {
    let [left, top, width, height] = face.place;
    let mut value = json!({
        "FaceId": id, "BoundingBox": { "Left": left, "Top": top, "Width": width, "Height": height },
        "ImageId": id, "ExternalImageId": face.picture, "Confidence": 99.9, "IndexFacesModelVersion": "7.0"
    });
    if let Some(user) = &face.user {
        value["UserId"] = json!(user);
    }
    value
}

fn index(
    known: &mut Collection,
    pictures: &HashMap<String, Vec<Seen>>,
    made: &mut u32,
    body: &Value,
) -> Result<Value, &'static str> {
    let picture = text(body, "ExternalImageId", "_.-:", 255)?.to_owned();
    let jpeg = body["Image"]["Bytes"].as_str().unwrap_or_default();
    if !jpeg.starts_with("/9j/") || body["MaxFaces"].as_u64().is_none_or(|most| most == 0) {
        return Err("InvalidImageFormatException");
    }
    let mut records = Vec::new();
    for (place, whose) in pictures.get(&picture).into_iter().flatten() {
        // The same picture again puts in nothing new.
        let there = known.faces.iter().find(|(_, face)| face.picture == picture && face.place == *place);
        let id = match there {
            Some((id, _)) => id.clone(),
            None => {
                *made += 1;
                format!("00000000-0000-4000-8000-{made:012x}")
            }
        };
        let new = Face { place: *place, whose: (*whose).to_owned(), picture: picture.clone(), user: None };
        let face = known.faces.entry(id.clone()).or_insert(new);
        records.push(json!({ "Face": shown(&id, face), "FaceDetail": {} }));
    }
    Ok(json!({
        "FaceRecords": records, "FaceModelVersion": "7.0",
        "UnindexedFaces": [{ "Reasons": ["LOW_SHARPNESS", "SMALL_BOUNDING_BOX"], "FaceDetail": {} }]
    }))
}

/// Two faces to a page, so that pages are met.
fn list(known: &Collection, body: &Value) -> Result<Value, &'static str> {
    let from: usize = body["NextToken"]
        .as_str()
        .map_or(Ok(0), |token| token.parse().map_err(|_| "InvalidPaginationTokenException"))?;
    let all: Vec<Value> = known.faces.iter().map(|(id, face)| shown(id, face)).collect();
    let page: Vec<&Value> = all.iter().skip(from).take(2).collect();
    let mut value = json!({ "Faces": page, "FaceModelVersion": "7.0" });
    if from + 2 < all.len() {
        value["NextToken"] = json!((from + 2).to_string());
    }
    Ok(value)
}

fn search(
    known: &Collection,
    alike: &[(String, String)],
    operation: &str,
    body: &Value,
) -> Result<Value, &'static str> {
    let id = text(body, "FaceId", "-", 36)?;
    let me = known.faces.get(id).ok_or("ResourceNotFoundException")?;
    let likeness = |other: &Face| {
        let is_pair = |(one, two): &(String, String)| {
            (*one == me.whose && *two == other.whose) || (*two == me.whose && *one == other.whose)
        };
        if other.whose == me.whose {
            99.0
        } else if alike.iter().any(is_pair) {
            91.0
        } else {
            12.0
        }
    };
    let least = |name: &str| body[name].as_f64().unwrap_or(80.0);
    if operation == "SearchFaces" {
        let found = known.faces.iter().filter(|(other, _)| *other != id);
        let found: Vec<Value> = found
            .filter(|(_, face)| likeness(face) >= least("FaceMatchThreshold"))
            .map(|(id, face)| json!({ "Similarity": likeness(face), "Face": shown(id, face) }))
            .collect();
        return Ok(json!({ "SearchedFaceId": id, "FaceMatches": found, "FaceModelVersion": "7.0" }));
    }
    let best = |user: &String| {
        let faces = known.faces.values().filter(|face| face.user.as_ref() == Some(user));
        faces.map(likeness).fold(0.0_f64, f64::max)
    };
    let found: Vec<Value> = known
        .users
        .iter()
        .filter(|user| best(user) >= least("UserMatchThreshold"))
        .map(|user| json!({ "Similarity": best(user), "User": { "UserId": user, "UserStatus": "ACTIVE" } }))
        .collect();
    Ok(json!({ "UserMatches": found, "FaceModelVersion": "7.0", "SearchedFace": { "FaceId": id } }))
}

fn users(known: &mut Collection, operation: &str, body: &Value) -> Result<Value, &'static str> {
    let user = text(body, "UserId", "_.-:", 128)?.to_owned();
    text(body, "ClientRequestToken", "-_", 64)?;
    let at = known.users.iter().position(|there| *there == user);
    if operation == "CreateUser" {
        if at.is_some() {
            return Err("ConflictException");
        }
        known.users.push(user);
        return Ok(json!({}));
    }
    let at = at.ok_or("ResourceNotFoundException")?;
    match operation {
        "DeleteUser" => {
            known.users.remove(at);
            known.faces.values_mut().filter(|face| face.user.as_ref() == Some(&user)).for_each(|face| face.user = None);
            Ok(json!({}))
        }
        "AssociateFaces" => {
            let (mut good, mut bad) = (Vec::new(), Vec::new());
            for id in face_ids(body)? {
                let face = known.faces.get_mut(&id);
                match face {
                    None => bad.push(json!({ "FaceId": id, "Reasons": ["FACE_NOT_FOUND"] })),
                    Some(face) if face.user.as_ref().is_some_and(|other| *other != user) => {
                        bad.push(json!({ "FaceId": id, "Reasons": ["ASSOCIATED_TO_A_DIFFERENT_USER"] }));
                    }
                    Some(face) => {
                        face.user = Some(user.clone());
                        good.push(json!({ "FaceId": id }));
                    }
                }
            }
            Ok(json!({ "AssociatedFaces": good, "UnsuccessfulFaceAssociations": bad, "UserStatus": "UPDATING" }))
        }
        _ => {
            let ids = face_ids(body)?;
            for id in &ids {
                if let Some(face) = known.faces.get_mut(id).filter(|face| face.user.as_ref() == Some(&user)) {
                    face.user = None;
                }
            }
            Ok(
                json!({ "DisassociatedFaces": ids.iter().map(|id| json!({ "FaceId": id })).collect::<Vec<_>>(), "UserStatus": "UPDATING" }),
            )
        }
    }
}
