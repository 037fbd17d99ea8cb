//! The broker as a command: what it says and how it ends.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::{Command, Stdio},
};

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

#[test]
fn options_come_from_the_environment_too_and_the_address_is_said_once_it_listens() {
    let mut child = broker().env("SOCKETIO_PORT", "0").spawn().unwrap();
    let stderr = child.stderr.take().unwrap();
    let first = BufReader::new(stderr).lines().next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.contains("listening on http://127.0.0.1:"), "{first}");
    assert!(!first.ends_with(":0"), "{first}");
}
