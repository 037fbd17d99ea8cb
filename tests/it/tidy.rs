//! The rules of the code that no compiler knows: who may depend on whom, and how a file looks.

mod examples;
mod limits;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The crates of the workspace with the folder of each, and those of them that it may depend on.
const CRATES: [(&str, &str, &[&str]); 5] = [
    ("socketio-protocol", "crates/protocol", &[]),
    ("actix-socketio-actors", "actors", &["socketio-protocol"]),
    ("actix-socketio-macros", "crates/macros", &[]),
    (
        "actix-socketio",
        ".",
        &["actix-socketio-actors", "actix-socketio-macros", "socketio-protocol"],
    ),
    ("actix-socketio-broker", "crates/broker", &["actix-socketio"]),
];

const MAX_LINES: usize = 500;

/// A file of the repository: its path from the root, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The lines that are neither comments nor those of a test module, with their numbers.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = self.text.find("#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let only_tests = self.path.ends_with("/tests.rs") || self.path.contains("/tests/");
        let text = if only_tests { "" } else { &self.text[..tests] };
        (1..).zip(text.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Where the code holds one of these words.
    fn lines_with(&self, words: &[&str]) -> Vec<String> {
        self.code()
            .filter(|(_, line)| words.iter().any(|word| line.contains(word)))
            .map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim()))
            .collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below these folders.
fn sources(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in folders {
        walk(&root().join(folder), &mut paths);
    }
    assert!(!paths.is_empty(), "no sources in {folders:?}");
    let read = |path: &PathBuf| Source {
        path: path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned(),
        text: fs::read_to_string(path).unwrap(),
    };
    paths.iter().map(read).collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().unwrap().to_str().unwrap();
        if entry.is_dir() && name != "node_modules" {
            walk(&entry, found);
        } else if name.ends_with(".rs") {
            found.push(entry);
        }
    }
}

/// What is shipped.
fn shipped() -> Vec<Source> {
    let folders: Vec<_> = CRATES.iter().map(|(_, folder, _)| format!("{folder}/src")).collect();
    sources(&folders.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Names in the `[dependencies]` of a manifest.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut inside = false;
    let mut names = Vec::new();
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix("[dependencies.") {
            names.push(name.trim_end_matches(']'));
        }
        if line.starts_with('[') {
            inside = line == "[dependencies]";
        } else if let Some((name, _)) = line.split_once('=').filter(|_| inside) {
            names.push(name.trim().trim_end_matches(".workspace"));
        }
    }
    names
}

#[test]
fn dependencies_between_our_crates_point_one_way() {
    for (name, folder, allowed) in CRATES {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("\nname = \"{name}\"\n")), "{folder} is not {name}");
        let ours = |dependency: &&str| CRATES.iter().any(|(name, ..)| name == dependency);
        let found: Vec<_> = dependencies(&manifest).into_iter().filter(ours).collect();
        let wrong: Vec<_> = found.iter().filter(|found| !allowed.contains(found)).collect();
        assert!(wrong.is_empty(), "{name} must not depend on {wrong:?}");
    }
}

#[test]
fn every_crate_of_the_workspace_is_known_here() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest.lines().find(|line| line.starts_with("members = ")).unwrap();
    let found: Vec<_> = members.split('"').skip(1).step_by(2).collect();
    let mut known: Vec<_> = CRATES.iter().map(|(_, folder, _)| *folder).collect();
    known.retain(|folder| *folder != ".");
    assert!(found.iter().all(|folder| known.contains(folder)), "{found:?} are not {known:?}");
}

#[test]
fn the_manifests_are_read_as_cargo_reads_them() {
    let manifest = "[package]\nname = \"x\"\n\n[dependencies]\na = { workspace = true }\n\
        b.workspace = true\n\n[dependencies.c]\nversion = \"1\"\n\n[dev-dependencies]\nd = \"1\"\n";
    assert_eq!(dependencies(manifest), ["a", "b", "c"]);
}

