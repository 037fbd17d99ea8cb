#![doc = include_str!("../README.md")]

mod ask;
mod ask_all;
mod audience;
mod config;
mod drain;
mod dynamic;
mod engine;
mod error;
mod event;
mod forward;
mod handler;
mod head_timeout;
#[cfg(feature = "inspect")]
mod inspect;
mod io;
mod kept;
mod namespace;
mod namespaces;
mod outlet;
mod registry;
mod remote_socket;
mod rooms;
mod socket;
mod transport;
mod tune;

pub mod extract;
pub mod message;
#[cfg(feature = "test-util")]
pub mod test_util;
pub mod topology;

pub use actix_socketio_actors::{
    config::{Limit, TransportKind as Transport},
    dispatch::EngineMessage,
    error::{ConnectError, DisconnectReason},
    handshake::Handshake,
    id::{RoomName, SocketId},
};
pub use actix_socketio_macros::Event;
pub use socketio_protocol::socket::{Binary, Payload, Value};

#[cfg(feature = "inspect")]
pub use self::inspect::Inspector;
pub use self::{
    ask::{Answer, Ask},
    ask_all::{AnswerEach, Answers, ClientAnswer},
    audience::Audience,
    config::{Builder, ConfigError},
    drain::{Drain, DrainReport},
    dynamic::NamespaceRequest,
    engine::{EngineIo, EngineSocket},
    error::{Error, EventError},
    event::{Acknowledges, Event, EventHandler},
    extract::{AckSender, Args, Auth, EventName, Params, SocketData},
    forward::{Forward, Lifecycle, Received, ReceivedAny, Reply},
    handler::{Handler, IntoConnectResult, IntoEventResult, Refusal},
    head_timeout::{HeadTimeout, HeadTimeoutService},
    io::SocketIo,
    namespace::Namespace,
    remote_socket::RemoteSocket,
    rooms::IntoRooms,
    socket::{Socket, Volatile},
    topology::{Topology, TopologyLimits, TopologyLog},
    transport::{
        cookie::{SameSite, SessionCookie},
        cors::Cors,
        hooks::ConnectionError,
        origins::AllowedOrigins,
        watch::Pressure,
    },
    tune::{on_connect, tune},
};

/// The examples of the guide, which compile.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../docs/guide/actors.md")]
    struct Actors;
    #[doc = include_str!("../docs/guide/draining.md")]
    struct Draining;

    #[doc = include_str!("../docs/guide/embedding.md")]
    struct Embedding;

    #[doc = include_str!("../docs/guide/from-javascript.md")]
    struct FromJavascript;

    #[doc = include_str!("../docs/guide/from-socketioxide.md")]
    struct FromSocketioxide;

    #[cfg(feature = "inspect")]
    #[doc = include_str!("../docs/guide/inspector.md")]
    struct Inspector;

    #[doc = include_str!("../docs/guide/topology.md")]
    struct Topology;
    #[doc = include_str!("../docs/guide/testing.md")]
    struct Testing;
}
