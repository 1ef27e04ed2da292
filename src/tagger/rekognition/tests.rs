//! The documented shapes of the service, its refusals in the middle of a run, nonsense, and silence. The shapes are those
//! of the API reference; that the service gives them only a real account can show.

mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use base64::Engine as _;
use serde_json::{Value, json};

use self::server::{Reply, Server, refusal};
use super::*;
use crate::domain::ContentHash;
use crate::domain::labels::Region as Place;

const LABELS: Asked = Asked { labels: true, faces: false, text: false, people: false };
const ALL: Asked = Asked { labels: true, faces: true, text: true, people: false };
const SECRET: &str = "a/secret+of/the/tests";

fn rekognition(server: &Server, patience: Patience) -> Rekognition {
    let keys = Credentials::new("AKIDTEST", SECRET, None, None, "test");
    let keys = SharedCredentialsProvider::new(keys);
    let config = crate::aws::config("eu-central-1", Some(&server.endpoint()), Some(keys));
    let made = Rekognition::with(&config, Some("eu-west-1".to_owned()), patience);
    *made.pace() = Pace::beginning(1_000.0, 1_000.0);
    made
}

/// Long enough that a busy machine never sees it, with waits that a test does not see.
fn quick() -> Patience {
    Patience { wait: Duration::from_millis(1), ..Patience::default() }
}

fn picture(number: u8) -> Picture {
    Picture { content: ContentHash([number; 32]), jpeg: Arc::from([0xFF, 0xD8, 0xFF, number].as_slice()) }
}

async fn look(
    answers: impl Fn(&server::Asked, usize) -> Reply + Send + Sync + 'static,
    asked: Asked,
) -> Result<Answer, TaggerError> {
    let server = Server::start(answers);
    rekognition(&server, quick()).look(&picture(1), asked).await
}

fn is_near(a: Place, b: [f32; 4]) -> bool {
    [a.left - b[0], a.top - b[1], a.width - b[2], a.height - b[3]].iter().all(|off| off.abs() < 1e-5)
}

/// Every field of the reference, and some that it does not have.
fn full_label() -> Value {
    json!({
        "Name": "Car",
        "Confidence": 98.874_6,
        "Instances": [
            { "BoundingBox": { "Width": 0.1, "Height": 0.2, "Left": 0.3, "Top": 0.4 }, "Confidence": 98.8,
              "DominantColors": [{ "Red": 1, "Green": 2, "Blue": 3, "HexCode": "010203", "CSSColor": "black",
                                   "SimplifiedColor": "black", "PixelPercent": 40.0 }] },
            { "BoundingBox": { "Width": 0.5, "Height": 0.5, "Left": 0.8, "Top": -0.1 }, "Confidence": 60.0 },
            { "BoundingBox": { "Width": 0.5, "Height": 0.5, "Left": 3.0, "Top": 0.1 } },
            { "Confidence": 12.0 },
        ],
        "Parents": [{ "Name": "Vehicle" }, { "Name": "Transportation" }, {}],
        "Aliases": [{ "Name": "Automobile" }],
        "Categories": [{ "Name": "Vehicles and Automotive", "NewField": [1, 2] }],
        "SomethingNew": { "deep": [1, { "deeper": null }] },
    })
}

fn labels(all: Vec<Value>) -> Reply {
    Reply::Json(200, json!({ "Labels": all, "LabelModelVersion": "3.0", "ImageProperties": null, "New": 1 }))
}

fn one(name: &str, confidence: f64) -> Value {
    json!({ "Name": name, "Confidence": confidence })
}

#[tokio::test]
async fn every_field_of_a_label_is_taken_over() {
    let answer = look(|_, _| labels(vec![one("Road", 71.0), full_label()]), LABELS).await.unwrap();
    assert_eq!((answer.tagger, answer.model.as_str(), answer.asked), (TaggerKind::Aws, "3.0", LABELS));
    assert_eq!(answer.content, ContentHash([1; 32]));
    let car = &answer.labels[0];
    assert_eq!((car.name.as_str(), car.confidence), ("Car", 98.874_6));
    assert_eq!(car.parents, ["Vehicle", "Transportation"], "nearest first");
    assert_eq!(
        (car.aliases.join(","), car.categories.join(",")),
        ("Automobile".into(), "Vehicles and Automotive".into())
    );
    assert_eq!(car.regions.len(), 2, "one lies outside, one is nowhere");
    assert!(is_near(car.regions[0], [0.3, 0.4, 0.1, 0.2]), "{:?}", car.regions);
    assert!(is_near(car.regions[1], [0.8, 0.0, 0.2, 0.4]), "cut at the edges: {:?}", car.regions);
    assert_eq!((answer.labels[1].name.as_str(), answer.labels[1].regions.len()), ("Road", 0));
}

