//! Texts with fields: `{name}, {date}` and the like are filled in, `{{` is a brace.

use super::{CaptionFacts, CaptionField};

/// The longest template that is read, in characters; no line on paper shows more.
const MAX_TEMPLATE: usize = 2000;

/// Fills the fields of a template; what `value` does not know stays as it was typed.
///
/// `{{` and `}}` are literal braces.
#[must_use]
pub fn fill_template(template: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    filled(template, &mut value, false)
}

/// With `again`, the result is a template once more: literal braces stay doubled.
fn filled(template: &str, value: &mut dyn FnMut(&str) -> Option<String>, again: bool) -> String {
    let end = template.char_indices().nth(MAX_TEMPLATE).map_or(template.len(), |(at, _)| at);
    let mut rest = &template[..end];
    let mut text = String::with_capacity(rest.len());
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let brace = if from.starts_with('{') { "{" } else { "}" };
        let after = &from[1..];
        if let Some(behind) = after.strip_prefix(brace) {
            text.push_str(brace);
            if again {
                text.push_str(brace);
            }
            rest = behind;
            continue;
        }
        let field = (brace == "{").then(|| after.split_once('}')).flatten();
        let found = field.and_then(|(name, behind)| Some((value(name.trim())?, behind)));
        match found {
            Some((found, behind)) => {
                if again {
                    text.push_str(&found.replace('{', "{{").replace('}', "}}"));
                } else {
                    text.push_str(&found);
                }
                rest = behind;
            }
            None => {
                text.push_str(brace);
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

impl CaptionFacts<'_> {
    /// A template such as `{title} · {date}` with what is known of the photo, blank where nothing is.
    ///
    /// Fields are those of [`CaptionField::name`], in any case. `{{` and `}}` are literal braces, and fields that do not
    /// exist stay as they were typed; so do `{page}` and `{pages}`, which [`super::paginate`] fills in.
    #[must_use]
    pub fn fill(&self, template: &str) -> String {
        fill_template(template, |name| CaptionField::from_name(name).map(|field| self.text(field)))
    }

    /// A template of a page's header or footer with what is the same for all photos of a job, blank where they differ.
    ///
    /// Of dates the day is enough. The result is a template once more, for `{page}` and `{pages}`.
    #[must_use]
    pub fn fill_common(all: &[Self], template: &str) -> String {
        let common = |name: &str| {
            let field = CaptionField::from_name(name)?;
            let mut texts = all.iter().map(|facts| facts.text(field));
            let first = texts.next().unwrap_or_default();
            // `2024-05-17 18:42`: the day stands before the space.
            let day = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
            let (mut same, mut same_day) = (true, field == CaptionField::Date);
            for text in texts {
                same &= text == first;
                same_day &= day(&text) == day(&first);
                if !same && !same_day {
                    return Some(String::new());
                }
            }
            Some(if same { first } else { day(&first) })
        };
        filled(template, &mut { common }, true)
    }
}
