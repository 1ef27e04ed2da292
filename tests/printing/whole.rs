//! The whole way: photos of a library, through the program, onto a printer; measured on what the printer received.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::pictures::Shot;
use crate::common::{Lab, Ran, until};
use crate::cups::Cups;
use crate::document;
use crate::eve::Eve;

/// The pixel size in which pages are looked at: a tenth of a millimetre.
const PPI: u32 = 254;
const PX_PER_MM: f64 = 10.0;

/// A library with one photo for each EXIF orientation.
fn lab() -> Lab {
    let lab = Lab::new();
    for orientation in 1..=8 {
        let shot = Shot {
            seed: u32::from(orientation) * 20,
            size: (600, 400),
            orientation,
            ..Shot::on(&format!("2024-05-1{orientation}"), 0)
        };
        lab.put(format!("{orientation}.jpg"), shot.jpeg());
    }
    lab.import();
    lab
}

/// A contact sheet of four rows and two columns on A4, to a printer; the job's number.
fn print(lab: &Lab, printer: &str, server: Option<&Path>, more: &[&str]) -> i32 {
    let args = ["print", "", "--layout", "contact", "--rows", "4", "--columns", "2", "--paper", "A4"];
    let mut command = lab.command(args.iter().chain(["--printer", printer, "--json"].iter()).chain(more));
    if let Some(server) = server {
        command.env("CUPS_SERVER", server);
    }
    let ran = Ran::new(command.output().unwrap());
    assert_eq!(ran.code, 0, "{ran:?}");
    let answer = ran.json();
    assert_eq!((&answer["pages"], &answer["photos"]), (&1.into(), &8.into()), "{answer}");
    assert_eq!(answer["job"]["printer"], printer, "{answer}");
    assert_eq!(answer["file"], "", "no file is left: {answer}");
    i32::try_from(answer["job"]["number"].as_i64().unwrap()).unwrap()
}

fn picture_of(file: &Path, to: &Path) -> image::RgbImage {
    let stem = to.join("page");
    let output =
        Command::new("pdftoppm").args(["-r", &PPI.to_string(), "-singlefile", "-png"]).arg(file).arg(&stem).output();
    assert!(output.unwrap().status.success());
    image::open(stem.with_extension("png")).unwrap().into_rgb8()
}

/// Where a photo is to lie in its cell, in mm: whole, in the middle. Margins 10, spacing 4, as the program begins.
fn place_mm(cell: u32, upright: bool) -> [f64; 4] {
    let (width, height) = ((190.0 - 4.0) / 2.0, (277.0 - 3.0 * 4.0) / 4.0);
    let (x, y) = (10.0 + f64::from(cell % 2) * (width + 4.0), 10.0 + f64::from(cell / 2) * (height + 4.0));
    let ratio = if upright { 2.0 / 3.0 } else { 1.5 };
    let (w, h) = if ratio > width / height { (width, width / ratio) } else { (height * ratio, height) };
    [x + (width - w) / 2.0, y + (height - h) / 2.0, x + (width + w) / 2.0, y + (height + h) / 2.0]
}

/// Every photo lies where it should, and its light quarter is where the camera's was when it was held upright.
fn check(page: &image::RgbImage, tolerance_mm: f64) {
    let mut seen = [false; 9];
    for cell in 0..8 {
        let light = |x: f64, y: f64| *page.get_pixel((x * PX_PER_MM) as u32, (y * PX_PER_MM) as u32);
        // Whichever way it lies, its middle is the cell's.
        let [l, t, r, b] = place_mm(cell, false);
        let (middle_x, middle_y) = ((l + r) / 2.0, (t + b) / 2.0);
        let quarters = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
        let found: Vec<usize> = (0..4)
            .filter(|&at| {
                let (x, y) = quarters[at];
                light(middle_x + x * 10.0, middle_y + y * 10.0).0[0] > 200
            })
            .collect();
        let [quarter] = found[..] else { panic!("cell {cell}: {found:?}") };
        let (x, y) = quarters[quarter];
        let blue = f64::from(light(middle_x + x * 10.0, middle_y + y * 10.0).0[2]);
        let orientation = (blue / 20.0).round() as usize;
        let expected = [0, 0, 1, 2, 3, 0, 1, 2, 3];
        assert_eq!(quarter, expected[orientation], "orientation {orientation} is not upright");
        seen[orientation] = true;
        let place = place_mm(cell, orientation > 4);
        for (edge, expected) in edges_mm(page, (middle_x, middle_y)).into_iter().zip(place) {
            assert!((edge - expected).abs() <= tolerance_mm, "orientation {orientation}: {edge} and not {expected} mm");
        }
    }
    assert_eq!(seen[1..], [true; 8]);
}

/// Left, top, right and bottom of what is printed around a point, in mm: from it outwards to the white of the paper.
fn edges_mm(page: &image::RgbImage, (x, y): (f64, f64)) -> [f64; 4] {
    let (x, y) = ((x * PX_PER_MM) as i64, (y * PX_PER_MM) as i64);
    let white = |x: i64, y: i64| page.get_pixel(x as u32, y as u32).0.iter().all(|value| *value > 252);
    let out = |(dx, dy): (i64, i64)| {
        // Beside the very middle, where the light quarter ends.
        let (x, y) = (x + 40 * dy.abs(), y + 40 * dx.abs());
        (1..).find(|step| white(x + dx * step, y + dy * step)).unwrap()
    };
    let px = [(x - out((-1, 0)) + 1), (y - out((0, -1)) + 1), (x + out((1, 0))), (y + out((0, 1)))];
    px.map(|px| px as f64 / PX_PER_MM)
}

#[test]
fn a_driverless_printer_gets_every_photo_upright_and_in_its_place() {
    let (lab, eve) = (lab(), Eve::start(Some("exit 0")));
    let number = print(&lab, &eve.address("ipp"), None, &["--quality", "high", "--copies", "2"]);
    until("the printer has the document", || !eve.received().is_empty());
    let told = eve.attributes_of_job(number);
    for expected in ["print-quality (enum) = high", "copies (integer) = 2", "print-scaling (keyword) = none"] {
        assert!(told.contains(expected), "{expected} is not in {told}");
    }
    let received = eve.received();
    let [(width, height)] = document::page_sizes_mm(&received[0])[..] else { panic!("not one page") };
    assert!((width - 210.0).abs() < 0.1 && (height - 297.0).abs() < 0.1, "{width} {height}");
    check(&picture_of(&received[0], lab.path("").as_path()), 0.2);
    assert!(left(&lab).is_empty(), "{:?}", left(&lab));
}

#[test]
fn a_queue_of_cups_prints_every_photo_upright_and_in_its_place() {
    let (lab, cups) = (lab(), Cups::start());
    let number = print(&lab, crate::cups::QUEUE, Some(cups.socket().as_path()), &[]);
    cups.ended(crate::cups::QUEUE, number);
    until("the PDF is there", || !cups.printed().is_empty());
    let printed = cups.printed();
    let [(width, height)] = document::page_sizes_mm(&printed[0])[..] else { panic!("not one page") };
    assert!((width - 210.0).abs() < 0.5 && (height - 297.0).abs() < 0.5, "{width} {height}");
    check(&picture_of(&printed[0], lab.path("").as_path()), 0.5);
}

/// Documents that a print left behind in the library.
fn left(lab: &Lab) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(lab.library.as_path()).unwrap().filter_map(Result::ok).map(|entry| entry.path());
    entries.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains("printing-"))).collect()
}
