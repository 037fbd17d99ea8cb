//! The query of a request is a form, as in the official server: names and values may be escaped, and of several values the last counts.

use actix_socketio::SocketIo;

use super::{
    BAD_REQUEST, Log, POLLING, UNKNOWN_SID, UNKNOWN_TRANSPORT, UNSUPPORTED, ask, heard, sid,
};
use crate::support::{Polling, TestServer, send};

#[actix_rt::test]
async fn a_handshake_may_be_escaped_and_said_twice() {
    let server = TestServer::start(&SocketIo::new());
    for query in [
        "EIO=4&transport=%70olling",
        "%45IO=%34&tr%61nsport=polling",
        "EIO=3&EIO=4&transport=polling",
        "&&EIO=4&transport=polling&",
        "EIO=4&transport=polling&sid",
        "EIO=4&transport=polling&sid=nobody&sid=",
        "EIO=4&transport=polling&t=%F0%9F&x=%zz&__proto__=1",
    ] {
        sid(&ask(server.addr, "GET", &format!("/socket.io/?{query}"), "").await);
    }
}

#[actix_rt::test]
async fn what_is_unescaped_must_be_exact() {
    let server = TestServer::start(&SocketIo::new());
    let cases = [
        ("EIO=4&transport=polling+", UNKNOWN_TRANSPORT),
        ("EIO=4&transport=polling%20", UNKNOWN_TRANSPORT),
        ("EIO=4&transport=polling%00", UNKNOWN_TRANSPORT),
        ("EIO=4&transport=polling%", UNKNOWN_TRANSPORT),
        ("EIO=4&transport=%zz", UNKNOWN_TRANSPORT),
        ("EIO=4&transport=POLLING", UNKNOWN_TRANSPORT),
        ("EIO=4;transport=polling", UNKNOWN_TRANSPORT),
        ("EIO=4&EIO=3&transport=polling", UNSUPPORTED),
        ("EIO=4+&transport=polling", UNSUPPORTED),
        ("EIO=04&transport=polling", UNSUPPORTED),
        ("?EIO=4&transport=polling", UNSUPPORTED),
        ("EIO=4&transport=polling&sid=&sid=nobody", UNKNOWN_SID),
    ];
    for (query, refused) in cases {
        let response = ask(server.addr, "GET", &format!("/socket.io/?{query}"), "").await;
        assert_eq!(response.parts(), refused, "{query}");
    }
}

/// The official server takes the last one.
#[actix_rt::test]
async fn a_transport_that_is_named_twice_is_unknown() {
    let log = Log::default();
    let io = heard(SocketIo::builder(), &log).build().unwrap();
    let server = TestServer::start(&io);
    for more in ["transport=polling", "transport=websocket", "%74ransport=polling"] {
        let response = ask(server.addr, "GET", &format!("{POLLING}&{more}"), "").await;
        assert_eq!(response.parts(), UNKNOWN_TRANSPORT, "{more}");
        let context = format!("EIO=4&transport=polling&{more}");
        assert_eq!(log.take(), [format!("GET 0 Transport unknown [{context}]")]);
    }
}

#[actix_rt::test]
async fn the_id_of_a_session_may_be_escaped_and_the_last_one_counts() {
    let server = TestServer::start(&SocketIo::new());
    let sid = Polling::open(&server).await.sid;
    let escaped: String = sid.bytes().map(|b| format!("%{b:02x}")).collect();
    let cases = [
        (format!("sid={escaped}"), (200, "ok")),
        (format!("s%69d={sid}"), (200, "ok")),
        (format!("sid=nobody&sid={sid}"), (200, "ok")),
        (format!("EIO=3&EIO=4&sid={sid}"), (200, "ok")),
        (format!("sid={sid}&sid=nobody"), UNKNOWN_SID),
        (format!("sid=+{sid}"), UNKNOWN_SID),
        (format!("sid={sid}%20"), UNKNOWN_SID),
        (format!("EIO=3&sid={sid}"), BAD_REQUEST),
    ];
    for (query, expected) in cases {
        let path = format!("{POLLING}&{query}");
        let response = send(server.addr, "POST", &path, "content-length: 1\r\n", b"6").await;
        assert_eq!(response.response().await.parts(), expected, "{query}");
    }
}