#[test]
fn protocol_and_actors_know_no_web_server() {
    let inner = sources(&["actors/src", "crates/protocol/src"]);
    let found: Vec<_> = inner.iter().flat_map(|s| s.lines_with(&["actix_web"])).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn one_file_knows_actix_web_actors() {
    let all = sources(&["src", "actors", "crates", "examples"]);
    let files: Vec<_> = all
        .iter()
        .filter(|source| !source.lines_with(&["actix_web_actors"]).is_empty())
        .map(|source| source.path.as_str())
        .collect();
    assert_eq!(files, ["src/transport/websocket.rs"]);
}

#[test]
fn only_the_outbox_locks_among_the_actors() {
    let found: Vec<_> = sources(&["actors/src"])
        .iter()
        .filter(|source| source.path != "actors/src/outbox.rs")
        .flat_map(|source| source.lines_with(&["Mutex", "RwLock"]))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let long: Vec<_> =
        sources(&["src", "actors", "crates", "examples", "tests", "fuzz/src", "fuzz/tests"])
            .iter()
            .map(|source| (source.text.lines().count(), source.path.clone()))
            .filter(|(lines, _)| *lines > MAX_LINES)
            .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_file_says_first_what_it_is() {
    let silent: Vec<_> = shipped()
        .iter()
        .filter(|source| !source.text.starts_with("//!") && !source.text.starts_with("#![doc"))
        .map(|source| source.path.clone())
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn nothing_shipped_unwraps() {
    let found: Vec<_> =
        shipped().iter().flat_map(|source| source.lines_with(&[".unwrap()", ".expect("])).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_macro_refuses_the_names_that_the_protocol_refuses() {
    let reserved = |path| {
        let text = fs::read_to_string(root().join(path)).unwrap();
        let (_, list) = text.split_once("const RESERVED: [&str; 6] =").unwrap();
        list.split_once(';').unwrap().0.to_owned()
    };
    let protocol = reserved("crates/protocol/src/socket/event.rs");
    assert_eq!(reserved("crates/macros/src/options.rs"), protocol);
}

/// The options of `Builder`, each with its documentation.
fn options() -> Vec<(String, String)> {
    let read = |path| fs::read_to_string(root().join(path)).unwrap();
    let source = read("src/config.rs") + &read("src/config/limits.rs");
    let (mut options, mut docs) = (Vec::new(), String::new());
    for line in source.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            docs += doc;
        } else if let Some(rest) = line.strip_prefix("pub fn ") {
            let name = rest.split(['(', '<']).next().unwrap();
            options.push((name.to_owned(), std::mem::take(&mut docs)));
        } else if !line.starts_with("#[") {
            docs.clear();
        }
    }
    options.retain(|(name, _)| !name.starts_with("build"));
    assert!(options.len() > 20, "{options:?}");
    options
}

#[test]
fn every_option_says_its_default_and_its_name_in_javascript() {
    let silent: Vec<_> = options()
        .into_iter()
        .filter(|(_, docs)| !docs.contains("Default") || !docs.contains("JavaScript"))
        .filter(|(_, docs)| !docs.contains("official server"))
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn every_option_is_in_the_guide() {
    let guide = fs::read_to_string(root().join("docs/guide/options.md")).unwrap();
    let missing: Vec<_> = options()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| !guide.contains(&format!("\n| `{name}` |")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Whether a test, as `docs/comparison.md` names it, is there: a function, or a part of the title of an official client's.
fn is_test(named: &str) -> bool {
    let Some((place, name)) = named.split_once(": ") else { return false };
    let Some((kind, file)) = place.split_once('/') else { return false };
    let function = format!("fn {name}(");
    let (path, mark) = match kind {
        "it" => (format!("tests/it/{file}.rs"), &*function),
        "js" => (format!("tests/interop/js/{file}.test.mjs"), name),
        "protocol" => (format!("crates/protocol/tests/it/{file}.rs"), &*function),
        "actors" => (format!("actors/src/{file}.rs"), &*function),
        _ => return false,
    };
    fs::read_to_string(root().join(path)).is_ok_and(|text| text.contains(mark))
}

/// The last cells of the tables whose first column is this.
fn proofs<'a>(comparison: &'a str, column: &str) -> Vec<&'a str> {
    let (mut proofs, mut inside) = (Vec::new(), false);
    for line in comparison.lines() {
        let Some(cells) = line.strip_prefix("| ").and_then(|it| it.strip_suffix(" |")) else {
            // The line below the head goes on with the table.
            inside &= line.starts_with("|---");
            continue;
        };
        let last = cells.rsplit(" | ").next().unwrap();
        match inside {
            true => proofs.push(last),
            false => inside = cells.starts_with(&format!("{column} |")),
        }
    }
    proofs
}

#[test]
fn every_feature_that_is_compared_has_a_test_or_is_said_not_to_be_there() {
    let comparison = fs::read_to_string(root().join("docs/comparison.md")).unwrap();
    let proofs = proofs(&comparison, "feature");
    assert!(proofs.len() > 150, "{}", proofs.len());
    let there = proofs.iter().filter(|proof| !proof.starts_with("not there"));
    let wrong: Vec<_> = there.filter(|proof| !names_tests(proof)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_guarantee_has_a_test() {
    let guarantees = fs::read_to_string(root().join("docs/guarantees.md")).unwrap();
    for column in ["guarantee", "what panics"] {
        let proofs = proofs(&guarantees, column);
        assert!(!proofs.is_empty());
        let wrong: Vec<_> = proofs.iter().filter(|proof| !names_tests(proof)).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

/// Whether a cell names tests, and all of them are there.
fn names_tests(proof: &str) -> bool {
    let mut tests = proof.split('`').skip(1).step_by(2).peekable();
    tests.peek().is_some() && tests.all(is_test)
}
