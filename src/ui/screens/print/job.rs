//! The job on the desk: its photos, what was chosen for each, and the setup; how it goes to a printer and comes back.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fields::Unit;
use crate::domain::layout::{Margins, PageSetup, PhotoSetup};
use crate::domain::paper::Paper;
use crate::domain::printers::{Medium, Printer, Ticket};
use crate::domain::printing::{JobPhoto, Output, PageFormat, PrintSetup};
use crate::domain::{PhotoId, Seat};
use crate::protocol::{PrintDesk, PrintOrder};
use crate::ui::CardCache;
use crate::ui::locale::Locale;

/// Where pages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Destination {
    /// The printer of the ticket.
    Printer,
    /// A PDF.
    #[default]
    Pdf,
    /// A picture of each page.
    Images,
    /// The desktop's own print dialog.
    Desktop,
}

/// What the studio remembers of itself, beside the jobs that the engine keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrintView {
    /// What lengths are shown in; `None` as the region does.
    pub unit: Option<Unit>,
    /// Where pages went last.
    pub destination: Destination,
    /// Format of pictures of pages.
    pub format: PageFormat,
    /// Their pixels per inch.
    pub ppi: u32,
    /// Whether a PDF takes photos as they are, where it can.
    pub untouched: bool,
}

impl Default for PrintView {
    fn default() -> Self {
        Self {
            unit: None,
            destination: Destination::default(),
            format: PageFormat::default(),
            ppi: 300,
            untouched: false,
        }
    }
}

/// The job on the desk.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub photos: Arc<[Seat]>,
    /// One for each photo.
    pub each: Vec<PhotoSetup>,
    pub setup: PrintSetup,
    /// What was last used, by printer.
    pub by_printer: BTreeMap<String, PrintSetup>,
    /// The photos' names for life, as far as they are known.
    ids: HashMap<Seat, PhotoId>,
}

impl Job {
    pub fn new(photos: Arc<[Seat]>, pages: PageSetup) -> Self {
        let each = vec![PhotoSetup::default(); photos.len()];
        let setup = PrintSetup { pages, ..PrintSetup::default() };
        Self { photos, each, setup, by_printer: BTreeMap::new(), ids: HashMap::new() }
    }

    /// Takes over what lay on the desk: all of it where nothing was selected or the same photos are, else its setup.
    pub fn adopt(&mut self, desk: &PrintDesk, seats: &Arc<[Seat]>, untouched: bool) {
        self.by_printer.clone_from(&desk.by_printer);
        let same = self.photos.is_empty() || self.photos == *seats;
        if same && !seats.is_empty() {
            self.photos = seats.clone();
            self.each = desk.photos.iter().map(|photo| photo.setup).collect();
            self.each.resize(seats.len(), PhotoSetup::default());
        }
        if untouched && *desk != PrintDesk::default() {
            self.setup = desk.setup.clone();
            if !same {
                self.set_copies(1);
            }
        }
    }

    /// What was chosen for each photo; empty where nothing was.
    pub fn each(&self) -> Arc<[PhotoSetup]> {
        if self.each.iter().all(|setup| *setup == PhotoSetup::default()) {
            return Vec::new().into();
        }
        self.each.clone().into()
    }

    /// The pages of one copy.
    pub fn preview(&self) -> PageSetup {
        PageSetup { copies: 1, ..self.setup.pages.clone() }
    }

    /// Copies of the whole job, whoever makes them.
    pub fn copies(&self) -> u32 {
        let by_printer = self.setup.ticket.as_ref().map_or(1, |ticket| ticket.copies.max(1));
        self.setup.pages.copies.max(1).saturating_mul(by_printer)
    }

    /// The printer makes them where there is one.
    pub fn set_copies(&mut self, copies: u32) {
        match &mut self.setup.ticket {
            Some(ticket) => (ticket.copies, self.setup.pages.copies) = (copies, 1),
            None => self.setup.pages.copies = copies,
        }
    }

    /// Learns the names of photos whose cards are here, and says whether all are known.
    pub fn learn(&mut self, cards: &dyn CardCache) -> bool {
        if self.ids.len() < self.photos.len() {
            for seat in self.photos.iter().filter(|seat| !self.ids.contains_key(seat)).collect::<Vec<_>>() {
                if let Some(card) = cards.card(*seat) {
                    self.ids.insert(*seat, card.id);
                }
            }
        }
        self.is_known()
    }

    /// How many photos' names are known.
    pub fn known(&self) -> usize {
        self.ids.len()
    }

    /// Whether every photo's name is known.
    pub fn is_known(&self) -> bool {
        self.photos.iter().all(|seat| self.ids.contains_key(seat))
    }

