//! The on-device tagger: photos a second with two at a time, and what a photo costs one core.

use std::sync::Arc;
use std::time::Instant;

use lightkeep::domain::ContentHash;
use lightkeep::domain::labels::Asked;
use lightkeep::tagger::on_device::OnDevice;
use lightkeep::tagger::{Picture, Tagger as _};

use super::data::Data;
use super::measure::{median, process_cpu};
use super::table::{Met, Row};

/// Photos of which two are looked at at a time.
const AT_A_TIME: usize = 2;

/// The rows.
pub fn rows(data: &Data) -> Vec<Row> {
    let pictures = pictures();
    let count = if data.is_quick { 40 } else { 300 };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(AT_A_TIME).build().unwrap();
    let tagger = Arc::new(OnDevice::new(AT_A_TIME));
    let words = Asked { labels: true, faces: false, text: false, people: false };
    // The models are loaded with the first look, once for each start of the program.
    let (first, _) = runtime.block_on(look(&tagger, &pictures, 1, words));
    let mut rows = Vec::new();
    for (name, asked) in [("words", words), ("words and faces", Asked { faces: true, ..words })] {
        let (mut rates, mut costs) = (Vec::new(), Vec::new());
        for _ in 0..data.rounds {
            let (wall, cpu) = runtime.block_on(look(&tagger, &pictures, count, asked));
            rates.push(count as f64 / wall);
            costs.push(cpu / count as f64 * 1e3);
        }
        let (rate, cost) = (median(&rates), median(&costs));
        rows.push(Row::new(
            format!("{name} on this computer, {} photos of 320 px in turn, {AT_A_TIME} at a time", pictures.len()),
            format!("{rate:.0} photos/s; {cost:.1} ms of one core a photo"),
            "50 photos/s, 40 ms",
            Met::from(rate >= 50.0 && cost <= 40.0),
        ));
    }
    rows.push(Row::new("the first look, which loads the models", format!("{:.0} ms", first * 1e3), "–", Met::Open));
    rows
}

/// Looks at `count` pictures in turn; how long that took and what it cost, in seconds.
async fn look(tagger: &Arc<OnDevice>, pictures: &[Picture], count: usize, asked: Asked) -> (f64, f64) {
    let (start, before) = (Instant::now(), process_cpu());
    let looks = (0..count).map(|number| {
        let (tagger, picture) = (Arc::clone(tagger), pictures[number % pictures.len()].clone());
        tokio::spawn(async move { tagger.look(&picture, asked).await.unwrap() })
    });
    for answer in looks.collect::<Vec<_>>() {
        answer.await.unwrap();
    }
    (start.elapsed().as_secs_f64(), (process_cpu() - before).as_secs_f64())
}

/// The photos of the tests.
fn pictures() -> Vec<Picture> {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tagger");
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| file.extension().is_some_and(|ending| ending == "jpg")).collect();
    files.sort();
    let picture = |file| Picture { content: ContentHash([0; 32]), jpeg: std::fs::read(file).unwrap().into() };
    files.into_iter().map(picture).collect()
}
