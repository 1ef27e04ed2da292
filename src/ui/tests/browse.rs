//! Browsing: counts narrow a search with a click, searches are kept, and what may be typed next is under the field.

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::fake::{World, asked, open, press};
use crate::domain::facets::{Completion, Completions, Facet, Facets, SavedSearch, TagNode};
use crate::domain::query::Scope;
use crate::ui::{Action, FindAsk, Loadable};

const NONE: Modifiers = Modifiers::NONE;

fn facet(name: &str, query: &str, photos: u64) -> Facet {
    Facet { name: name.into(), query: query.into(), photos }
}

fn browsing() -> Harness<'static, World> {
    let mut world = World::of(60);
    let tags = (0..9).map(|n| facet(&format!("Word {n}"), &format!("tag:\"word {n}\""), 60 - n)).collect();
    let cameras = vec![facet("Canon EOS 70D", "camera:\"canon eos 70d\"", 41)];
    world.finding.facets = Loadable::Ready(Box::new(Facets { total: 60, tags, cameras, ..Facets::default() }));
    world.finding.saved = vec![SavedSearch { name: "Best".into(), query: "rating:>=4".into() }];
    let mut harness = open(world);
    press(&mut harness, NONE, Key::B);
    harness.run_steps(3);
    harness
}

fn search(actions: &[Action]) -> Vec<&str> {
    actions.iter().filter_map(|action| if let Action::Search(text) = action { Some(&**text) } else { None }).collect()
}

fn click(harness: &mut Harness<'_, World>, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run_steps(3);
}

#[test]
fn a_count_narrows_the_search_and_a_kept_search_replaces_it() {
    let mut harness = browsing();
    let asks = |action: &Action| matches!(action, Action::Find(FindAsk::Facets { query, scope: Scope::Library }) if query.is_empty());
    assert_eq!(harness.state().actions.iter().filter(|action| asks(action)).count(), 1, "asked once");
    let row = |harness: &Harness<'_, World>, words: &str| {
        harness.query_all_by(|node| node.label().is_some_and(|label| label.contains(words))).next().is_some()
    };
    assert!(row(&harness, "Word 5") && !row(&harness, "Word 6"), "a few of each kind");
    click(&mut harness, "3 more");
    assert!(row(&harness, "Word 8"));
    let camera = harness
        .query_all_by(|node| node.role() == Role::Button && node.label().is_some_and(|label| label.contains("70D")))
        .next()
        .expect("the camera");
    camera.click();
    harness.run_steps(3);
    assert_eq!(search(&harness.state().actions).last(), Some(&"camera:\"canon eos 70d\""));
    let actions = asked(&mut harness, |harness| click(harness, "Best"));
    assert_eq!(search(&actions), ["rating:>=4"]);
    let actions = asked(&mut harness, |harness| click(harness, "Forget the search Best"));
    assert!(actions.contains(&Action::Find(FindAsk::Forget("Best".into()))));
}

#[test]
fn a_search_is_kept_under_a_name() {
    let mut harness = browsing();
    click(&mut harness, "Best");
    click(&mut harness, "Keep this search…");
    harness.run_steps(2);
    harness.event(Event::Text("Four stars".into()));
    harness.run_steps(2);
    let actions = asked(&mut harness, |harness| press(harness, NONE, Key::Enter));
    let saved = SavedSearch { name: "Four stars".into(), query: "rating:>=4".into() };
    assert!(actions.contains(&Action::Find(FindAsk::Save(saved))), "{actions:?}");
}

#[test]
fn a_completion_is_taken_with_a_key() {
    let mut harness = open(World::of(60));
    press(&mut harness, Modifiers::COMMAND, Key::F);
    harness.run_steps(2);
    harness.event(Event::Text("tag:do".into()));
    harness.run_steps(2);
    let ask = Action::Find(FindAsk::Complete { query: "tag:do".into(), cursor: 6 });
    assert!(harness.state().actions.contains(&ask), "{:?}", harness.state().actions);
    let item = |text: &str| Completion { text: text.into(), name: text.into(), photos: Some(3) };
    let completions = Completions { from: 0, items: vec![item("tag:dog"), item("tag:\"door bell\"")] };
    harness.state_mut().finding.completions = Some(("tag:do".into(), 6, completions));
    harness.run_steps(3);
    press(&mut harness, NONE, Key::ArrowDown);
    press(&mut harness, NONE, Key::ArrowDown);
    let actions = asked(&mut harness, |harness| press(harness, NONE, Key::Enter));
    assert_eq!(search(&actions), ["tag:\"door bell\" "]);
}

#[test]
fn the_tag_tree_folds_narrows_and_is_where_tags_are_merged_and_moved() {
    let mut world = World::of(60);
    let node = |name: &str, depth, photos| TagNode { name: name.into(), query: format!("tag:{name}"), depth, photos };
    world.finding.tag_tree = vec![node("Animal", 0, 9), node("Dog", 1, 4), node("Poodle", 2, 1), node("Place", 0, 3)];
    let mut harness = open(world);
    press(&mut harness, NONE, Key::B);
    harness.run_steps(3);
    let row = |harness: &Harness<'_, World>, words: &str| {
        harness
            .query_all_by(|node| {
                node.role() == Role::Button && node.label().is_some_and(|label| label.starts_with(words))
            })
            .count()
    };
    assert_eq!((row(&harness, "Animal"), row(&harness, "Dog"), row(&harness, "Place")), (1, 0, 1), "folded at first");
    click(&mut harness, "Unfold Animal");
    assert_eq!((row(&harness, "Dog"), row(&harness, "Poodle")), (1, 0));
    click(&mut harness, "Unfold Dog");
    assert_eq!(row(&harness, "Poodle"), 1);
    click(&mut harness, "Fold Animal");
    assert_eq!((row(&harness, "Dog"), row(&harness, "Poodle")), (0, 0));
    let animal = harness
        .query_all_by(|node| {
            node.role() == Role::Button && node.label().is_some_and(|label| label.starts_with("Animal"))
        })
        .next()
        .expect("the row");
    animal.click();
    harness.run_steps(3);
    assert_eq!(search(&harness.state().actions).last(), Some(&"tag:Animal"));
    click(&mut harness, "Rename, merge or move a tag…");
    for (field, text) in [("Tag to change", "canine"), ("New name", "Dog"), ("Put under", "Animal")] {
        harness.get_by_label(field).focus();
        harness.run_steps(2);
        harness.event(Event::Text(text.into()));
        harness.run_steps(2);
    }
    let actions = asked(&mut harness, |harness| click(harness, "Rename or merge"));
    let merge = Action::Find(FindAsk::MergeTags { from: "canine".into(), into: "Dog".into() });
    assert!(actions.contains(&merge), "{actions:?}");
}