    /// Photos whose names are not known yet.
    pub fn unknown(&self) -> impl Iterator<Item = Seat> + '_ {
        let known = self.ids.len() >= self.photos.len();
        let photos: &[Seat] = if known { &[] } else { &self.photos };
        photos.iter().copied().filter(|seat| !self.ids.contains_key(seat))
    }

    /// Everything that outlives a restart.
    pub fn desk(&self) -> PrintDesk {
        let photos = self.photos.iter().zip(&self.each);
        let photos = photos.filter_map(|(seat, setup)| Some(JobPhoto { photo: *self.ids.get(seat)?, setup: *setup }));
        let mut by_printer = self.by_printer.clone();
        by_printer.insert(self.printer().to_owned(), self.setup.clone());
        PrintDesk { photos: photos.collect(), setup: self.setup.clone(), by_printer }
    }

    /// The chosen printer's id; empty for none.
    pub fn printer(&self) -> &str {
        self.setup.ticket.as_ref().map_or("", |ticket| ticket.printer.as_str())
    }

    /// Chooses a printer, or none. What was last chosen for it comes back: paper, its options, colour and sharpness; the
    /// arrangement of the photos stays.
    pub fn choose_printer(&mut self, printer: Option<&Printer>) {
        let copies = self.copies();
        self.by_printer.insert(self.printer().to_owned(), self.setup.clone());
        let id = printer.map_or("", |printer| printer.id.as_str());
        let before = self.by_printer.get(id).cloned();
        if let Some(before) = &before {
            self.setup.pixels = before.pixels.clone();
            self.setup.pages.paper = before.pages.paper;
            self.setup.pages.landscape = before.pages.landscape;
        }
        self.setup.ticket = printer.map(|printer| {
            let kept = before.and_then(|before| before.ticket);
            kept.unwrap_or_else(|| Ticket { printer: printer.id.clone(), ..Ticket::default() })
        });
        self.setup.pages.hardware_margins_mm = None;
        if let Some(printer) = printer {
            let paper = self.setup.pages.paper;
            let medium = medium_of(printer, self.ticket(), &paper).cloned();
            if medium.is_none() && takes(printer, &paper) {
                self.choose_custom(printer, paper);
            } else if let Some(medium) = medium.or_else(|| default_medium(printer).cloned()) {
                self.choose_medium(printer, &medium);
            }
        }
        self.set_copies(copies);
    }

    fn ticket(&self) -> Option<&Ticket> {
        self.setup.ticket.as_ref()
    }

    /// Chooses a sheet of the printer: paper and margins become its own.
    pub fn choose_medium(&mut self, printer: &Printer, medium: &Medium) {
        if let Ok(paper) = Paper::custom(medium.width_mm, medium.height_mm) {
            self.setup.pages.paper = named(paper);
        }
        if let Some(ticket) = &mut self.setup.ticket {
            ticket.medium = Some(medium.key.clone());
            ticket.borderless &= printer.media.iter().any(|row| same_size(row, medium) && row.is_borderless());
        }
        self.follow_printer(printer);
    }

    /// Chooses a sheet that the printer takes without listing it.
    pub fn choose_custom(&mut self, printer: &Printer, paper: Paper) {
        self.setup.pages.paper = paper;
        if let Some(ticket) = &mut self.setup.ticket {
            ticket.medium = None;
            ticket.borderless = false;
        }
        self.follow_printer(printer);
    }

    /// Whether a sheet of the person's own is chosen for this printer.
    pub fn is_custom(&self, printer: &Printer) -> bool {
        let paper = &self.setup.pages.paper;
        let keyed = self.ticket().is_some_and(|ticket| ticket.medium.is_some());
        let listed = medium_of(printer, self.ticket(), paper).is_some();
        !keyed && takes(printer, paper) && (is_custom(paper) || !listed)
    }

    /// Whether the printer's own limits are those of the page: after any change of paper, tray or turn.
    pub fn follow_printer(&mut self, printer: &Printer) {
        let margins = margins_of(printer, self.ticket(), &self.setup.pages.paper);
        self.setup.pages.hardware_margins_mm = margins.map(|margins| {
            if !self.setup.pages.landscape {
                return margins;
            }
            // A page that lies across comes out turned one way or the other: each side may become either.
            let (across, down) = (margins.top.max(margins.bottom), margins.left.max(margins.right));
            Margins { top: down, bottom: down, left: across, right: across }
        });
    }

    /// The job as it is ordered.
    pub fn order(&self, output: Output) -> PrintOrder {
        PrintOrder {
            photos: self.photos.clone(),
            each: self.each(),
            pages: self.setup.pages.clone(),
            pixels: self.setup.pixels.clone(),
            output,
        }
    }

    /// Where it goes: a file without a name is asked for.
    pub fn output(&self, view: &PrintView, file: PathBuf) -> Output {
        match (view.destination, &self.setup.ticket) {
            (Destination::Printer, Some(ticket)) => {
                Output::Printer(Box::new(Ticket { copies: ticket.copies.max(1), ..ticket.clone() }))
            }
            (Destination::Images, _) => Output::Images { file, format: view.format, ppi: view.ppi },
            (Destination::Desktop, _) => Output::Desktop,
            _ => Output::Pdf { file, untouched: view.untouched },
        }
    }
}