#[tokio::test]
async fn no_field_is_needed_but_name_and_confidence() {
    let bare = || {
        labels(vec![
            json!({}),
            one("Dog", 55.0),
            json!({ "Name": "Ghost" }),
            json!({ "Confidence": 99.0 }),
            one(" ", 9.0),
        ])
    };
    let answer = look(move |_, _| bare(), LABELS).await.unwrap();
    assert_eq!(answer.labels.iter().map(|label| label.name.as_str()).collect::<Vec<_>>(), ["Dog"]);
    // The example inside botocore has no version.
    let example = || Reply::Json(200, json!({ "Labels": [one("People", 99.25), one("Person", 99.25)] }));
    let answer = look(move |_, _| example(), LABELS).await.unwrap();
    assert_eq!((answer.labels.len(), answer.model.as_str()), (2, ""));
    let nothing_seen = look(|_, _| labels(Vec::new()), LABELS).await.unwrap();
    assert_eq!((nothing_seen.labels.len(), nothing_seen.asked), (0, LABELS), "that is an answer, and is kept");
}

#[tokio::test]
async fn a_hundred_labels_and_no_more() {
    for count in [100, 450] {
        let many = (0..count).map(|n| one(&format!("Label {n}"), 50.0 + f64::from(n) / 10.0)).collect::<Vec<_>>();
        let answer = look(move |_, _| labels(many.clone()), LABELS).await.unwrap();
        assert_eq!(answer.labels.len(), 100);
        assert_eq!(answer.labels[0].name, format!("Label {}", count - 1), "the most certain first");
    }
}

#[tokio::test]
async fn faces_and_lines_of_text() {
    let answers = |asked: &server::Asked, _| match asked.operation.as_str() {
        "DetectLabels" => labels(vec![one("Sign", 90.0)]),
        // The example inside botocore, and one outside the picture.
        "DetectFaces" => Reply::Json(
            200,
            json!({ "FaceDetails": [
                { "BoundingBox": { "Height": 0.18, "Left": 0.5555, "Top": 0.3367, "Width": 0.24 }, "Confidence": 100,
                  "Landmarks": [{ "Type": "eyeLeft", "X": 0.639, "Y": 0.408 }],
                  "Pose": { "Pitch": 4.05, "Roll": 0.99, "Yaw": 13.69 }, "Quality": { "Brightness": 37.6, "Sharpness": 80 } },
                { "BoundingBox": { "Height": 0.2, "Left": 1.5, "Top": 0.3, "Width": 0.2 }, "Confidence": 90 },
            ], "OrientationCorrection": "ROTATE_0" }),
        ),
        "DetectText" => Reply::Json(
            200,
            json!({ "TextModelVersion": "3.1", "TextDetections": [
                { "DetectedText": "NO ENTRY", "Type": "LINE", "Id": 0, "Confidence": 99.5, "Geometry": {
                    "BoundingBox": { "Width": 0.5, "Height": 0.1, "Left": 0.2, "Top": 0.3 },
                    "Polygon": [{ "X": 0.2, "Y": 0.3 }], "RotationAngle": 1.5 } },
                { "DetectedText": "NO", "Type": "WORD", "Id": 1, "ParentId": 0, "Confidence": 99.5 },
                { "DetectedText": "2026", "Type": "LINE", "Id": 2, "Confidence": 80.0 },
                { "DetectedText": "?", "Type": "GLYPH", "Id": 3, "Confidence": 80.0 },
            ] }),
        ),
        other => panic!("nobody asked for {other}"),
    };
    let answer = look(answers, ALL).await.unwrap();
    assert_eq!((answer.asked, answer.model.as_str()), (ALL, "3.0"));
    assert_eq!((answer.faces.len(), answer.faces[0].confidence), (1, 100.0));
    assert!(is_near(answer.faces[0].region, [0.5555, 0.3367, 0.24, 0.18]));
    let texts: Vec<_> = answer.texts.iter().map(|line| (line.text.as_str(), line.region.is_some())).collect();
    assert_eq!(texts, [("NO ENTRY", true), ("2026", false)]);
    let text_only = look(answers, Asked { text: true, ..Asked::NOTHING }).await.unwrap();
    assert_eq!((text_only.model.as_str(), text_only.labels.len()), ("3.1", 0));
}

