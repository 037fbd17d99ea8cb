//! Everything public has an example that is compiled: in its own documentation, or where it is shown together with others.

use std::{collections::BTreeSet, fs};

use super::{Source, root, sources};

/// A public type, function or method of the root crate.
struct Item {
    name: String,
    is_type: bool,
    /// In its own documentation.
    examples: String,
}

impl Item {
    /// From what follows `pub`, and the documentation above it.
    fn of(declaration: &str, above: &str) -> Option<Self> {
        let (kind, rest) = declaration.trim_start_matches("async ").split_once(' ')?;
        let is_type = match kind {
            "fn" => false,
            "struct" | "enum" | "trait" | "type" => true,
            _ => return None,
        };
        let name = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()?.to_owned();
        Some(Self { name, is_type, examples: examples(&docs(above)) })
    }

    /// A type is named, anything else called.
    fn is_in(&self, example: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        example.match_indices(&self.name).any(|(start, name)| {
            let (before, after) = (&example[..start], &example[start + name.len()..]);
            let called =
                [".", "::"].iter().any(|dot| before.ends_with(dot)) || after.starts_with('(');
            !before.ends_with(is_part) && !after.starts_with(is_part) && (self.is_type || called)
        })
    }
}

/// What readers see of the examples in a text of Markdown, without set-up lines; only of those that are compiled.
fn examples(text: &str) -> String {
    let mut shown = String::new();
    let mut block = None;
    for line in text.lines() {
        match (block, line.trim_start().strip_prefix("```")) {
            (None, Some(kind)) => {
                block = Some(matches!(kind.trim(), "" | "no_run" | "rust" | "rust,no_run"))
            }
            (Some(_), Some(_)) => block = None,
            (Some(true), None) if !line.starts_with("# ") => shown = shown + line + "\n",
            _ => {}
        }
    }
    shown
}

/// The documentation in a file, as Markdown.
fn docs(text: &str) -> String {
    let doc = |line: &str| {
        let line = line.trim_start();
        let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
        Some(doc.strip_prefix(' ').unwrap_or(doc).to_owned() + "\n")
    };
    text.lines().filter_map(doc).collect()
}

/// The public items of a file. rustc warns of a `pub` that is not public outside (`unreachable_pub`), so none needs to be left out.
fn items(source: &Source) -> Vec<Item> {
    let (mut items, mut above) = (Vec::new(), String::new());
    let (mut in_attribute, mut in_trait) = (false, false);
    for line in source.text.split("#[cfg(test)]\nmod tests {").next().unwrap().lines() {
        let code = line.trim_start();
        let is_attribute = in_attribute || code.starts_with("#[");
        in_attribute = is_attribute && !code.ends_with(']');
        if is_attribute || code.starts_with("///") {
            above = above + line + "\n";
            continue;
        }
        in_trait = line.starts_with("pub trait ") || in_trait && line != "}";
        let method = Some(code).filter(|code| in_trait && code.starts_with("fn "));
        let item = code.strip_prefix("pub ").or(method).and_then(|code| Item::of(code, &above));
        items.extend(item.filter(|_| !above.contains("#[doc(hidden)]")));
        above.clear();
    }
    items
}

/// The names that a text exports with `pub use`.
fn exported(text: &str) -> Vec<&str> {
    let uses = text.split("pub use ").skip(1).map(|rest| rest.split(';').next().unwrap());
    let parts = uses.flat_map(|list| list.split(['{', '}', ','])).map(str::trim);
    let named = parts.filter(|part| !part.is_empty() && !part.ends_with("::"));
    named.map(|part| part.rsplit([':', ' ']).next().unwrap()).collect()
}

/// The examples of README and those pages of the guide that are compiled.
fn pages(lib: &str) -> String {
    let page = |rest: &str| examples(&fs::read_to_string(root().join("src").join(rest)).unwrap());
    let paths = lib.split("include_str!(\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    paths.map(page).collect()
}

#[test]
fn everything_public_has_an_example() {
    let sources = sources(&["src"]);
    let lib = &sources.iter().find(|source| source.path == "src/lib.rs").unwrap().text;
    let pages = pages(lib);
    let (mut all, mut ours, mut bare) = (pages.clone(), BTreeSet::new(), Vec::new());
    for source in &sources {
        let shown = examples(&docs(&source.text));
        for item in items(source) {
            if item.examples.is_empty() && !item.is_in(&shown) && !item.is_in(&pages) {
                bare.push(format!("{}: {}", source.path, item.name));
            }
            ours.insert(item.name);
        }
        all += &shown;
    }
    assert!(ours.len() > 150, "only {ours:?}");
    // Types of the inner crates, which users see here.
    for name in exported(lib).into_iter().filter(|name| !ours.contains(*name)) {
        let item = Item { name: name.to_owned(), is_type: true, examples: String::new() };
        if !item.is_in(&all) {
            bare.push(format!("src/lib.rs: {name}"));
        }
    }
    assert!(bare.is_empty(), "{bare:#?}");
}
