//! The page behind a link: one file without script or anything from elsewhere but its pictures, which are links too.

use crate::domain::html::escape;

/// One photo on the page.
pub(super) struct PagePhoto {
    /// Its name, from outside.
    pub name: String,
    /// Its caption, from outside.
    pub caption: Option<String>,
    /// Address of the copy.
    pub picture: String,
    /// Address of the original, where it is offered.
    pub original: Option<String>,
    /// Size of the copy in pixels.
    pub size_px: (u32, u32),
}

const STYLE: &str = "\
:root{color-scheme:light dark;--ground:#fff;--ink:#1b1b1b;--quiet:#555}\
@media(prefers-color-scheme:dark){:root{--ground:#161616;--ink:#eee;--quiet:#aaa}}\
body{margin:0 auto;max-width:110rem;padding:1.5rem;background:var(--ground);color:var(--ink);\
font:1rem/1.5 system-ui,sans-serif}\
h1{font-size:1.4rem;margin:0}p{color:var(--quiet);margin:.25rem 0 1.5rem}\
ul{list-style:none;margin:0;padding:0;display:grid;gap:1.5rem;\
grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr))}\
figure{margin:0}img{width:100%;height:auto;display:block;background:#8883}\
figcaption{margin-top:.4rem;overflow-wrap:anywhere}\
a{color:inherit}a:focus-visible{outline:3px solid #2d7ff9;outline-offset:3px}";

/// The whole page. `ends` says when the links end, for people.
pub(super) fn page(photos: &[PagePhoto], ends: &str) -> String {
    let count = match photos.len() {
        1 => "1 photo".to_owned(),
        count => format!("{count} photos"),
    };
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\">\n<meta name=\"robots\" content=\"noindex,nofollow\">\n<meta \
         name=\"referrer\" content=\"no-referrer\">\n<title>{count}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <main>\n<h1>{count}</h1>\n<p>These links end at {}.</p>\n<ul>\n",
        escape(ends)
    );
    for photo in photos {
        let (name, picture) = (escape(&photo.name), escape(&photo.picture));
        let caption = photo.caption.as_deref().map(str::trim).filter(|caption| !caption.is_empty());
        let alt = caption.map_or_else(|| format!("Photo {name}"), escape);
        let (width, height) = photo.size_px;
        html.push_str(&format!(
            "<li><figure><a href=\"{picture}\"><img src=\"{picture}\" alt=\"{alt}\" width=\"{width}\" \
             height=\"{height}\" loading=\"lazy\"></a><figcaption>{name}"
        ));
        if let Some(original) = &photo.original {
            let original = escape(original);
            html.push_str(&format!(" · <a href=\"{original}\" aria-label=\"Original of {name}\">Original</a>"));
        }
        html.push_str("</figcaption></figure></li>\n");
    }
    html.push_str("</ul>\n</main>\n</body>\n</html>\n");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        let photo = PagePhoto {
            name: "a\"><script>alert(1)</script>.jpg".into(),
            caption: Some("\" onerror=\"x' & <b>".into()),
            picture: "https://b/1.jpg?X=1&Y=\"2".into(),
            original: Some("https://b/o.jpg?a&b".into()),
            size_px: (2048, 1365),
        };
        let html = page(&[photo], "14:05 <UTC>");
        assert!(!html.contains("<script") && !html.contains("\" onerror") && !html.contains("<b>"), "{html}");
        assert!(html.contains("src=\"https://b/1.jpg?X=1&amp;Y=&quot;2\""), "{html}");
        assert!(html.contains("alt=\"&quot; onerror=&quot;x&#39; &amp; &lt;b&gt;\""), "{html}");
        // Every tag, and nothing that a browser would fetch but the picture.
        let tags: Vec<&str> =
            html.split('<').skip(1).map(|rest| rest.split([' ', '>', '\n']).next().unwrap()).collect();
        let known = [
            "!doctype",
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "main",
            "h1",
            "p",
            "ul",
            "li",
            "figure",
            "a",
            "img",
            "figcaption",
        ];
        assert!(tags.iter().all(|tag| known.contains(&tag.trim_start_matches('/'))), "{tags:?}");
        assert_eq!(html.matches("src=").count() + html.matches("url(").count() + html.matches("@import").count(), 1);
        let mut reader =
            quick_xml::Reader::from_str(html.split_once("<main>").unwrap().1.split_once("</main>").unwrap().0);
        reader.config_mut().check_end_names = false;
        loop {
            match reader.read_event() {
                Ok(quick_xml::events::Event::Eof) => break,
                Ok(quick_xml::events::Event::Start(tag)) => {
                    tag.attributes().for_each(|attribute| drop(attribute.unwrap()));
                }
                other => drop(other.unwrap()),
            }
        }
    }
}
