//! Cards of photos that were on the screen lately, and which ones have to be asked for.

use std::collections::{HashMap, HashSet};

use crate::domain::{Card, Seat};
use crate::ui::CardCache;

/// Cards kept; beyond it those that were not on the screen for longest go.
const LIMIT: usize = 20_000;
/// Cards asked for at once.
const BATCH: usize = 256;
/// No more than this many are on their way, so that flinging through a million photos asks only for what stays.
const ON_THEIR_WAY: usize = 768;

struct Kept {
    card: Card,
    fresh: bool,
    seen: u64,
}

/// The cache.
#[derive(Default)]
pub struct Cards {
    cards: HashMap<Seat, Kept>,
    asked: HashSet<Seat>,
    turn: u64,
}

impl CardCache for Cards {
    fn card(&self, seat: Seat) -> Option<&Card> {
        self.cards.get(&seat).map(|kept| &kept.card)
    }
}

impl Cards {
    /// Takes cards that came. Gives the photos whose content is another than before.
    pub fn take(&mut self, cards: Vec<Card>) -> Vec<Seat> {
        let mut replaced = Vec::new();
        for card in cards {
            self.asked.remove(&card.seat);
            let seat = card.seat;
            let before = self.cards.insert(seat, Kept { fresh: true, seen: self.turn, card });
            if let (Some(before), Some(now)) = (before, self.cards.get(&seat))
                && before.card.blake3 != now.card.blake3
            {
                replaced.push(seat);
            }
        }
        if self.cards.len() > LIMIT {
            let mut seen: Vec<u64> = self.cards.values().map(|kept| kept.seen).collect();
            let middle = seen.len() / 4;
            let (_, threshold, _) = seen.select_nth_unstable(middle);
            let threshold = (*threshold).min(self.turn.saturating_sub(1));
            self.cards.retain(|_, kept| kept.seen > threshold);
        }
        replaced
    }

    /// These photos changed (`None`: any may have): they are asked for again, and shown as they were until then.
    pub fn changed(&mut self, seats: Option<&[Seat]>) {
        self.asked.clear();
        match seats {
            Some(seats) => {
                for seat in seats {
                    if let Some(kept) = self.cards.get_mut(seat) {
                        kept.fresh = false;
                    }
                }
            }
            None => self.cards.values_mut().for_each(|kept| kept.fresh = false),
        }
    }

    /// The photos among these that have to be asked for now, in order. They count as asked.
    pub fn missing(&mut self, wanted: impl Iterator<Item = Seat>) -> Vec<Seat> {
        self.turn += 1;
        let mut missing = Vec::new();
        let room = ON_THEIR_WAY.saturating_sub(self.asked.len()).min(BATCH);
        for seat in wanted {
            if let Some(kept) = self.cards.get_mut(&seat) {
                kept.seen = self.turn;
                if kept.fresh {
                    continue;
                }
            }
            if missing.len() < room && self.asked.insert(seat) {
                missing.push(seat);
            }
        }
        missing
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::{ColourLabel, ContentHash, Flag, Format, PhotoId, Rating, StoredState};

    /// A card for a seat.
    pub(in crate::app) fn card(seat: i64) -> Card {
        let mut hash = ContentHash([0; 32]);
        hash.0[..8].copy_from_slice(&seat.to_le_bytes());
        Card {
            seat: Seat(seat),
            id: PhotoId(hash),
            blake3: hash,
            name: format!("IMG_{seat:04}.jpg"),
            format: Format::Jpeg,
            size_px: Some((600, 400)),
            taken_at: None,
            rating: Rating::default(),
            flag: Flag::None,
            label: ColourLabel::None,
            quarter_turns: 0,
            stored: StoredState::Stored,
            has_picture: true,
        }
    }

    #[test]
    fn what_is_here_or_on_its_way_is_not_asked_again() {
        let mut cards = Cards::default();
        assert_eq!(cards.missing([Seat(1), Seat(2)].into_iter()), [Seat(1), Seat(2)]);
        assert!(cards.missing([Seat(1), Seat(2)].into_iter()).is_empty());
        cards.take(vec![card(1)]);
        assert!(cards.missing([Seat(1), Seat(2)].into_iter()).is_empty());
        cards.changed(Some(&[Seat(1)]));
        assert!(cards.card(Seat(1)).is_some(), "shown as it was");
        assert_eq!(cards.missing([Seat(1), Seat(2)].into_iter()), [Seat(1), Seat(2)]);
    }

    #[test]
    fn flinging_asks_for_a_bounded_number() {
        let mut cards = Cards::default();
        let asked: usize = (0..100).map(|page| cards.missing((page * 400..page * 400 + 400).map(Seat)).len()).sum();
        assert_eq!(asked, ON_THEIR_WAY);
    }

    #[test]
    fn memory_is_bounded_and_what_is_on_the_screen_stays() {
        let mut cards = Cards::default();
        for page in 0..300_i64 {
            let missing = cards.missing((page * 100..page * 100 + 100).map(Seat));
            cards.take(missing.into_iter().map(|seat| card(seat.0)).collect());
        }
        assert!(cards.cards.len() <= LIMIT);
        assert!(cards.card(Seat(29_950)).is_some());
        assert!(cards.card(Seat(3)).is_none());
    }

    #[test]
    fn new_content_is_noticed() {
        let mut cards = Cards::default();
        cards.take(vec![card(1)]);
        let other = Card { blake3: ContentHash([9; 32]), ..card(1) };
        assert_eq!(cards.take(vec![other.clone()]), [Seat(1)]);
        assert!(cards.take(vec![other]).is_empty());
    }
}
