//! Who hears what: rooms, namespaces, dynamic namespaces, without a race.

use actix_socketio::{
    Args, Namespace, Socket, SocketIo, Transport,
    test_util::{self, TestClient},
};
use actix_web::{App, test, web};

use super::connect;

fn rooms() -> SocketIo {
    let io = SocketIo::new();
    for namespace in ["/", "/other"] {
        io.of(namespace).on("join", async |socket: Socket, Args(room): Args<String>| {
            socket.join(room);
        });
        io.of(namespace).on(
            "say",
            async |socket: Socket, Args((room, text)): Args<(String, String)>| {
                socket.to(room).emit("said", &text);
                socket.emit("sent", &text);
            },
        );
    }
    io
}

#[actix_web::test]
async fn a_broadcast_reaches_the_others_of_its_room_and_nobody_else() {
    let io = rooms();
    let (ann, bob, eve) =
        (connect(&io, "/").await, connect(&io, "/").await, connect(&io, "/").await);
    let abroad = connect(&io, "/other").await;
    for client in [&ann, &bob, &abroad] {
        client.ask::<()>("join", &"lobby").await;
    }
    for n in 0..20 {
        ann.emit("say", &("lobby", n.to_string()));
    }
    for n in 0..20 {
        assert_eq!(bob.next::<String>("said").await, n.to_string());
        assert_eq!(ann.next::<String>("sent").await, n.to_string());
    }
    for client in [&ann, &bob, &eve, &abroad] {
        client.assert_silence().await;
    }
}

#[actix_web::test]
async fn what_the_handle_emits_keeps_its_order_across_rooms_and_sockets() {
    let io = rooms();
    let client = connect(&io, "/").await;
    client.ask::<()>("join", &"lobby").await;
    for n in 0..20 {
        io.to("lobby").emit("room", &n);
        io.to(client.id()).emit("socket", &n);
        io.emit("all", &n);
    }
    for n in 0..20 {
        for event in ["room", "socket", "all"] {
            assert_eq!(client.next::<u32>(event).await, n);
        }
    }
    client.assert_silence().await;
}

#[actix_web::test]
async fn children_of_a_dynamic_namespace_are_there_for_who_asks_and_gone_with_the_last() {
    let io = SocketIo::builder().cleanup_empty_child_namespaces(true).build().unwrap();
    io.of_pattern("/table-{n}").unwrap().on("say", async |namespace: Namespace| {
        namespace.emit("said", namespace.name());
    });
    let names = || -> Vec<_> { io.namespaces().iter().map(|it| it.name().to_owned()).collect() };
    let (one, two) = (connect(&io, "/table-1").await, connect(&io, "/table-2").await);
    one.emit("say", &());
    assert_eq!(one.next::<String>("said").await, "/table-1");
    two.assert_silence().await;
    assert!(names().contains(&"/table-2".into()), "{:?}", names());
    two.disconnect();
    test_util::settle().await;
    assert!(!names().contains(&"/table-2".into()), "{:?}", names());
    let refused = TestClient::connect(&io, "/chair").await.unwrap_err();
    assert_eq!(refused.message, "Invalid namespace");
}

#[actix_web::test]
async fn clients_of_both_transports_hear_the_same() {
    let io = rooms();
    let polling =
        TestClient::builder(&io).transport(Transport::Polling).connect("/").await.unwrap();
    let websocket = connect(&io, "/").await;
    io.emit("news", &1);
    for client in [&polling, &websocket] {
        assert_eq!(client.next::<u32>("news").await, 1);
        client.assert_silence().await;
    }
}

#[actix_web::test]
async fn what_a_route_beside_the_server_emits_comes() {
    async fn order(io: SocketIo, item: String) -> &'static str {
        io.emit("ordered", &item);
        "thank you"
    }
    let io = SocketIo::new();
    test_util::start(&io);
    let app = App::new().configure(|cfg| io.mount(cfg)).route("/orders", web::post().to(order));
    let app = test::init_service(app).await;
    let kitchen = connect(&io, "/").await;
    let request = test::TestRequest::post().uri("/orders").set_payload("soup").to_request();
    assert_eq!(test::call_and_read_body(&app, request).await, "thank you");
    assert_eq!(kitchen.next::<String>("ordered").await, "soup");
    kitchen.assert_silence().await;
}
