//! The corpus, and inputs near to it, with the stable compiler: what libFuzzer has found once stays found.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use actix_socketio_fuzz::{TARGETS, Target, chance::Chance};

/// Changed copies for each target; `FUZZ_ROUNDS` says otherwise.
const ROUNDS: usize = 5_000;

/// What the corpus may take in the repository, in bytes.
const MAX_BYTES: usize = 200_000;

fn corpus(target: &Target) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let mut inputs: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())
        })
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 10, "{} has a corpus", target.name);
    inputs
}

fn run(target: &Target, what: &str, input: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    assert!(outcome.is_ok(), "{}, {what}: {:?}", target.name, String::from_utf8_lossy(input));
}

fn changed(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let corpus = corpus(target);
    corpus.iter().for_each(|(file, input)| run(target, file, input));
    let rounds = std::env::var("FUZZ_ROUNDS").ok().map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut chance = Chance::new(6);
    for round in 0..rounds {
        let ((file, input), (_, other)) = (chance.pick(&corpus), chance.pick(&corpus));
        let input = chance.change(input, other, target.max_len);
        run(target, &format!("{file} changed in round {round}"), &input);
    }
}

#[test]
fn what_comes_over_a_websocket_is_read_as_the_reference_reads_it() {
    changed("websocket");
}

#[test]
fn a_polling_payload_is_read_as_the_reference_reads_it() {
    changed("payload");
}

#[test]
fn the_text_of_a_packet_is_read_as_the_reference_reads_it() {
    changed("packet");
}

#[test]
fn attachments_are_put_together_as_the_reference_does() {
    changed("binary");
}

#[test]
fn a_session_is_answered_as_the_model_says() {
    changed("session");
}

#[test]
fn the_corpus_is_small() {
    let sizes = TARGETS.iter().flat_map(corpus).map(|(_, input)| input.len());
    assert!(sizes.sum::<usize>() < MAX_BYTES);
}
