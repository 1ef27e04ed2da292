//! Inter for everything, egui's own fonts for what Inter lacks, and the system's fonts (eframe) for the rest.

use std::sync::Arc;

use eframe::egui::{self, FontData, FontDefinitions, FontFamily};

use crate::domain::layout::Weight;

/// A font of this computer that pages are printed in, to show them in it.
#[derive(Clone)]
pub struct PaperFont {
    /// The family as the setup names it.
    pub family: String,
    /// Its weight.
    pub weight: Weight,
    /// The font file.
    pub bytes: &'static [u8],
    /// The face in it.
    pub index: u32,
}

/// The family that a font of this computer has in the window; there only after [`show_paper_fonts`].
pub(in crate::ui) fn paper_family(family: &str, weight: Weight) -> FontFamily {
    FontFamily::Name(format!("{family}, {weight:?}, on paper").into())
}

/// Makes the fonts of pages known to the window, from its next frame on: all that are wanted.
pub fn show_paper_fonts(ctx: &egui::Context, wanted: &[PaperFont]) {
    let mut fonts = definitions();
    let fallbacks = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for font in wanted {
        let name = paper_family(&font.family, font.weight);
        let key = name.to_string();
        let data = FontData { index: font.index, ..FontData::from_static(font.bytes) };
        fonts.font_data.insert(key.clone(), Arc::new(data));
        // What it lacks is taken from the shipped one, as on paper.
        fonts.families.insert(name, std::iter::once(key).chain(fallbacks.iter().cloned()).collect());
    }
    ctx.set_fonts(fonts);
}

/// Inter Regular and SemiBold in front of egui's own fonts.
pub(super) fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let shipped: [(&str, &'static [u8]); 2] = [
        ("inter", include_bytes!("../../../assets/fonts/Inter-Regular.otf")),
        ("inter-semibold", include_bytes!("../../../assets/fonts/Inter-SemiBold.otf")),
    ];
    for (name, bytes) in shipped {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let fallbacks = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let family = |first: &str| std::iter::once(first.to_owned()).chain(fallbacks.iter().cloned()).collect::<Vec<_>>();
    fonts.families.insert(FontFamily::Proportional, family("inter"));
    fonts.families.insert(FontFamily::Name(super::SEMIBOLD.into()), family("inter-semibold"));
    fonts
}
