//! `print`: words into a job, and what became of it.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::reporter;
use crate::cli::args_print::{ColourArgs, LayoutArg, PagesArgs, PhotoArgs, PrintArgs, TextsArgs, ToArgs};
use crate::cli::output::Answer;
use crate::domain::layout::{
    CaptionField, Ink, Layout, Margins, Overlay, PageSetup, PhotoSetup, PrintSize, Stroke, TextFont, Turn, Watermark,
};
use crate::domain::paper::Paper;
use crate::domain::printers::Ticket;
use crate::domain::printing::{Intent, Managed, Output, PageFormat, PixelSetup, PrintSetup, Profile};
use crate::engine::{Cancel, Engine};
use crate::protocol::{ErrorCode, OpKind, PrintOrder, UserError};

/// Pixels per inch of pictures of pages, where nothing is said.
const PPI: u32 = 300;
/// A line around photos, in mm, where only its colour is said.
const STROKE_MM: f64 = 0.3;

/// Prints.
pub(super) async fn print(engine: &Engine, args: PrintArgs, cancel: &Cancel) -> Result<Answer, UserError> {
    let saved = match &args.pages.saved {
        Some(name) => engine.layout(name)?.setup,
        None => PrintSetup::default(),
    };
    let mut pages = pages(&args.pages, saved.pages)?;
    texts(&args.texts, &mut pages)?;
    let each = photo(&args.photo)?;
    let pixels = pixels(&args.colour, saved.pixels)?;
    let output = output(&args.to, saved.ticket, &mut pages)?;
    let photos = engine.seats(&args.query).await?;
    let shown = reporter(engine, OpKind::Print);
    let each = vec![each; photos.len()].into();
    let order = PrintOrder { photos, each, pages, pixels, output };
    let report = engine.print(order, cancel, &shown).await?;
    let count = |number: u64, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    let what = format!("{} on {}", count(report.photos, "photo"), count(report.pages, "page"));
    let mut text = match &report.job {
        Some(job) => format!("{what}: job {} on {}", job.number, job.printer),
        None if report.file.as_os_str().is_empty() => what,
        None => format!("{what}: {}", report.file.display()),
    };
    for note in &report.notes {
        text.push_str(&format!("\n{note}"));
    }
    let mut json = json!({
        "pages": report.pages,
        "photos": report.photos,
        "file": report.file.display().to_string(),
    });
    if let Some(job) = &report.job {
        json["job"] = serde_json::to_value(job).unwrap_or_default();
    }
    if !report.notes.is_empty() {
        json["notes"] = json!(report.notes);
    }
    Ok(Answer::new(json, text).failed(report.failed))
}

fn usage(why: impl Into<String>) -> UserError {
    UserError::new(ErrorCode::Usage, why.into())
}

fn pages(args: &PagesArgs, saved: PageSetup) -> Result<PageSetup, UserError> {
    let mut setup = saved;
    if let Some(paper) = &args.paper {
        setup.paper = Paper::from_name(paper).map_err(|error| usage(error.to_string()))?;
    }
    setup.landscape |= args.landscape;
    match args.margin_mm[..] {
        [] => {}
        [all] => setup.margins_mm = Margins::all(all),
        [top, right, bottom, left] => setup.margins_mm = Margins { top, right, bottom, left },
        _ => return Err(usage("margins are one length for all sides, or four: top,right,bottom,left")),
    }
    if let Some(layout) = args.layout {
        setup.layout = layout_of(layout, args)?;
    }
    set(&mut setup.spacing_mm, args.spacing_mm);
    set(&mut setup.fit, args.fit());
    setup.auto_rotate |= args.auto_rotate;
    set(&mut setup.border_mm, args.border_mm);
    set(&mut setup.border_ink, args.border_colour);
    if args.stroke_mm.is_some() || args.stroke_colour.is_some() {
        let before = setup.stroke.unwrap_or(Stroke { width_mm: STROKE_MM, ink: Ink::BLACK });
        let (width_mm, ink) = (args.stroke_mm.unwrap_or(before.width_mm), args.stroke_colour.unwrap_or(before.ink));
        setup.stroke = Some(Stroke { width_mm, ink });
    }
    set(&mut setup.corner_mm, args.corner_mm);
    set(&mut setup.background, args.background);
    set(&mut setup.marks, args.marks.map(Into::into));
    set(&mut setup.copies, args.copies);
    Ok(setup)
}

