//! Files, methods and headers.

use actix_socketio::SocketIo;

use super::{assert_protected, serve};
use crate::support::{get, send};

const FILES: [(&str, &str); 5] = [
    ("", "text/html; charset=utf-8"),
    ("inspector.js", "text/javascript; charset=utf-8"),
    ("inspector.css", "text/css; charset=utf-8"),
    ("topology.json", "application/json"),
    ("metrics", "text/plain; version=0.0.4; charset=utf-8"),
];

#[actix_rt::test]
async fn each_file_has_its_type_and_is_kept_nowhere() {
    let io = SocketIo::new();
    let server = serve(&io, &io.inspector(), 1);
    for (file, content_type) in FILES {
        let response = get(server.addr, &format!("/inspect/{file}")).await;
        assert_eq!(response.status, 200, "{file}: {response:?}");
        assert_eq!(response.header("content-type"), Some(content_type));
        assert!(!response.body.is_empty(), "{file}");
        assert_protected(&response);
    }
}

#[actix_rt::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let io = SocketIo::new();
    let server = serve(&io, &io.inspector(), 1);
    for file in ["", "inspector.js", "inspector.css"] {
        let response = get(server.addr, &format!("/inspect/{file}")).await;
        let text = response.text().replace("http://www.w3.org/2000/svg", "");
        for part in
            ["http:", "https:", "//cdn", "@import", "innerHTML", "outerHTML", "insertAdjacent"]
        {
            assert!(!text.contains(part), "{file} has {part}");
        }
        // Its own files it names relatively: it may be under any path.
        assert!(!text.contains("href=\"/") && !text.contains("src=\"/"), "{file}");
    }
}

#[actix_rt::test]
async fn without_its_slash_the_path_leads_to_the_page() {
    let io = SocketIo::new();
    let server = serve(&io, &io.inspector(), 1);
    let response = get(server.addr, "/inspect").await;
    assert_eq!((response.status, response.header("location")), (308, Some("inspect/")));
    assert_protected(&response);
}

#[actix_rt::test]
async fn what_is_not_there_is_not_found() {
    let io = SocketIo::new();
    let server = serve(&io, &io.inspector(), 1);
    for file in ["x", "index.html", "topology.json/", "../Cargo.toml", "%2e%2e/x", "/"] {
        let response = get(server.addr, &format!("/inspect/{file}")).await;
        assert_eq!(response.status, 404, "{file}");
    }
}

#[actix_rt::test]
async fn it_is_read_and_nothing_else() {
    let io = SocketIo::new();
    let server = serve(&io, &io.inspector(), 1);
    for (file, _) in FILES {
        let path = format!("/inspect/{file}");
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let response = send(server.addr, method, &path, "content-length: 0\r\n", b"")
                .await
                .response()
                .await;
            assert_eq!((response.status, response.header("allow")), (405, Some("GET, HEAD")));
            assert_protected(&response);
        }
        let head = send(server.addr, "HEAD", &path, "", b"").await.head().await;
        assert_eq!(head.status, 200);
    }
}
