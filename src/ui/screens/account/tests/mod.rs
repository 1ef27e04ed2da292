//! The account screen by role and label: every state has its words, and every control asks for exactly what it says.

mod asks;
mod forms;
pub mod scenes;
mod secrets;
mod views;

use eframe::egui::accesskit::Role;
use eframe::egui::{self, Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use self::scenes::Scene;
use super::AccountScreen;
use crate::protocol::AccountAsk;
use crate::ui::Action;
use crate::ui::screens::tests::{Stage, stage};

pub type Window = Harness<'static, Stage<AccountScreen>>;

/// A scene in a window of this size.
pub fn open_in(scene: Scene, size: (f32, f32)) -> Window {
    let fake = scene.fake();
    stage(fake, scene.screen, size, |screen, ui, context, actions| screen.show(ui.ctx(), context, actions))
}

/// A scene in a window with room for everything.
pub fn open(scene: Scene) -> Window {
    open_in(scene, (900.0, 1100.0))
}

/// One of [`scenes::all`].
pub fn scene(name: &str) -> Scene {
    let found = scenes::all().into_iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no scene {name}")).1
}

/// What was asked of the account since the last look; anything else that was asked for fails the test.
pub fn account_asks(window: &Window) -> Vec<AccountAsk> {
    let ask = |action| match action {
        Action::Account(ask) => ask,
        other => panic!("not asked of the account: {other:?}"),
    };
    window.state().fake.take().into_iter().map(ask).collect()
}

/// Types into the field that has the keyboard.
pub fn typed(window: &mut Window, text: &str) {
    window.event(Event::Text(text.to_owned()));
    window.run_steps(2);
}

/// Pastes into it.
pub fn pasted(window: &mut Window, text: &str) {
    window.event(Event::Paste(text.to_owned()));
    window.run_steps(2);
}

pub fn press(window: &mut Window, key: Key) {
    window.key_press_modifiers(Modifiers::NONE, key);
    window.run_steps(3);
}

/// The name of what has the keyboard.
pub fn focused(window: &Window) -> String {
    let node = window.root().children_recursive().find(|node| node.accesskit_node().is_focused());
    node.and_then(|node| node.accesskit_node().label()).unwrap_or_default()
}

/// Gives a field the keyboard.
pub fn focus(window: &mut Window, role: Role, name: &str) {
    window.get_by_role_and_label(role, name).focus();
    window.run_steps(2);
}

/// Everything that a screen reader could say, also about the letters that were drawn.
pub fn all_said(window: &Window) -> Vec<String> {
    let said = |node: egui::accesskit::Node| {
        [node.label(), node.value(), node.description(), node.tooltip(), node.placeholder()]
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    window.root().children_recursive().flat_map(|node| said(node.accesskit_node().data().clone())).collect()
}