/// The last setup as an order of one copy, for photos that are printed without the window.
pub(in crate::ui) fn quick_order(
    photos: Arc<[Seat]>,
    desk: &PrintDesk,
    view: &PrintView,
    locale: &Locale,
) -> PrintOrder {
    let pages = PageSetup { paper: locale.paper(), ..PageSetup::default() };
    let mut job = Job::new(photos, pages);
    let empty: Arc<[Seat]> = Vec::new().into();
    job.adopt(desk, &empty, true);
    job.set_copies(1);
    let printer = job.setup.ticket.is_some();
    let destination = match view.destination {
        Destination::Printer | Destination::Pdf if printer => Destination::Printer,
        Destination::Printer => Destination::Pdf,
        other => other,
    };
    job.order(job.output(&PrintView { destination, ..*view }, PathBuf::new()))
}

/// A sheet of a named paper's size is that one: printers round to hundredths of a millimetre.
fn named(paper: Paper) -> Paper {
    // Drivers round to whole points: CUPS says 209.9 × 297.04 mm and means A4.
    let near = |a: f64, b: f64| (a - b).abs() < 0.36;
    Paper::all()
        .find(|named| near(named.width_mm(), paper.width_mm()) && near(named.height_mm(), paper.height_mm()))
        .unwrap_or(paper)
}

/// Width and height of a sheet as it is sold, in mm.
pub(super) fn sheet_mm(row: &Medium) -> (f64, f64) {
    let paper = Paper::custom(row.width_mm, row.height_mm).map(named);
    paper.map_or((row.width_mm, row.height_mm), |paper| (paper.width_mm(), paper.height_mm()))
}

/// Whether two rows are of the same sheet.
pub(super) fn same_size(a: &Medium, b: &Medium) -> bool {
    (a.width_mm - b.width_mm).abs() < 0.3 && (a.height_mm - b.height_mm).abs() < 0.3
}

/// The row of the chosen sheet.
pub(super) fn medium_of<'a>(printer: &'a Printer, ticket: Option<&Ticket>, paper: &Paper) -> Option<&'a Medium> {
    let is_paper = |row: &&Medium| {
        (row.width_mm - paper.width_mm()).abs() < 0.3 && (row.height_mm - paper.height_mm()).abs() < 0.3
    };
    let key = ticket.and_then(|ticket| ticket.medium.as_deref());
    let keyed = printer.media.iter().filter(is_paper).find(|row| key == Some(row.key.as_str()));
    keyed.or_else(|| printer.media.iter().find(is_paper))
}

/// Whether it is a size without a name.
pub(super) fn is_custom(paper: &Paper) -> bool {
    !Paper::all().any(|named| named == *paper)
}

/// Whether a printer takes this sheet without listing it.
fn takes(printer: &Printer, paper: &Paper) -> bool {
    printer.custom.is_some_and(|sizes| sizes.takes(paper.width_mm(), paper.height_mm()))
}

fn default_medium(printer: &Printer) -> Option<&Medium> {
    let wanted = printer.default_medium.as_deref();
    printer.media.iter().find(|row| wanted == Some(row.key.as_str())).or_else(|| printer.media.first())
}

/// What the printer cannot print on, on this sheet: its borderless row's nothing where that was chosen, else the widest
/// of the rows that agree with type and tray.
pub(super) fn margins_of(printer: &Printer, ticket: Option<&Ticket>, paper: &Paper) -> Option<Margins> {
    let Some(medium) = medium_of(printer, ticket, paper) else {
        return printer.custom.filter(|_| takes(printer, paper)).map(|sizes| sizes.margins_mm);
    };
    let fits = |wanted: Option<&String>, has: Option<&String>| wanted.is_none() || has.is_none() || wanted == has;
    let rows: Vec<&Medium> = printer
        .media
        .iter()
        .filter(|row| same_size(row, medium))
        .filter(|row| {
            fits(ticket.and_then(|ticket| ticket.kind.as_ref()), row.kind.as_ref().map(|kind| &kind.key))
                && fits(ticket.and_then(|ticket| ticket.source.as_ref()), row.source.as_ref().map(|from| &from.key))
        })
        .collect();
    if ticket.is_some_and(|ticket| ticket.borderless) && rows.iter().any(|row| row.is_borderless()) {
        return Some(Margins::all(0.0));
    }
    let bordered: Vec<&Medium> = rows.iter().copied().filter(|row| !row.is_borderless()).collect();
    let rows = if bordered.is_empty() { rows } else { bordered };
    rows.into_iter().map(|row| row.margins_mm).reduce(|a, b| Margins {
        top: a.top.max(b.top),
        right: a.right.max(b.right),
        bottom: a.bottom.max(b.bottom),
        left: a.left.max(b.left),
    })
}