fn layout_of(layout: LayoutArg, args: &PagesArgs) -> Result<Layout, UserError> {
    let sizes: Vec<PrintSize> = args.size.iter().map(|size| size_of(size)).collect::<Result<_, _>>()?;
    let one = |what: &str| match sizes[..] {
        [size] => Ok(size),
        _ => Err(usage(format!("{what} needs one --size, as 35x45mm"))),
    };
    Ok(match layout {
        LayoutArg::Single => Layout::Single,
        LayoutArg::NUp => Layout::NUp { count: args.count.unwrap_or(4) },
        LayoutArg::Contact => Layout::Contact { rows: args.rows.unwrap_or(4), columns: args.columns.unwrap_or(3) },
        LayoutArg::Cells => {
            let size = one("the layout cells")?;
            Layout::Cells { width_mm: size.width_mm, height_mm: size.height_mm }
        }
        LayoutArg::Package if sizes.is_empty() => return Err(usage("a package needs --size, as 10x15cm,5x7.5cm")),
        LayoutArg::Package => Layout::Package { sizes },
        LayoutArg::Id => Layout::Id { size: one("the layout id")?, count: args.count },
        LayoutArg::Packed => Layout::Packed { size: one("the layout packed")? },
    })
}

/// A size on paper. Papers' names are sizes too, and smaller ones are read here.
fn size_of(text: &str) -> Result<PrintSize, UserError> {
    let plain: String = text.to_lowercase().replace(['×', '*'], "x").split_whitespace().collect();
    let units = [("mm", 1.0), ("cm", 10.0), ("in", 25.4)];
    let read = units.iter().find_map(|(unit, mm)| {
        let (width, height) = plain.strip_suffix(unit)?.split_once('x')?;
        let side = |text: &str| text.trim_end_matches(unit).parse::<f64>().ok().map(|side| side * mm);
        Some(PrintSize { width_mm: side(width)?, height_mm: side(height)? })
    });
    let named = || Paper::from_name(text).ok();
    read.or_else(|| named().map(|paper| PrintSize { width_mm: paper.width_mm(), height_mm: paper.height_mm() }))
        .ok_or_else(|| usage(format!("this is no size: write WIDTHxHEIGHT with mm, cm or in: {text:.40}")))
}

fn texts(args: &TextsArgs, setup: &mut PageSetup) -> Result<(), UserError> {
    if let Some(names) = &args.caption {
        setup.captions.clear();
        for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let field = CaptionField::from_name(name).ok_or_else(|| {
                let known: Vec<_> = CaptionField::ALL.iter().map(|field| field.name()).collect();
                usage(format!("there is no caption field of this name: {name}"))
                    .hint(format!("Fields: {}.", known.join(" ")))
            })?;
            setup.captions.push(field);
        }
    }
    set(&mut setup.caption_size_pt, args.caption_size);
    set(&mut setup.font, args.font.clone().map(TextFont::Family));
    setup.text_ink = args.text_colour.or(setup.text_ink);
    setup.header = args.header.clone().or_else(|| setup.header.take());
    setup.footer = args.footer.clone().or_else(|| setup.footer.take());
    setup.page_numbers |= args.page_numbers;
    if let Some(text) = &args.overlay {
        setup.overlay = Some(Overlay { text: text.clone(), ..setup.overlay.take().unwrap_or_default() });
    }
    if let (Some(overlay), Some(place)) = (&mut setup.overlay, args.overlay_place) {
        overlay.place = place.into();
    }
    if let Some(text) = &args.watermark {
        setup.watermark = Some(Watermark { text: text.clone(), ..setup.watermark.take().unwrap_or_default() });
    }
    if let (Some(watermark), Some(opacity)) = (&mut setup.watermark, args.watermark_opacity) {
        watermark.opacity = opacity;
    }
    Ok(())
}

