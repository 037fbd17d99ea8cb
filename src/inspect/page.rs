//! The files of the page, compiled in: no framework, no build step, nothing from elsewhere.

/// A file by its name, with its content type. The page itself has none.
pub(super) fn file(name: &str) -> Option<(&'static str, &'static [u8])> {
    Some(match name {
        "" => ("text/html; charset=utf-8", include_bytes!("../../assets/inspect/index.html")),
        "inspector.js" => {
            ("text/javascript; charset=utf-8", include_bytes!("../../assets/inspect/inspector.js"))
        }
        "inspector.css" => {
            ("text/css; charset=utf-8", include_bytes!("../../assets/inspect/inspector.css"))
        }
        _ => return None,
    })
}
