//! Colour labels: five colours by which a photographer sorts, whatever they mean to them.

use serde::{Deserialize, Serialize};

/// A photo's colour label. The colours are Lightroom's, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColourLabel {
    /// No label.
    #[default]
    None,
    /// Red.
    Red,
    /// Yellow.
    Yellow,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// Purple.
    Purple,
}

impl ColourLabel {
    /// The colours, without none.
    pub const COLOURS: [Self; 5] = [Self::Red, Self::Yellow, Self::Green, Self::Blue, Self::Purple];

    /// The name used in JSON, in the edit log and in the search language.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Red => "red",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Purple => "purple",
        }
    }

    /// Reads a name from [`ColourLabel::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        std::iter::once(Self::None).chain(Self::COLOURS).find(|label| label.name() == name)
    }

    /// The key that sets it in the window, a digit, where there is one.
    #[must_use]
    pub fn key(self) -> Option<&'static str> {
        match self {
            Self::Red => Some("6"),
            Self::Yellow => Some("7"),
            Self::Green => Some("8"),
            Self::Blue => Some("9"),
            Self::None | Self::Purple => None,
        }
    }

    /// As `xmp:Label` says it: Lightroom's and digiKam's English names. `None` for no label.
    #[must_use]
    pub fn xmp(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Red => Some("Red"),
            Self::Yellow => Some("Yellow"),
            Self::Green => Some("Green"),
            Self::Blue => Some("Blue"),
            Self::Purple => Some("Purple"),
        }
    }

    /// What an `xmp:Label` means: the colour's name in the languages in which Adobe's programs write it. A label that
    /// names no colour of these (`Second`, `Approved`) is none.
    #[must_use]
    pub fn from_xmp(label: &str) -> Self {
        match label.trim().to_lowercase().as_str() {
            "red" | "rot" | "rouge" | "rojo" | "rosso" | "vermelho" | "rood" | "röd" | "赤" | "レッド" | "红色" => {
                Self::Red
            }
            "yellow" | "gelb" | "jaune" | "amarillo" | "giallo" | "amarelo" | "geel" | "gul" | "黄" | "イエロー"
            | "黄色" => Self::Yellow,
            "green" | "grün" | "vert" | "verde" | "groen" | "grön" | "緑" | "グリーン" | "绿色" => Self::Green,
            "blue" | "blau" | "bleu" | "azul" | "blu" | "blauw" | "blå" | "青" | "ブルー" | "蓝色" => Self::Blue,
            "purple" | "lila" | "violett" | "violet" | "púrpura" | "viola" | "roxo" | "paars" | "magenta" | "紫"
            | "パープル" | "紫色" => Self::Purple,
            _ => Self::None,
        }
    }

    /// As `digiKam:ColorLabel` says it: 0 none, 1 red, 3 yellow, 4 green, 5 blue, 6 magenta.
    #[must_use]
    pub fn digikam(self) -> &'static str {
        match self {
            Self::None => "0",
            Self::Red => "1",
            Self::Yellow => "3",
            Self::Green => "4",
            Self::Blue => "5",
            Self::Purple => "6",
        }
    }

    /// Reads [`ColourLabel::digikam`]; other numbers are colours that have no place here.
    #[must_use]
    pub fn from_digikam(number: &str) -> Self {
        Self::COLOURS.into_iter().find(|label| label.digikam() == number.trim()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_again() {
        for label in ColourLabel::COLOURS.into_iter().chain([ColourLabel::None]) {
            assert_eq!(ColourLabel::from_name(label.name()), Some(label));
            assert_eq!(ColourLabel::from_xmp(label.xmp().unwrap_or_default()), label);
            assert_eq!(ColourLabel::from_digikam(label.digikam()), label);
            let json = serde_json::to_string(&label).unwrap();
            assert_eq!(json, format!("{:?}", label.name()));
        }
        assert_eq!(ColourLabel::from_xmp(" LILA "), ColourLabel::Purple);
        assert_eq!(ColourLabel::from_xmp("Approved"), ColourLabel::None);
        assert_eq!(ColourLabel::from_name("orange"), None);
    }
}
