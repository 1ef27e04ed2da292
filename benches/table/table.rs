//! The table: one row for each figure.

/// Whether a figure is what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// Nothing is asked of it, or it could not be measured here.
    Open,
}

impl Met {
    /// From a comparison.
    pub fn from(met: bool) -> Self {
        if met { Self::Yes } else { Self::No }
    }
}

/// One figure.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// Our figure.
    pub ours: String,
    /// The other side's, measured in the same run.
    pub other: String,
    /// How many times better ours is.
    pub ratio: String,
    /// What is asked for.
    pub target: String,
    /// Whether it is met.
    pub met: Met,
}

impl Row {
    /// A figure without another side.
    pub fn new(what: impl Into<String>, ours: impl Into<String>, target: &str, met: Met) -> Self {
        let (what, ours) = (what.into(), ours.into());
        Self { what, ours, other: String::new(), ratio: String::new(), target: target.to_owned(), met }
    }

    /// With the other side's figure.
    pub fn against(mut self, other: impl Into<String>, ratio: Option<f64>) -> Self {
        self.other = other.into();
        self.ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        self
    }
}

/// Prints the rows as a Markdown table.
pub fn print(rows: &[Row]) {
    let head = ["what", "ours", "other side", "ratio", "target", "met"].map(str::to_owned);
    let cells: Vec<[String; 6]> = rows
        .iter()
        .map(|row| {
            let met = match row.met {
                Met::Yes => "yes",
                Met::No => "NO",
                Met::Open => "–",
            };
            let Row { what, ours, other, ratio, target, .. } = row.clone();
            [what, ours, other, ratio, target, met.to_owned()]
        })
        .collect();
    let width = |column: usize| {
        let all = std::iter::once(&head).chain(&cells);
        all.map(|cells| cells[column].chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String; 6]| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        println!("| {} |", padded.join(" | "));
    };
    line(&head);
    println!("|{}|", widths.iter().map(|width| "-".repeat(width + 2)).collect::<Vec<_>>().join("|"));
    cells.iter().for_each(line);
}