#[tokio::test]
async fn what_is_sent_is_the_picture_and_nothing_else() {
    let server = Server::start(|_, _| labels(vec![one("Dog", 90.0)]));
    rekognition(&server, quick()).look(&picture(9), LABELS).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 1, "only what is asked is paid for");
    let body = asked[0].body.as_object().unwrap();
    assert_eq!(body.keys().collect::<Vec<_>>(), ["Image", "MaxLabels", "MinConfidence"]);
    assert_eq!(body["MaxLabels"], 100);
    let sent = base64::engine::general_purpose::STANDARD.decode(body["Image"]["Bytes"].as_str().unwrap()).unwrap();
    assert_eq!(sent, [0xFF, 0xD8, 0xFF, 9]);
    assert!(asked[0].head.contains("/eu-west-1/rekognition/aws4_request"), "another region than the bucket's");
    assert!(!asked[0].head.contains(SECRET));
}

#[tokio::test]
async fn a_refusal_in_the_middle_slows_down_and_loses_nothing() {
    for code in ["ThrottlingException", "ProvisionedThroughputExceededException"] {
        let server = Server::start(
            move |_, n| {
                if (6..12).contains(&n) { refusal(code) } else { labels(vec![one("Dog", 90.0)]) }
            },
        );
        let tagger = rekognition(&server, quick());
        let pictures: Vec<_> = (0..20).map(picture).collect();
        let answers = futures::future::join_all(pictures.iter().map(|picture| tagger.look(picture, LABELS))).await;
        assert!(
            answers.iter().all(|answer| answer.as_ref().is_ok_and(|answer| answer.labels.len() == 1)),
            "{answers:?}"
        );
        assert_eq!(server.asked().len(), 26);
        assert!(tagger.per_s() < 1_000.0, "{code}: {}", tagger.per_s());
        assert_eq!(tagger.billed().labels, 20, "a refusal costs nothing");
    }
}

#[tokio::test]
async fn passing_faults_pass() {
    for fault in
        [Reply::Json(500, json!({ "__type": "InternalServerError" })), Reply::Cut, Reply::Text(503, "<html>".into())]
    {
        let is_cut = matches!(fault, Reply::Cut);
        let server = Server::start(move |_, n| if n < 2 { fault.clone() } else { labels(vec![one("Dog", 90.0)]) });
        let tagger = rekognition(&server, quick());
        let answer = tagger.look(&picture(1), LABELS).await;
        assert_eq!(answer.unwrap().labels[0].name, "Dog");
        assert_eq!(server.asked().len(), 3);
        // An answer that broke off was one: its picture was looked at.
        assert_eq!(tagger.billed().labels, if is_cut { 3 } else { 1 });
    }
}

#[tokio::test]
async fn what_is_paid_for_is_kept_when_the_rest_fails() {
    let heals = Arc::new(AtomicBool::new(false));
    let healed = Arc::clone(&heals);
    let server = Server::start(move |asked, _| match asked.operation.as_str() {
        "DetectFaces" if !healed.load(Ordering::SeqCst) => refusal("AccessDeniedException"),
        "DetectFaces" => Reply::Json(200, json!({ "FaceDetails": [] })),
        _ => labels(vec![one("Dog", 90.0)]),
    });
    let tagger = rekognition(&server, quick());
    let wanted = Asked { labels: true, faces: true, text: false, people: false };
    let answer = tagger.look(&picture(1), wanted).await.unwrap();
    assert_eq!((answer.asked, answer.labels.len()), (LABELS, 1));
    let left = wanted.without(answer.asked);
    let why = tagger.look(&picture(1), left).await.unwrap_err();
    assert!(matches!(&why, TaggerError::Denied(words) if words.contains("AccessDeniedException")), "{why:?}");
    heals.store(true, Ordering::SeqCst);
    assert_eq!(tagger.look(&picture(1), left).await.unwrap().asked, left);
    assert_eq!((tagger.billed().labels, tagger.billed().faces), (1, 1));
}

