//! Text of clients in the log: wherever it stands, it breaks no line, colours no terminal and turns no direction of writing.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use actix::Recipient;
use actix_socketio::{Args, Auth, EventName, Namespace, Socket, TopologyLog, message::Emit};
use actix_web::HttpRequest;
use serde::{Serialize, Serializer, ser::Error as _};

use super::{POLLING, Scene, WEBSOCKET, settle};
use crate::support::{Ws, logged, masked, send};

/// What a client calls everything, and how JSON and a URL spell it.
const NASTY: &str = "a\r\n\u{1b}[31m\u{9b}\u{202e}b";
const IN_JSON: &str = r"a\r\n\u001b[31m\u009b\u202eb";
const IN_URL: &str = "a%0D%0A%1B%5B31m%C2%9B%E2%80%AEb";
/// What of it a header may hold.
const IN_HEADER: &str = "a\u{9b}\u{202e}b";
/// How the log shows it, and what of it was in a header.
const SHOWN: &str = r"a\r\n\u{1b}[31m\u{9b}\u{202e}b";
const SHOWN_HEADER: &str = r"a\u{9b}\u{202e}b";

/// What cannot be serialised, and says so in words of a client.
struct Unspeakable(String);

impl Serialize for Unspeakable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom(&self.0))
    }
}

/// Handlers that repeat what they are given, in every way that ends in the log.
fn repeat(namespace: &Namespace) {
    namespace
        .before_connect(async |Auth(auth): Auth<BTreeMap<String, String>>| {
            assert!(auth.is_empty(), "on purpose: {}", auth["text"]);
            Ok::<_, String>(())
        })
        .before_event(
            async |socket: Socket, EventName(event): EventName, Args(text): Args<String>| {
                let handshake = socket.handshake();
                match &*event {
                    "text" => Err(text),
                    "agent" => Err(handshake.header("user-agent").unwrap().to_owned()),
                    "query" => Err(handshake.query("q").unwrap().to_owned()),
                    _ => Ok(()),
                }
            },
        )
        .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
        .on("number", async |Args(_): Args<u8>| ())
        .on(NASTY, async |Args(_): Args<u8>| ())
        .on("panic", async |Args(text): Args<String>| {
            assert!(text.is_empty(), "on purpose: {text}")
        })
        .on("emit", async |socket: Socket, Args(text): Args<String>| {
            socket.emit("x", &Unspeakable(text));
        })
        .on("recipient", async |socket: Socket, Args(text): Args<String>| {
            drop::<Recipient<Emit>>(socket.to(text).recipient());
        });
}

/// Events that end in the log.
const EVENTS: [&str; 9] =
    ["text", "agent", "query", "join", "number", "panic", "emit", "recipient", IN_JSON];

/// What is in the log then: what a line begins with, and what of it is the client's.
const LINES: [(&str, &str); 12] = [
    ("started server > namespace \"/x", SHOWN),
    ("started server > namespace \"/xa", "> room \"a\\r\\n\\u{1b}[31m\\u{9b}\\u{202e}b\""),
    ("started server > recipient: room ", SHOWN),
    ("connect middleware panicked: ", SHOWN),
    ("\"panic\" of socket ", SHOWN),
    ("not emitted: ", SHOWN),
    ("generate_id has given no session id: ", SHOWN),
    ("\"text\" of socket ", SHOWN),
    ("\"agent\" of socket ", SHOWN_HEADER),
    ("\"query\" of socket ", SHOWN),
    ("\"number\" of socket ", SHOWN),
    ("\"a\\r\\n\\u{1b}[31m\\u{9b}\\u{202e}b\" of socket ", SHOWN),
];

#[actix_rt::test]
async fn what_clients_call_things_is_escaped_wherever_the_log_has_it() {
    logged(log::Level::Trace);
    let ids = AtomicUsize::new(0);
    let scene = Scene::with(|builder| {
        let builder = builder.topology_log(TopologyLog::Every(Duration::from_millis(50)));
        builder.generate_id(move |request: HttpRequest| {
            let n = ids.fetch_add(1, Ordering::Relaxed);
            let query = request.query_string().contains("refuse");
            std::future::ready(if query { Err(NASTY.to_owned()) } else { Ok(format!("{n:020}")) })
        })
    })
    .await;
    repeat(&scene.io.of_where(|_| true));

    let headers =
        format!("user-agent: {IN_HEADER}\r\norigin: {IN_HEADER}\r\ncookie: {IN_HEADER}\r\n");
    let path = format!("{WEBSOCKET}&q={IN_URL}&{IN_URL}=1");
    let (response, mut ws) = Ws::request_with(scene.addr(), &path, &headers).await;
    assert_eq!(response.status, 101);
    ws.next_text().await;
    ws.text(&format!(r#"40/{NASTY},{{"text":"{IN_JSON}"}}"#)).await;
    ws.next_text().await;
    ws.text(&format!("40/x{NASTY},{{}}")).await;
    ws.next_text().await;
    for event in EVENTS {
        ws.text(&format!(r#"42/x{NASTY},["{event}","{IN_JSON}"]"#)).await;
    }
    // A close frame with a reason, and what is not understood.
    ws.send(&masked(0x88, &[b"\x03\xe8", NASTY.as_bytes()].concat())).await;
    for packet in ["4x", "42", "451-", "x"] {
        let mut ws = Ws::connect(&scene.server).await;
        ws.text(&format!("{packet}{NASTY}")).await;
        ws.expect_close(None).await;
    }
    for query in [
        format!("{WEBSOCKET}&sid={IN_URL}"),
        format!("/socket.io/?EIO=4&transport={IN_URL}"),
        format!("/socket.io/?EIO={IN_URL}&transport=polling"),
        format!("{POLLING}&refuse={IN_URL}"),
        format!("/socket.io/{IN_URL}"),
    ] {
        for method in ["GET", "POST", IN_URL] {
            let sent = send(scene.addr(), method, &query, &headers, b"").await;
            assert!(sent.response().await.status >= 400, "{method} {query}");
        }
    }
    drop(ws);
    for (start, text) in LINES {
        let is_it = |line: &String| line.starts_with(start) && line.contains(text);
        settle(start, || logged(log::Level::Trace).iter().any(is_it)).await;
    }
    scene.assert_unharmed().await;
    let log = logged(log::Level::Trace);
    let is_raw = |c: char| c.is_control() || c == '\u{202e}';
    // Trees have several lines.
    let is_clean = |line: &String| match line.strip_prefix("\nserver") {
        Some(tree) => !tree.replace('\n', "").contains(is_raw),
        None => !line.contains(is_raw),
    };
    let raw: Vec<_> = log.iter().filter(|line| !is_clean(line)).collect();
    assert!(raw.is_empty(), "{raw:#?}");
}
