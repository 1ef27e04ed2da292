//! Files in the desktop's own programs. Nothing waits for them, and nothing is said where there is none.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// Shows a file in the file manager: its folder, with the file marked where the desktop can do that.
pub fn reveal(path: &Path) {
    #[cfg(target_os = "macos")]
    spawn("open", [OsStr::new("-R"), path.as_os_str()]);
    #[cfg(target_os = "windows")]
    {
        let mut select = std::ffi::OsString::from("/select,");
        select.push(path);
        spawn("explorer", [select.as_os_str()]);
    }
    #[cfg(not(any(target_os = "macos", target_os = "windows")))]
    if let Some(folder) = path.parent() {
        open(folder);
    }
}

/// Opens a file or a folder in the desktop's program for it.
pub fn open(path: &Path) {
    #[cfg(target_os = "macos")]
    spawn("open", [path.as_os_str()]);
    #[cfg(target_os = "windows")]
    spawn("explorer", [path.as_os_str()]);
    #[cfg(not(any(target_os = "macos", target_os = "windows")))]
    spawn("xdg-open", [path.as_os_str()]);
}

/// Opens a page in the browser. Only web addresses: nothing that a program would run.
pub fn open_page(page: &str) {
    if page.starts_with("https://") || page.starts_with("http://") {
        #[cfg(target_os = "windows")]
        spawn("rundll32", [OsStr::new("url.dll,FileProtocolHandler"), OsStr::new(page)]);
        #[cfg(not(target_os = "windows"))]
        open(Path::new(page));
    }
}

fn spawn<'a>(program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Ok(mut child) = command.spawn() {
        // Somebody has to take note of its end, or it stays in the process table until the window closes.
        std::thread::spawn(move || {
            let _ = child.wait();
        });
    }
}