#[tokio::test]
async fn each_refusal_says_what_to_do() {
    let cases = [
        ("AccessDeniedException", "Denied"),
        ("UnrecognizedClientException", "Denied"),
        ("ExpiredTokenException", "Denied"),
        ("InvalidImageFormatException", "BadPicture"),
        ("ImageTooLargeException", "BadPicture"),
        ("InvalidParameterException", "BadPicture"),
    ];
    for (code, kind) in cases {
        let server = Server::start(move |_, _| refusal(code));
        let error = rekognition(&server, quick()).look(&picture(1), ALL).await.unwrap_err();
        assert!(format!("{error:?}").starts_with(kind) && error.to_string().contains(code), "{code}: {error:?}");
        assert!(!format!("{error:?}").contains(SECRET));
        assert_eq!(server.asked().len(), 1, "{code}: neither tried again nor asked for the rest");
    }
    let too_long = Picture { content: ContentHash([1; 32]), jpeg: vec![0; MOST_BYTES + 1].into() };
    let server = Server::start(|_, _| labels(Vec::new()));
    let error = rekognition(&server, quick()).look(&too_long, LABELS).await.unwrap_err();
    assert!(matches!(error, TaggerError::BadPicture(_)) && server.asked().is_empty(), "{error:?}");
}

#[tokio::test]
async fn nonsense_is_refused() {
    let nonsense = [
        Reply::Json(200, json!({})),
        Reply::Json(200, json!({ "Labels": [{}, { "Name": "" }], "LabelModelVersion": "3.0" })),
        Reply::Json(200, json!({ "Labels": "many" })),
        Reply::Json(200, json!([1, 2])),
        Reply::Text(200, "<html>Welcome to the hotel</html>".to_owned()),
        Reply::Text(200, "[".repeat(200_000)),
        Reply::Flood(6 << 20),
    ];
    for (number, reply) in nonsense.into_iter().enumerate() {
        let error = look(move |_, _| reply.clone(), LABELS).await.unwrap_err();
        assert!(matches!(error, TaggerError::Nonsense(_)), "{number}: {error:?}");
    }
    let strange = Asked { faces: true, text: true, labels: false, people: false };
    let error = look(|_, _| Reply::Json(200, json!({ "Unknown": true })), strange).await.unwrap_err();
    assert!(matches!(error, TaggerError::Nonsense(_)), "{error:?}");
}

#[tokio::test]
async fn a_service_that_never_answers_is_not_waited_for_for_ever() {
    // Long enough for a busy machine to make a connection in it.
    let patience = Patience {
        request: Duration::from_millis(900),
        question: Duration::from_secs(3),
        tries: 3,
        wait: Duration::from_millis(1),
    };
    let server = Server::start(|_, _| Reply::Never);
    let tagger = rekognition(&server, patience);
    let error = tagger.look(&picture(1), ALL).await.unwrap_err();
    assert!(matches!(error, TaggerError::Unavailable(_)), "{error:?}");
    let asked = server.asked().len() as u64;
    assert!(asked <= 3, "{asked}");
    assert!(tagger.billed().labels <= 3 && tagger.billed().labels >= 1, "an answer that was lost may be billed");
    // Always refused: it ends as well.
    let server = Server::start(|_, _| refusal("ThrottlingException"));
    let patience = Patience { request: Duration::from_secs(4), question: Duration::from_secs(6), ..patience };
    let error = rekognition(&server, patience).look(&picture(1), LABELS).await.unwrap_err();
    assert!(matches!(&error, TaggerError::Unavailable(words) if words.contains("too often")), "{error:?}");
}

#[tokio::test]
async fn nobody_there_is_said_with_the_region() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let keys = SharedCredentialsProvider::new(Credentials::new("AKIDTEST", SECRET, None, None, "test"));
    let config = crate::aws::config("eu-central-1", Some(&format!("http://127.0.0.1:{port}")), Some(keys));
    let tagger = Rekognition::with(&config, None, Patience { tries: 2, ..quick() });
    let error = tagger.look(&picture(1), LABELS).await.unwrap_err();
    assert!(matches!(&error, TaggerError::Unavailable(words) if words.contains("eu-central-1")), "{error:?}");
    assert_eq!(tagger.billed(), Images::default());
}

#[test]
fn its_debug_holds_no_secret() {
    let keys = SharedCredentialsProvider::new(Credentials::new("AKIDTEST", SECRET, None, None, "test"));
    let tagger = Rekognition::new(&crate::aws::config("eu-central-1", None, Some(keys)), None);
    assert!(!format!("{tagger:?}").contains(SECRET));
    assert_eq!(
        (tagger.kind(), tagger.edge_px(), tagger.can(), tagger.region()),
        (TaggerKind::Aws, 1_024, ALL, "eu-central-1")
    );
    assert!((tagger.per_s() - 4.0).abs() < 1e-9);
    assert!(tagger.at_most_per_s(2.0).per_s() <= 2.0);
}
