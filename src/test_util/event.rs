//! An event that a test client has received, and the answer to it.

use serde::{Serialize, de::DeserializeOwned};
use socketio_protocol::socket::{Packet, encode_ack};

use super::{connection::TestConnection, inbox::describe};
use crate::{Event, Payload};

/// An event that a [`TestClient`](super::TestClient) has received.
///
/// ```
/// use actix_socketio::{Args, Socket, SocketIo, test_util::{TestClient, TestEvent}};
///
/// # actix_web::rt::System::new().block_on(async {
/// let io = SocketIo::new();
/// io.of("/").on("delete", async |socket: Socket| socket.ask::<bool>("sure?", &("all", 3)).await.unwrap_or(false));
/// let client = TestClient::connect(&io, "/").await.unwrap();
/// let deleted = client.ask::<bool>("delete", &());
/// let question: TestEvent = client.next_ask().await;
/// assert_eq!(question.name(), "sure?");
/// assert_eq!(question.args::<(String, u32)>(), ("all".into(), 3));
/// assert_eq!(question.payload().json(), r#"["all",3]"#);
/// assert!(question.is_ask());
/// question.answer(&true);
/// assert!(deleted.await);
/// # });
/// ```
#[derive(Debug)]
pub struct TestEvent {
    packet: Packet,
    connection: TestConnection,
}

impl TestEvent {
    pub(super) fn new(packet: Packet, connection: TestConnection) -> Self {
        Self { packet, connection }
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.packet.payload.event().into_owned()
    }

    /// All arguments.
    pub fn payload(&self) -> Payload {
        self.packet.payload.args()
    }

    /// The arguments, typed by the rules of [`Args`](crate::Args).
    ///
    /// # Panics
    ///
    /// They do not have this type.
    #[track_caller]
    pub fn args<T: DeserializeOwned>(&self) -> T {
        match self.packet.payload.event_args() {
            Ok(args) => args,
            Err(error) => {
                let expected = std::any::type_name::<T>();
                panic!("{}: its arguments are no `{expected}`: {error}", describe(&self.packet))
            }
        }
    }

    /// The typed event that it is.
    ///
    /// ```
    /// # use actix_socketio::{Event, SocketIo, test_util::TestClient};
    /// # #[derive(serde::Serialize, serde::Deserialize, Event, Debug, PartialEq)]
    /// # #[event(name = "said")]
    /// # struct Said(String);
    /// # actix_web::rt::System::new().block_on(async {
    /// # let io = SocketIo::new();
    /// let client = TestClient::connect(&io, "/").await.unwrap();
    /// io.emit_event(&Said("hello".into()));
    /// assert_eq!(client.next_event().await.typed::<Said>(), Said("hello".into()));
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// It has another name, or other arguments.
    #[track_caller]
    pub fn typed<E: Event + DeserializeOwned>(&self) -> E {
        assert_eq!(self.name(), E::NAME, "{}", describe(&self.packet));
        self.args()
    }

    /// Whether the server wants an answer.
    pub fn is_ask(&self) -> bool {
        self.packet.id.is_some()
    }

    /// Answers, by the rules of `emit`: a tuple is several arguments.
    ///
    /// # Panics
    ///
    /// The server wants no answer.
    #[track_caller]
    pub fn answer(self, args: &(impl Serialize + ?Sized)) {
        let Some(id) = self.packet.id else {
            panic!("{}: nobody waits for an answer", describe(&self.packet))
        };
        self.connection.send(encode_ack(&self.packet.namespace, id, args));
    }
}
