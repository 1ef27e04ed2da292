//! What is wanted for the screen: cards first, then thumbnails, in the order in which they are looked at.

use std::ops::Range;

use super::state::State;
use crate::domain::Seat;
use crate::protocol::{Command, ThumbKey, ThumbWish};
use crate::ui::{CardCache as _, Textures as _};

/// What is on the screen, as the grid said last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct OnScreen {
    pub visible: Range<usize>,
    pub near: Range<usize>,
    pub arriving: Range<usize>,
}

/// Thumbnails of a previewed page that are worth having at a time: smaller ones are not told apart.
const MOST_ON_PAGE: usize = 1_000;

/// The wishes that were sent last.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    pub on_screen: OnScreen,
    /// Photos of the page that is previewed, which the grid behind it may not show.
    pub on_page: Vec<Seat>,
    /// Thumbnails that a dialog shows.
    pub also: Vec<ThumbWish>,
    sent: Vec<ThumbWish>,
}

impl Wishes {
    /// How many cells are visible, and how many of them are as they will stay.
    pub fn filled(&self, state: &State) -> (usize, usize) {
        let seats = &state.results.seats;
        let end = self.on_screen.visible.end.min(seats.len());
        let visible = &seats[self.on_screen.visible.start.min(end)..end];
        let shown = |seat: &&Seat| {
            let card = state.cards.card(**seat);
            card.is_some_and(|card| {
                !card.has_picture || state.textures.thumb(&ThumbKey::Content(card.blake3)).is_some()
            })
        };
        let arriving = self.on_screen.arriving.clone();
        let files = || state.arriving.iter().skip(arriving.start).take(arriving.len());
        let arrived = files().filter(|file| state.textures.thumb(&ThumbKey::File(file.path.clone())).is_some());
        (visible.len() + files().count(), visible.iter().filter(shown).count() + arrived.count())
    }

    /// Asks for what is missing.
    pub fn ask(&mut self, state: &mut State, commands: &mut Vec<Command>) {
        let seats = state.results.seats.clone();
        let within = |range: &Range<usize>| {
            let end = range.end.min(seats.len());
            &seats[range.start.min(end)..end]
        };
        let (visible, near) = (within(&self.on_screen.visible), within(&self.on_screen.near));
        // Results fall, so that the ends of the visible part decide what lies outside.
        let outside = |seat: &Seat| {
            visible.first().is_none_or(|first| seat > first) || visible.last().is_none_or(|last| seat < last)
        };
        let on_page = &self.on_page[..self.on_page.len().min(MOST_ON_PAGE)];
        let wanted: Vec<Seat> =
            on_page.iter().chain(visible).chain(near.iter().filter(|seat| outside(seat))).copied().collect();
        let missing = state.cards.missing(wanted.iter().copied());
        if !missing.is_empty() {
            commands.push(Command::Cards { seats: missing, scope: state.search.scope });
        }
        let mut wishes = self.also.clone();
        let arriving = self.on_screen.arriving.clone();
        for file in state.arriving.iter().skip(arriving.start).take(arriving.len()) {
            wishes.push(ThumbWish { key: ThumbKey::File(file.path.clone()), seat: None });
        }
        for seat in wanted {
            if let Some(card) = state.cards.card(seat).filter(|card| card.has_picture) {
                wishes.push(ThumbWish { key: ThumbKey::Content(card.blake3), seat: Some(seat) });
            }
        }
        state.textures.keep_waiting(wishes.iter().map(|wish| &wish.key));
        wishes.retain(|wish| !state.textures.is_settled(&wish.key));
        if wishes != self.sent {
            commands.push(Command::Thumbs { wishes: wishes.clone() });
            self.sent = wishes;
        }
    }
}
