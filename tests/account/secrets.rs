//! After a whole life with the account, no secret is anywhere but in the keyring.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::home::{EMAIL, Home, PASSWORD, files_below};

/// Looks at the arguments of every process of ours while the rest goes on.
struct Watch {
    stop: Arc<Mutex<bool>>,
    seen: std::thread::JoinHandle<Vec<String>>,
}

impl Watch {
    fn start() -> Self {
        let stop = Arc::new(Mutex::new(false));
        let stopped = stop.clone();
        let seen = std::thread::spawn(move || {
            let mut seen = Vec::new();
            while !*stopped.lock().unwrap() {
                for entry in std::fs::read_dir("/proc").unwrap().flatten() {
                    let Ok(words) = std::fs::read(entry.path().join("cmdline")) else { continue };
                    let words = String::from_utf8_lossy(&words).into_owned();
                    if words.contains("lightkeep") && !seen.contains(&words) {
                        seen.push(words);
                    }
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            seen
        });
        Self { stop, seen }
    }

    fn end(self) -> Vec<String> {
        *self.stop.lock().unwrap() = true;
        self.seen.join().unwrap()
    }
}

#[test]
fn no_secret_reaches_a_file_a_log_an_error_or_an_argument() {
    let home = Home::new();
    let watch = Watch::start();
    let trace = home.dir.path().join("trace.jsonl");
    let mut said = String::new();
    let mut step = |args: &[&str], lines: &[&str]| {
        let mut command = home.program();
        let trace = home.dir.path().join(format!("trace-{}.jsonl", said.len()));
        command.arg("--trace").arg(trace).args(["account"]).args(args);
        let ran = crate::home::run(command, lines);
        said.push_str(&ran.err);
        if ran.code != 0 {
            said.push_str(&ran.out);
        }
        ran
    };
    step(&["sign-up"], &[EMAIL, PASSWORD]);
    let mut codes = vec![home.code(EMAIL, 1)];
    step(&["confirm"], &[EMAIL, "000001"]);
    step(&["confirm"], &[EMAIL, &codes[0]]);
    step(&["sign-in"], &[EMAIL, "Wrong-password-1"]);
    step(&["sign-in"], &[EMAIL, PASSWORD]);
    let token = |kind: &str| home.ok(&["token", "--show", kind], &[])["token"].as_str().unwrap().to_owned();
    let mut secrets = vec![token("access"), token("id")];
    step(&["password"], &["Not-the-old-one-1", "Second-password-22"]);
    step(&["forgot"], &[EMAIL]);
    codes.push(home.code(EMAIL, 2));
    step(&["reset"], &[EMAIL, "000001", "Second-password-22"]);
    step(&["check"], &[]);
    step(&["use", "lightkeep:1?region=nowhere"], &[]);
    step(
        &["remote", "--bucket", "some-bucket", "--endpoint", "http://127.0.0.1:9"],
        &["AKIDKEYKEYKEY", "secretkeysecretkey"],
    );
    step(&["check"], &[]);
    step(&["use", &home.line], &[]);
    // A photo is stored meanwhile, with the library's log in place.
    let photos = home.dir.path().join("photos");
    std::fs::create_dir(&photos).unwrap();
    std::fs::write(photos.join("a.png"), png()).unwrap();
    let mut import = home.program();
    import.arg("--trace").arg(&trace).arg("import").arg(&photos);
    // The vault takes it; the stand-in's bucket refuses it, because it does not expand the policy's variable.
    let imported = crate::home::run(import, &[]);
    assert!(imported.code == 1 && imported.err.contains("aws"), "{imported:?}");
    step(&["sign-out"], &[]);
    step(&["status"], &[]);

    secrets.extend([PASSWORD, "Wrong-password-1", "Second-password-22", "Not-the-old-one-1"].map(ToOwned::to_owned));
    secrets.extend(["secretkeysecretkey".to_owned(), "AKIDKEYKEYKEY".to_owned(), EMAIL.to_owned()]);
    secrets.extend(["ann.adams".to_owned(), "ann%2Eadams".to_owned()]);
    let arguments = watch.end();
    assert!(arguments.iter().any(|words| words.contains("sign-in")), "the watch saw nothing: {arguments:?}");
    let files = files_below(home.dir.path());
    assert!(files.iter().any(|(path, _)| path.ends_with("catalog.db")), "nothing was looked at");
    assert!(files.iter().any(|(path, bytes)| path.extension().is_some_and(|e| e == "jsonl") && !bytes.is_empty()));
    for secret in &secrets {
        let bytes = secret.as_bytes();
        for (path, content) in &files {
            let found = content.windows(bytes.len()).any(|window| window == bytes);
            assert!(!found, "a secret ({}…) stands in {}", &secret[..4], path.display());
        }
        assert!(!said.contains(secret.as_str()), "a secret ({}…) was said: {said}", &secret[..4]);
        for words in &arguments {
            assert!(!words.contains(secret.as_str()), "a secret ({}…) is an argument: {words}", &secret[..4]);
        }
    }
    // Codes are six digits, which may stand in a file by chance; they are looked for as words, in what was said.
    for code in &codes {
        assert!(!said.contains(code.as_str()), "a code was said: {said}");
    }
}

/// A picture of one pixel.
fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = image::RgbImage::from_pixel(8, 8, image::Rgb([200, 100, 50]));
    image::DynamicImage::ImageRgb8(picture)
        .write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png)
        .unwrap();
    bytes
}
