//! The server that the interop suite drives with official clients; its contract is in `tests/interop/README.md`.
//!
//! `PORT` (default 3000, 0 for any), `WORKERS` (default 2), `PING_INTERVAL` and `PING_TIMEOUT` (milliseconds) and `CLEANUP` (`true` removes
//! empty dynamic namespaces) come from the environment.
//! It listens on 127.0.0.1 and says so on standard output.

use std::{
    collections::HashMap,
    error::Error as _,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actix_socketio::{
    AckSender, Args, Auth, ConfigError, ConnectError, DisconnectReason, Drain, EventError,
    EventName, Handshake, Namespace, NamespaceRequest, Params, Payload, RemoteSocket, Socket,
    SocketData, SocketId, SocketIo, Value, extract::Rooms, tune,
};
use actix_web::{App, HttpServer};
use serde::Serialize;
use serde_json::json;

/// Who has disconnected so far, and why.
type Disconnects = Arc<Mutex<Vec<(String, &'static str)>>>;

fn from_env<T: std::str::FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::init();
    let io = SocketIo::builder()
        .ping_interval(Duration::from_millis(from_env("PING_INTERVAL", 25_000)))
        .ping_timeout(Duration::from_millis(from_env("PING_TIMEOUT", 20_000)))
        .cleanup_empty_child_namespaces(from_env("CLEANUP", false))
        .build()?;
    let disconnects = Disconnects::default();
    announcements(&io);
    for name in ["/", "/admin"] {
        everything(&io.of(name), &disconnects);
    }
    dynamic(&io, &disconnects)?;
    chain(&io.of("/chain"));
    let early = io.of("/early");
    early.before_connect(async |socket: Socket| {
        socket.join("early");
        socket.emit("early", &socket.id());
    });
    everything(&early, &disconnects);
    let private = io.of("/private");
    private.before_connect(check_token);
    messages(&private);
    handlers(&io.of("/handlers"));

    let server = tune(HttpServer::new(move || App::new().configure(|cfg| io.mount(cfg))))
        .workers(from_env("WORKERS", 2))
        .bind(("127.0.0.1", from_env("PORT", 3000)))?;
    for address in server.addrs() {
        println!("listening on {address}");
    }
    Ok(server.run().await?)
}

async fn check_token(Auth(auth): Auth<serde_json::Value>) -> Result<(), ConnectError> {
    if auth["token"] == "secret" {
        return Ok(());
    }
    Err(ConnectError::new("not authorized").with_data(json!({ "code": 401 })))
}

fn everything(namespace: &Namespace, disconnects: &Disconnects) {
    messages(namespace);
    rooms(namespace);
    acknowledgements(namespace);
    audiences(namespace);
    lifecycle(namespace, disconnects);
}

/// Namespaces that are made when a client asks for them.
fn dynamic(io: &SocketIo, disconnects: &Disconnects) -> Result<(), ConfigError> {
    let orgs = io.of_pattern("/org/{org}/chat")?;
    everything(&orgs, disconnects);
    orgs.before_connect(async |Params(org): Params<String>| match &*org {
        "closed" => Err(ConnectError::new("closed").with_data(json!({ "org": org }))),
        _ => Ok(()),
    })
    .on("org", async |Params(org): Params<String>| org);
    io.of("/").on("all-orgs", async move |Args(payload): Args<Value>| {
        orgs.emit("all", &payload);
    });
    let guarded = io.of_async(async |request: NamespaceRequest| {
        let auth = request.auth::<serde_json::Value>().unwrap_or_default();
        request.name().starts_with("/guarded-") && auth["token"] == "secret"
    });
    everything(&guarded, disconnects);
    Ok(())
}

fn announcements(io: &SocketIo) {
    let announced: Arc<Mutex<Vec<String>>> = Arc::default();
    let asked = announced.clone();
    io.on_new_namespace(move |namespace| {
        let name = namespace.name().to_owned();
        announced.lock().unwrap_or_else(PoisonError::into_inner).push(name);
    });
    io.of("/")
        .on("announced", async move || asked.lock().unwrap_or_else(PoisonError::into_inner).clone())
        .on("namespaces", async |io: SocketIo| -> Vec<String> {
            io.namespaces().iter().map(|namespace| namespace.name().to_owned()).collect()
        });
}

fn chain(namespace: &Namespace) {
    for step in 1..=3 {
        namespace.before_connect(async move |Auth(auth): Auth<serde_json::Value>| {
            let stops = auth["stop"].as_array().is_some_and(|steps| steps.contains(&json!(step)));
            match stops {
                true => Err(ConnectError::new("nope").with_data(json!({ "code": step }))),
                false => Ok(()),
            }
        });
    }
}

fn messages(namespace: &Namespace) {
    namespace
        .on_connect(async |socket: Socket, Auth(auth): Auth<Option<serde_json::Value>>| {
            let auth = auth.unwrap_or_else(|| json!({}));
            socket.emit("welcome", &json!({ "auth": auth }));
        })
        .on("echo", async |args: Payload| args)
        .on("back", async |socket: Socket, args: Payload| socket.emit("back", &args))
        .on("id", async |socket: Socket| socket.id().to_string());
}

fn rooms(namespace: &Namespace) {
    type Sent = (String, Value);
    namespace
        .on("join", async |socket: Socket, Args(room): Args<String>| socket.join(room))
        .on("leave", async |socket: Socket, Args(room): Args<String>| socket.leave(room))
        .on("to", async |socket: Socket, Args((room, payload)): Args<Sent>| {
            socket.to(room).emit("room", &payload);
        })
        .on("in", async |namespace: Namespace, Args((room, payload)): Args<Sent>| {
            namespace.to(room).emit("room", &payload);
        })
        .on(
            "to-two",
            async |socket: Socket, Args((a, b, payload)): Args<(String, String, Value)>| {
                socket.to(a).to(b).emit("room", &payload);
            },
        )
        .on(
            "to-except",
            async |socket: Socket, Args((room, except, payload)): Args<(String, String, Value)>| {
                socket.to(room).except(except).emit("room", &payload);
            },
        )
        .on("shout", async |socket: Socket, Args(payload): Args<Value>| {
            socket.broadcast().emit("shout", &payload);
        })
        .on("all", async |namespace: Namespace, Args(payload): Args<Value>| {
            namespace.emit("all", &payload);
        })
        .on(
            "mixed",
            async |socket: Socket, namespace: Namespace, Args((room, n)): Args<(String, u32)>| {
                for i in 0..n {
                    namespace.to(&room).emit("seq", &(2 * i));
                    socket.emit("seq", &(2 * i + 1));
                }
            },
        )
        .on(
            "join-then-emit",
            async |socket: Socket, namespace: Namespace, Args((room, payload)): Args<Sent>| {
                socket.join(&room);
                namespace.to(room).emit("room", &payload);
            },
        );
}

fn acknowledgements(namespace: &Namespace) {
    namespace
        .on("ask-me", async |socket: Socket, Args(payload): Args<Value>| {
            let timeout = Duration::from_secs(1);
            match socket.timeout(timeout).ask::<Value>("question", &payload).await {
                Ok(answer) => answer,
                Err(_) => Value::String("timeout".into()),
            }
        })
        .on("no-answer", async |ack: AckSender| drop(ack))
        .on("slow-echo", async |Args((millis, value)): Args<(u64, Value)>| {
            actix_web::rt::time::sleep(Duration::from_millis(millis)).await;
            value
        });
}

fn audiences(namespace: &Namespace) {
    type Change = (String, Vec<String>);
    namespace
        .on("ask-all", async |namespace: Namespace, Args((room, ms)): Args<(String, u64)>| {
            let audience = namespace.to(&room).timeout(Duration::from_millis(ms));
            let clients = audience.ask_all::<String>("question", &room).await.unwrap_or_default();
            let failed = clients.iter().any(|client| client.answer.is_err());
            let mut answers: Vec<_> = clients.into_iter().filter_map(|c| c.answer.ok()).collect();
            answers.sort();
            json!({ "failed": failed, "answers": answers })
        })
        .on("fetch", async |namespace: Namespace, Args(room): Args<String>| {
            let sockets = namespace.to(room).fetch_sockets().await.unwrap_or_default();
            let line = |socket: RemoteSocket| (socket.id(), sorted(socket.rooms().to_vec()));
            let mut lines: Vec<_> = sockets.into_iter().map(line).collect();
            lines.sort();
            lines
        })
        .on("rooms", async |socket: Socket| sorted(socket.rooms().await.unwrap_or_default()))
        .on("join-all", async |socket: Socket, Args(rooms): Args<Vec<String>>| socket.join(rooms))
        .on("sockets-join", async |namespace: Namespace, Args((room, rooms)): Args<Change>| {
            namespace.to(room).sockets_join(rooms);
        })
        .on("sockets-leave", async |namespace: Namespace, Args((room, rooms)): Args<Change>| {
            namespace.to(room).sockets_leave(rooms);
        })
        .on(
            "disconnect-sockets",
            async |namespace: Namespace, Args((room, close)): Args<(String, bool)>| {
                namespace.to(&room).emit("room", "the last");
                namespace.to(room).disconnect_sockets(close);
            },
        )
        .on("volatile", async |socket: Socket, Args((room, payload)): Args<(String, Value)>| {
            socket.to(room).volatile().emit("room", &payload);
        })
        .on(
            "to-all",
            async |socket: Socket, Args((rooms, payload)): Args<(Vec<String>, Value)>| {
                socket.to(rooms).emit("room", &payload);
            },
        );
    tell_rooms_at_the_end(namespace);
}

fn tell_rooms_at_the_end(namespace: &Namespace) {
    let wishes: Arc<Mutex<HashMap<SocketId, String>>> = Arc::default();
    let wanted = wishes.clone();
    namespace
        .on("tell-rooms-at-the-end", async move |socket: Socket, Args(room): Args<String>| {
            wishes.lock().unwrap_or_else(PoisonError::into_inner).insert(socket.id(), room);
        })
        .on_disconnect(async move |socket: Socket, Rooms(rooms): Rooms| {
            let wish = wanted.lock().unwrap_or_else(PoisonError::into_inner).remove(&socket.id());
            if let Some(room) = wish {
                socket.to(room).emit("room", &sorted(rooms));
            }
        });
}

fn sorted(mut rooms: Vec<String>) -> Vec<String> {
    rooms.sort();
    rooms
}

fn lifecycle(namespace: &Namespace, disconnects: &Disconnects) {
    let (seen, asked) = (disconnects.clone(), disconnects.clone());
    namespace
        .on("kick", async |socket: Socket, Args(close): Args<bool>| socket.disconnect(close))
        .on("close server", async |io: SocketIo| drop(io.drain(Drain::over(Duration::ZERO))))
        .on_disconnect(async move |socket: Socket, reason: DisconnectReason| {
            let entry = (socket.id().to_string(), reason.as_str());
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
        })
        .on("disconnects", async move || {
            asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
        });
}

/// Data of a socket in `/handlers`.
#[derive(Serialize)]
struct Client {
    name: String,
    notes: Mutex<Vec<Vec<Value>>>,
}

/// The arguments that the suite sends, at most.
type Noted = (Option<Value>, Option<Value>);

impl Client {
    fn note(&self, what: &str, event: String, args: Noted) {
        let names = [Value::String(what.into()), Value::String(event)];
        let note = names.into_iter().chain(args.0).chain(args.1).collect();
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).push(note);
    }
}

