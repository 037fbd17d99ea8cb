//! The broker as a command: what it says and how it ends.

#![allow(clippy::unwrap_used)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Longest wait for an answer.
const DEADLINE: Duration = Duration::from_secs(20);

/// A broker that is killed when the test is done with it, or fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn broker() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_actix-socketio-broker"));
    command.env_remove("RUST_LOG").stderr(Stdio::piped()).stdin(Stdio::null());
    command
}

#[test]
fn an_occupied_port_gives_one_clear_line_and_exit_code_1() {
    let occupant = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = occupant.local_addr().unwrap().port();
    let output = broker().args(["--port", &port.to_string()]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let expected = format!("cannot listen on 127.0.0.1:{port}: the port is in use");
    assert!(said.trim_end().ends_with(&expected), "{said}");
}

#[test]
fn a_path_that_cannot_work_is_refused_by_name() {
    let output = broker().args(["--port", "0", "--path", "{x}"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("option `path`"), "{said}");
}

/// What the page and the inspector of a broker answer to a request with these header lines.
fn answers(arguments: &[&str], headers: &str) -> [String; 2] {
    answers_at(arguments, headers, ["/", "/inspect/"])
}

/// What a broker answers under these paths.
fn answers_at<const N: usize>(arguments: &[&str], headers: &str, paths: [&str; N]) -> [String; N] {
    let mut running = Running(broker().args(["--port", "0"]).args(arguments).spawn().unwrap());
    let lines = BufReader::new(running.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut listening = lines.filter(|line| line.contains("listening on http://"));
    let port = listening.next().unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let request =
            format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    paths.map(ask)
}

/// Of the link to the inspector on the demo page.
const SHOWN: &str = r#"data-testid="inspector-link" >"#;

#[test]
fn the_inspector_is_there_on_loopback_and_linked() {
    let [page, inspector] = answers(&[], "");
    assert!(page.contains(SHOWN), "{page}");
    assert!(inspector.starts_with("HTTP/1.1 200 ") && inspector.contains("<title>Inspector"));
}

#[test]
fn the_inspector_is_not_there_if_it_is_not_wanted_or_others_can_reach_it() {
    for arguments in [&["--no-inspect"][..], &["--host", "0.0.0.0"]] {
        let [page, inspector] = answers(arguments, "");
        assert!(page.starts_with("HTTP/1.1 200 ") && !page.contains(SHOWN), "{page}");
        assert!(inspector.starts_with("HTTP/1.1 404 "), "{arguments:?}: {inspector}");
    }
}

#[test]
fn with_a_token_the_inspector_is_for_those_who_know_it() {
    let arguments = ["--host", "0.0.0.0", "--inspect-token", "long enough"];
    let [page, inspector] = answers(&arguments, "");
    assert!(page.contains(SHOWN) && inspector.starts_with("HTTP/1.1 401 "), "{inspector}");
    let [_, inspector] = answers(&arguments, "authorization: Bearer long enough\r\n");
    assert!(inspector.starts_with("HTTP/1.1 200 "), "{inspector}");
    let output = broker().args(["--port", "0", "--inspect-token", "short"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--inspect-token is shorter than 8 bytes"), "{said}");
}

#[test]
fn pages_of_other_sites_open_no_session_unless_they_are_allowed() {
    let status = |arguments: &[&str], headers: &str| {
        let handshake = ["/socket.io/?EIO=4&transport=polling"];
        let [answer] = answers_at(arguments, headers, handshake);
        answer[..12].to_owned()
    };
    let foreign = "origin: https://a.example\r\n";
    assert_eq!(status(&[], foreign), "HTTP/1.1 403");
    assert_eq!(status(&[], "origin: http://x\r\n"), "HTTP/1.1 200");
    assert_eq!(status(&[], ""), "HTTP/1.1 200");
    assert_eq!(status(&["--allow-origin", "https://a.example"], foreign), "HTTP/1.1 200");
    assert_eq!(status(&["--allow-origin", "https://b.example"], foreign), "HTTP/1.1 403");
}

#[test]
fn options_come_from_the_environment_too_and_the_address_is_said_once_it_listens() {
    let mut running = Running(broker().env("SOCKETIO_PORT", "0").spawn().unwrap());
    let stderr = running.0.stderr.take().unwrap();
    let first = BufReader::new(stderr).lines().next().unwrap().unwrap();
    assert!(first.contains("listening on http://127.0.0.1:"), "{first}");
    assert!(!first.ends_with(":0"), "{first}");
}
