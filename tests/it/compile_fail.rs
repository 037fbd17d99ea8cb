//! What must not compile, and what the compiler has to say about it. Each file in `compile_fail/` is a program; a line
//!
//! ```text
//! //~ text
//! ```
//!
//! in it says that the line of code above does not compile, and that the error there, its labels or its notes hold this text. A file
//! without such lines has to compile. Only our own words are compared: what a compiler adds to them changes with its version.

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;

/// A line of a JSON stream of cargo, as far as it matters here.
#[derive(Deserialize)]
struct Report {
    reason: String,
    target: Option<Target>,
    message: Option<Diagnostic>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    spans: Vec<Span>,
    children: Vec<Diagnostic>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Span {
    line_start: usize,
    is_primary: bool,
    label: Option<String>,
}

impl Diagnostic {
    fn is_at(&self, line: usize) -> bool {
        self.spans.iter().any(|span| span.is_primary && span.line_start == line)
    }

    /// Whether the message, a label or a note holds this text.
    fn says(&self, text: &str) -> bool {
        let labels = self.spans.iter().filter_map(|span| span.label.as_ref());
        self.message.contains(text)
            || labels.into_iter().any(|label| label.contains(text))
            || self.children.iter().any(|child| child.says(text))
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rendered.as_deref().unwrap_or(&self.message))
    }
}

fn programs() -> BTreeMap<String, PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/compile_fail");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path)).collect()
}

/// A package of all programs, with the same dependencies as this one.
fn package(programs: &BTreeMap<String, PathBuf>) -> PathBuf {
    let root = env!("CARGO_MANIFEST_DIR");
    let mut manifest = format!(
        "[package]\nname = \"compile-fail\"\nedition = \"2024\"\npublish = false\n[workspace]\n[profile.dev]\ndebug = \"line-tables-only\"\n[dependencies]\n\
         actix-socketio = {{ path = {root:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n"
    );
    for (name, path) in programs {
        manifest += &format!("[[bin]]\nname = {name:?}\npath = {path:?}\n");
    }
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compile-fail");
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    fs::copy(Path::new(root).join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    package
}

/// The errors of each program.
fn errors(programs: &BTreeMap<String, PathBuf>) -> BTreeMap<String, Vec<Diagnostic>> {
    let package = package(programs);
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--bins", "--keep-going", "--offline", "--message-format=json"])
        .arg("--target-dir")
        .arg(package.join("../.."))
        .current_dir(package)
        .output()
        .unwrap();
    let mut errors: BTreeMap<_, _> = programs.keys().map(|name| (name.clone(), vec![])).collect();
    let mut seen = 0;
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let report: Report = serde_json::from_str(line).unwrap();
        let (Some(target), Some(message)) = (report.target, report.message) else { continue };
        if report.reason == "compiler-message" && message.level == "error" {
            seen += 1;
            errors.entry(target.name).or_default().push(message);
        }
    }
    assert!(seen > 0, "no program was compiled:\n{}", String::from_utf8_lossy(&output.stderr));
    errors
}

/// What a program says about itself: texts, with the line of code that each is about.
fn expectations(program: &str) -> Vec<(usize, &str)> {
    let mut code = 0;
    let mut expected = Vec::new();
    for (number, line) in (1..).zip(program.lines()) {
        match line.trim_start().strip_prefix("//~") {
            Some(text) => expected.push((code, text.trim())),
            None => code = number,
        }
    }
    expected
}

/// What is wrong with the errors of a program.
fn complaints(program: &str, errors: &[Diagnostic]) -> Vec<String> {
    let expected = expectations(program);
    if expected.is_empty() {
        return errors.iter().map(|error| format!("it has to compile: {error}")).collect();
    }
    let is_met = |&&(line, text): &&(usize, &str)| {
        errors.iter().any(|error| error.is_at(line) && error.says(text))
    };
    let unmet = expected.iter().filter(|expected| !is_met(expected));
    let mut complaints: Vec<_> =
        unmet.map(|(line, text)| format!("line {line}: no error says {text:?}")).collect();
    if !complaints.is_empty() {
        complaints.extend(errors.iter().map(ToString::to_string));
    }
    complaints
}

#[test]
fn what_does_not_fit_does_not_compile_and_the_message_says_what_to_do() {
    let programs = programs();
    let mut wrong = String::new();
    for (name, errors) in errors(&programs) {
        let path = programs.get(&name).unwrap_or_else(|| panic!("{name}: {}", errors[0]));
        for complaint in complaints(&fs::read_to_string(path).unwrap(), &errors) {
            wrong += &format!("{name}.rs: {complaint}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
