//! Starts the window, or says in one line why there can be none.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use eframe::egui;

use super::window::Window;
use crate::domain::keep::CardFound;
use crate::protocol::{UserError, WindowEnd};
use crate::ui::locale::Locale;

/// The application id: names the window for the desktop, so that it finds the icon.
pub const APP_ID: &str = "app.lightkeep.Lightkeep";

/// How the window starts.
#[derive(Debug, Default)]
pub struct AppOptions {
    /// How numbers and dates are written; see [`Locale::from_env`].
    pub locale: Locale,
    /// What `~` means in a typed path.
    pub home: Option<PathBuf>,
    /// Where size, theme and view are remembered; the desktop's place for it where `None`.
    pub settings_file: Option<PathBuf>,
    /// The icon: width, height and RGBA, where the desktop shows the window's own.
    pub icon: Option<(u32, u32, Vec<u8>)>,
    /// How memory cards are found; nobody looks for any where `None`.
    pub cards: Option<fn() -> Vec<CardFound>>,
    /// Whether it runs on a thread that is not the first, as tests do (X11 only).
    pub any_thread: bool,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Neither `DISPLAY` nor `WAYLAND_DISPLAY` names a display.
    #[error("there is no display (DISPLAY and WAYLAND_DISPLAY are not set)")]
    NoDisplay,
    /// A display, or a library that a window needs, could not be used.
    #[error("no window could be opened: {0}")]
    Window(String),
    /// The library could not be opened.
    #[error(transparent)]
    Library(#[from] UserError),
}

/// Opens the window and stays until it is closed. `start` opens the engine; it is given the wake-up for its events and
/// runs before the window appears, so that the first photos are ready with the first frame.
///
/// # Errors
/// Where there is no display, a graphics or window library is missing, or `start` failed.
pub fn run(
    options: AppOptions,
    start: impl FnOnce(Arc<dyn Fn() + Send + Sync>) -> Result<WindowEnd, UserError>,
) -> Result<(), StartError> {
    has_display()?;
    let window: Arc<OnceLock<egui::Context>> = Arc::default();
    let woken = window.clone();
    let engine = start(Arc::new(move || {
        if let Some(ctx) = woken.get() {
            ctx.request_repaint();
        }
    }))?;
    let AppOptions { locale, home, settings_file, icon, cards, any_thread } = options;
    let native = native_options(settings_file, icon, any_thread);
    let opened = Rc::new(RefCell::new(None));
    // Libraries of the window system are loaded at run time, and some of their absences are panics. Until the window
    // is there, a panic is one line; from then on it is a panic again.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    *opened.borrow_mut() = Some(hook);
    let restore = opened.clone();
    let run = AssertUnwindSafe(move || {
        eframe::run_native(
            "Lightkeep",
            native,
            Box::new(move |creation| {
                if let Some(hook) = restore.borrow_mut().take() {
                    std::panic::set_hook(hook);
                }
                let _ = window.set(creation.egui_ctx.clone());
                let mut window = Window::new(&creation.egui_ctx, creation.storage, engine, locale, home);
                if let Some(look) = cards {
                    window.watch_cards(look, &creation.egui_ctx);
                }
                Ok(Box::new(window))
            }),
        )
    });
    let outcome = catch_unwind(run);
    let never_opened = opened.borrow_mut().take();
    let before_the_window = never_opened.is_some();
    if let Some(hook) = never_opened {
        std::panic::set_hook(hook);
    }
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(StartError::Window(explain(&error.to_string()))),
        Err(panic) if before_the_window => Err(StartError::Window(explain(&panic_text(panic.as_ref())))),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// On Linux a display has a name; elsewhere there always is one.
fn has_display() -> Result<(), StartError> {
    let named = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let needed = cfg!(all(unix, not(target_os = "macos")));
    if needed && !named("DISPLAY") && !named("WAYLAND_DISPLAY") && !named("WAYLAND_SOCKET") {
        return Err(StartError::NoDisplay);
    }
    Ok(())
}

fn native_options(
    settings_file: Option<PathBuf>,
    icon: Option<(u32, u32, Vec<u8>)>,
    any_thread: bool,
) -> eframe::NativeOptions {
    let mut viewport = egui::ViewportBuilder::default()
        .with_app_id(APP_ID)
        .with_title("Lightkeep")
        .with_inner_size([1360.0, 860.0])
        .with_min_inner_size([520.0, 380.0])
        .with_drag_and_drop(true);
    if let Some((width, height, rgba)) = icon.filter(|(w, h, rgba)| rgba.len() == (w * h * 4) as usize) {
        viewport = viewport.with_icon(egui::IconData { rgba, width, height });
    }
    eframe::NativeOptions {
        viewport,
        renderer: eframe::Renderer::Glow,
        persistence_path: settings_file,
        persist_window: true,
        event_loop_builder: Some(Box::new(move |builder| {
            #[cfg(all(unix, not(target_os = "macos")))]
            if std::env::var_os("DISPLAY").is_some_and(|value| !value.is_empty()) {
                use winit::platform::x11::EventLoopBuilderExtX11 as _;
                // winit 0.30 takes no dropped files on Wayland; XWayland does.
                builder.with_x11().with_any_thread(any_thread);
            }
            #[cfg(not(all(unix, not(target_os = "macos"))))]
            let _ = (builder, any_thread);
        })),
        ..eframe::NativeOptions::default()
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "unknown reason".to_owned())
}

/// Names the library or the display that is missing, in one line.
fn explain(text: &str) -> String {
    let line = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let lower = line.to_lowercase();
    let known = [
        ("xkbcommon-x11", "the library libxkbcommon-x11 is missing (Debian: libxkbcommon-x11-0)"),
        ("xkbcommon", "the library libxkbcommon is missing (Debian: libxkbcommon0)"),
        ("libxcursor", "the library libXcursor is missing (Debian: libxcursor1)"),
        ("libxi", "the library libXi is missing (Debian: libxi6)"),
        ("libx11", "the library libX11 is missing (Debian: libx11-6, libx11-xcb1)"),
        ("libwayland", "the library libwayland is missing (Debian: libwayland-client0)"),
        ("libegl", "OpenGL is missing (Debian: libegl1 libgl1-mesa-dri)"),
        ("libgl.so", "OpenGL is missing (Debian: libgl1 libgl1-mesa-dri)"),
        ("egl", "OpenGL could not be started (Debian: libegl1 libgl1-mesa-dri)"),
        ("glx", "OpenGL could not be started (Debian: libgl1 libgl1-mesa-dri)"),
        ("opendisplay", "the display cannot be reached (is DISPLAY right?)"),
        ("open display", "the display cannot be reached (is DISPLAY right?)"),
    ];
    match known.iter().find(|(sign, _)| lower.contains(sign)) {
        Some((_, words)) => format!("{words}: {line}"),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_in_one_line() {
        let said = explain("Library libxkbcommon-x11.so could not be loaded.\n  at main");
        assert!(said.starts_with("the library libxkbcommon-x11 is missing"), "{said}");
        assert!(!said.contains('\n'));
        assert_eq!(explain("something new"), "something new");
    }
}