fn handlers(namespace: &Namespace) {
    type Data = SocketData<Client>;
    namespace
        .before_connect(async |socket: Socket, Auth(auth): Auth<serde_json::Value>| {
            let name = auth["name"].as_str().unwrap_or("nobody").to_owned();
            socket.set_data(Client { name, notes: Mutex::default() });
        })
        .on_any(async |client: Data, EventName(event): EventName, Args(args): Args<Noted>| {
            client.0.note("any", event, args);
        })
        .on_any_outgoing(
            async |client: Data, EventName(event): EventName, Args(args): Args<Noted>| {
                client.0.note("out", event, args);
            },
        )
        .before_event(async |EventName(event): EventName| match &*event {
            "forbidden" => Err("forbidden event"),
            _ => Ok(()),
        })
        .on_error(async |socket: Socket, error: EventError| {
            let refusal = error.source().map(ToString::to_string);
            socket.emit("refused", &refusal);
        })
        .on("echo", async |args: Payload| args)
        .on("back", async |socket: Socket, args: Payload| socket.emit("back", &args))
        .on("several", async |socket: Socket| socket.emit("ran", &1))
        .on("several", async |socket: Socket| {
            socket.emit("ran", &2);
            "second"
        })
        .on("several", async || "third")
        .once("once", async |socket: Socket| socket.emit("ran", "once"))
        .on("forbidden", async |socket: Socket| socket.emit("ran", "forbidden"))
        .on("later", async || ())
        .on("later", async |Args(millis): Args<u64>, ack: AckSender| {
            actix_web::rt::time::sleep(Duration::from_millis(millis)).await;
            ack.send("later");
        })
        .on("notes", async |client: Data| {
            client.0.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
        })
        .on("data", async |client: Data| client.0.name.clone())
        .on("handshake", async |handshake: Arc<Handshake>| show(&handshake));
    ends(namespace);
}

fn show(handshake: &Handshake) -> serde_json::Value {
    let object = |pairs: &[(String, String)]| -> serde_json::Map<_, _> {
        pairs.iter().map(|(name, value)| (name.clone(), json!(value))).collect()
    };
    json!({
        "headers": object(&handshake.headers),
        "query": object(&handshake.query),
        "url": handshake.url,
        "address": handshake.address,
        "xdomain": handshake.xdomain,
        "secure": handshake.secure,
        "issued": handshake.issued,
        "time": handshake.time(),
    })
}

fn ends(namespace: &Namespace) {
    let ends = Disconnects::default();
    let [disconnecting, disconnect, asked] = [ends.clone(), ends.clone(), ends];
    let note = |ends: &Disconnects, socket: &Socket, what| {
        ends.lock().unwrap_or_else(PoisonError::into_inner).push((socket.id().to_string(), what));
    };
    namespace
        .on_disconnecting(async move |s: Socket| note(&disconnecting, &s, "disconnecting"))
        .on_disconnect(async move |s: Socket| note(&disconnect, &s, "disconnect"))
        .on("ends", async move || asked.lock().unwrap_or_else(PoisonError::into_inner).clone());
}
