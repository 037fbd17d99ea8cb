//! A whole session with tiny limits: a client of one connection, over polling, a WebSocket or both, and a server that answers it.
//!
//! The lines of an input are what the client does, each begun by a letter (see `script`); after each, everything comes to rest. What the
//! server sends is compared with what the official server would send (`model`), as long as that does not depend on time.

mod client;
mod model;
mod script;

use std::{mem::ManuallyDrop, time::Duration};

use actix_socketio::{Args, ConnectError, Namespace, Payload, Socket, SocketIo, test_util};
use actix_web::rt::{System, SystemRunner};
use socketio_protocol::socket::Limits;

use self::{client::Client, model::Model, script::Step};
use crate::wire::{Edge, settle};

const MAX_PAYLOAD: usize = 200;
const MAX_PACKETS_PER_PAYLOAD: usize = 4;
const MAX_NAMESPACES: usize = 2;
const MAX_ROOMS: usize = 2;
const MAX_ROOM_LEN: usize = 4;
const MAX_BAD_ACKS: usize = 2;
const MAX_PONGS: usize = 2;
const OUTBOX_BYTES: usize = 1200;
const OUTBOX_PACKETS: usize = 64;
const LIMITS: Limits = Limits {
    max_attachments: 2,
    max_namespace_len: 8,
    max_event_len: 8,
    max_packet_bytes: 300,
    max_json_depth: 4,
};

/// Nothing is due before.
const FIRST_DEADLINE: Duration = Duration::from_secs(10);

/// What `big` and a broadcast send.
fn big() -> String {
    "x".repeat(100)
}

thread_local! {
    /// Never dropped: an actix system needs other thread-locals when it ends.
    static WORLD: ManuallyDrop<World> = ManuallyDrop::new(World::new());
}

/// A server that lives as long as the thread: each input has a session of its own.
struct World {
    system: SystemRunner,
    io: SocketIo,
    edge: Edge,
}

impl World {
    fn new() -> Self {
        let system = System::new();
        let (io, edge) = system.block_on(async {
            test_util::pause();
            let io = server();
            test_util::start(&io);
            let edge = Edge::new("/socket.io/", |cfg| io.mount(cfg)).await;
            (io, edge)
        });
        Self { system, io, edge }
    }
}

fn server() -> SocketIo {
    let io = SocketIo::builder()
        .max_payload(MAX_PAYLOAD)
        .max_packets_per_payload(MAX_PACKETS_PER_PAYLOAD)
        .max_attachments(LIMITS.max_attachments)
        .max_packet_bytes(LIMITS.max_packet_bytes)
        .max_namespace_len(LIMITS.max_namespace_len)
        .max_event_len(LIMITS.max_event_len)
        .max_json_depth(LIMITS.max_json_depth)
        .max_namespaces_per_connection(MAX_NAMESPACES)
        .max_rooms_per_socket(MAX_ROOMS)
        .max_room_len(MAX_ROOM_LEN)
        .max_bad_acks(MAX_BAD_ACKS)
        .max_unsolicited_pongs(MAX_PONGS)
        .max_inflight_events(2)
        .outbox_limits(OUTBOX_BYTES, OUTBOX_PACKETS)
        // A session that were left over would keep the next from opening.
        .max_sessions(1)
        .ping_interval(FIRST_DEADLINE * 2)
        .ping_timeout(FIRST_DEADLINE)
        .connect_timeout(FIRST_DEADLINE * 3)
        .ack_timeout(FIRST_DEADLINE)
        .binary_timeout(FIRST_DEADLINE)
        .upgrade_timeout(FIRST_DEADLINE)
        .build()
        .expect("these options can be");
    handlers(&io.of("/"));
    handlers(&io.of("/a"));
    io.of("/no").before_connect(async || Err::<(), _>(ConnectError::new("no")));
    io
}

fn handlers(namespace: &Namespace) {
    namespace
        .on("echo", async |socket: Socket, args: Payload| {
            socket.emit("echo", &args);
            args
        })
        .on("ask", async |socket: Socket| {
            let answer = socket.ask::<Payload>("q", &()).await;
            socket.emit("answer", &answer.is_ok());
        })
        .on("join", async |socket: Socket, Args(room): Args<String>| {
            socket.join(&*room);
            socket.within(&*room).emit("in", &room);
        })
        .on("leave", async |socket: Socket, Args(room): Args<String>| {
            socket.leave(&*room);
            socket.within(&*room).emit("in", &room);
        })
        .on("big", async |socket: Socket| socket.emit("big", &big()))
        .on("bye", async |socket: Socket| socket.disconnect(false))
        .on("close", async |socket: Socket| socket.disconnect(true));
}

/// Does what the lines say, and looks at what comes back.
pub fn run(data: &[u8]) {
    let (starts_polling, steps) = script::read(data);
    WORLD.with(|world| {
        world.system.block_on(async {
            let mut client = Client::open(&world.edge, starts_polling).await;
            let mut model = Model::new(starts_polling);
            for step in steps {
                if client.is_over() {
                    break;
                }
                take(&world.io, &mut client, &mut model, &step).await;
                let held = world.io.pressure().waiting_bytes;
                assert!(held <= LIMITS.max_packet_bytes, "{held} bytes are held");
            }
            client.leave().await;
            settle().await;
            if model.has_given_up() {
                // An upgrade that failed meanwhile leaves a session that nobody polls, until a pong is due.
                tokio::time::sleep(FIRST_DEADLINE * 4).await;
            }
            assert_eq!(world.io.clients_count(), 0, "a session whose client has gone is over");
            assert_eq!(world.io.pressure().waiting_bytes, 0, "and holds nothing");
        });
    });
}

async fn take(io: &SocketIo, client: &mut Client, model: &mut Model, step: &Step<'_>) {
    let mut time = Duration::from_millis(1);
    match step {
        Step::Broadcast => io.emit("all", &big()),
        Step::Wait(seconds) => time += *seconds,
        Step::Answer => model.answered(client.answer()),
        Step::AnswerElsewhere => model.answered(client.answer_elsewhere()),
        step => client.act(step).await,
    }
    let came = client.receive(time).await;
    model.take(step, client.reads(), &came, client.is_over());
}