fn photo(args: &PhotoArgs) -> Result<PhotoSetup, UserError> {
    let mut setup = PhotoSetup::default();
    set(&mut setup.zoom, args.zoom);
    match args.pan[..] {
        [] => {}
        [x, y] => setup.pan = (x, y),
        _ => return Err(usage("--pan needs two numbers, as 0,-1")),
    }
    set(&mut setup.turn, args.turn.map(Turn::Quarters));
    set(&mut setup.straighten_deg, args.straighten);
    if let Some(text) = &args.ratio {
        let sides = text.split_once(':').and_then(|(w, h)| Some((w.trim().parse().ok()?, h.trim().parse().ok()?)));
        setup.ratio = Some(sides.ok_or_else(|| usage(format!("this is no ratio: write it as 3:2: {text:.40}")))?);
    }
    set(&mut setup.copies, args.each);
    Ok(setup)
}

fn pixels(args: &ColourArgs, saved: PixelSetup) -> Result<PixelSetup, UserError> {
    let mut pixels = saved;
    if let Some(name) = &args.profile {
        let profile = match name.as_str() {
            "srgb" => Profile::Srgb,
            "adobe-rgb" => Profile::AdobeRgb,
            "display-p3" => Profile::DisplayP3,
            file => Profile::File(absolute(Path::new(file))?),
        };
        let intent = args.intent.map_or_else(Intent::default, Into::into);
        pixels.managed = Managed::App { profile, intent, black_point: !args.no_black_point };
    }
    set(&mut pixels.sharpen, args.sharpen.map(Into::into));
    set(&mut pixels.strength, args.strength.map(Into::into));
    pixels.draft |= args.draft;
    Ok(pixels)
}

fn absolute(path: &Path) -> Result<PathBuf, UserError> {
    std::path::absolute(path).map_err(|error| usage(format!("this is no path ({error}): {}", path.display())))
}

fn output(args: &ToArgs, saved: Option<Ticket>, pages: &mut PageSetup) -> Result<Output, UserError> {
    if args.desktop {
        return Ok(Output::Desktop);
    }
    if let Some(file) = &args.output {
        return file_output(args, file);
    }
    let mut ticket = saved.unwrap_or_default();
    set(&mut ticket.printer, args.printer.clone());
    ticket.borderless |= args.borderless;
    for (at, word) in [
        (&mut ticket.kind, &args.kind),
        (&mut ticket.source, &args.tray),
        (&mut ticket.quality, &args.quality),
        (&mut ticket.colour_mode, &args.colour_mode),
        (&mut ticket.sides, &args.sides),
    ] {
        if word.is_some() {
            at.clone_from(word);
        }
    }
    // The printer makes the copies: one document is sent, and its stacks are whole.
    ticket.copies = std::mem::replace(&mut pages.copies, 1).max(1);
    Ok(Output::Printer(Box::new(ticket)))
}

fn file_output(args: &ToArgs, file: &Path) -> Result<Output, UserError> {
    let suffix = file.extension().map(|suffix| suffix.to_string_lossy().to_lowercase()).unwrap_or_default();
    let file = file.to_owned();
    let format = match suffix.as_str() {
        "jpg" | "jpeg" => PageFormat::Jpeg,
        "png" => PageFormat::Png,
        "tif" | "tiff" => PageFormat::Tiff,
        _ => return Ok(Output::Pdf { file, untouched: args.untouched }),
    };
    if args.untouched {
        return Err(usage(format!("--untouched is for a PDF: {}", file.display())));
    }
    Ok(Output::Images { file, format, ppi: args.ppi.unwrap_or(PPI) })
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_unit() {
        let near = |text: &str, sides: (f64, f64)| {
            let size = size_of(text).unwrap();
            assert!(
                (size.width_mm - sides.0).abs() < 1e-9 && (size.height_mm - sides.1).abs() < 1e-9,
                "{text} {size:?}"
            );
        };
        near("35x45mm", (35.0, 45.0));
        near("2 × 2 in", (50.8, 50.8));
        near("2inx3in", (50.8, 76.2));
        near("5x7.5cm", (50.0, 75.0));
        near("10x15", (100.0, 150.0));
        near("A4", (210.0, 297.0));
        for wrong in ["", "35x45", "x", "mm", "axbmm"] {
            assert!(size_of(wrong).is_err(), "{wrong}");
        }
    }
}
