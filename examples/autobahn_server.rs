//! An echo for the Autobahn test suite, which speaks WebSocket without Engine.IO: `ws://…/engine.io/?EIO=4&transport=websocket`.
//! `PORT` comes from the environment (default 9001).
//!
//! The server is an ordinary one. A middleware puts the Engine.IO packet type `4` in front of each text message of the client and
//! takes it and the open packet away from what the server sends. It does so within the frames as they come: headers, fragments,
//! invalid text, control frames, and the bytes of each read reach the transport as the suite sends them.

use std::{pin::Pin, time::Duration};

use actix_socketio::{EngineMessage, EngineSocket, SocketIo, tune};
use actix_web::{
    App, Error, HttpMessage, HttpServer,
    body::{BodyStream, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    middleware::{Next, from_fn},
    web::Bytes,
};
use futures_util::{StreamExt, stream};

/// More than the largest message of the suite, which has 16 MiB.
const MAX_PAYLOAD: usize = 64 << 20;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::init();
    let echo = async |socket: EngineSocket, message: EngineMessage| socket.send(&message);
    let engine = SocketIo::builder()
        .path("/engine.io/")
        .ping_interval(Duration::from_secs(24 * 60 * 60))
        .max_payload(MAX_PAYLOAD)
        .max_ws_fragments(1 << 17)
        .outbox_limits(2 * MAX_PAYLOAD, 1 << 16)
        .build_engine(echo)?;
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(9001);
    let server = HttpServer::new(move || {
        App::new().wrap(from_fn(without_engine)).configure(|cfg| engine.mount(cfg))
    });
    tune(server).workers(2).bind(("127.0.0.1", port))?.run().await?;
    Ok(())
}

async fn without_engine(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut inbound = Frames::new(Edit::AddType);
    let received = request.take_payload().map(move |read| Ok(inbound.edit(&read?)));
    request.set_payload(Payload::Stream { payload: Box::pin(received) });
    let response = next.call(request).await?;
    let mut outbound = Frames::new(Edit::RemoveType { open_packet: true });
    Ok(response.map_body(|_, body| {
        let mut body = Box::pin(body);
        let sent = stream::poll_fn(move |cx| Pin::new(&mut body).poll_next(cx));
        BodyStream::new(sent.map(move |chunk| {
            chunk
                .map(|bytes| outbound.edit(&bytes))
                .map_err(Into::<Box<dyn std::error::Error>>::into)
        }))
    }))
}

/// What happens to the text messages of one direction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edit {
    AddType,
    RemoveType {
        /// Still to come: the first message, which is taken away as a whole.
        open_packet: bool,
    },
}

/// The frames of one direction.
struct Frames {
    edit: Edit,
    header: Vec<u8>,
    /// Payload bytes of the frame that are to be left out.
    skip: usize,
    /// And those that pass after them.
    pass: usize,
}

impl Frames {
    fn new(edit: Edit) -> Self {
        Self { edit, header: Vec::new(), skip: 0, pass: 0 }
    }

    fn edit(&mut self, mut bytes: &[u8]) -> Bytes {
        let mut out = Vec::with_capacity(bytes.len() + 16);
        while !bytes.is_empty() {
            if self.skip + self.pass == 0 {
                self.header.push(bytes[0]);
                bytes = &bytes[1..];
                self.end_header(&mut out);
                continue;
            }
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = &bytes[skipped..];
            let passed = self.pass.min(bytes.len());
            self.pass -= passed;
            out.extend_from_slice(&bytes[..passed]);
            bytes = &bytes[passed..];
        }
        out.into()
    }

    /// Writes the header, once it is complete, as this direction wants it.
    fn end_header(&mut self, out: &mut Vec<u8>) {
        let Some((first, masked, len, mask)) = parse(&self.header) else { return };
        let header = std::mem::take(&mut self.header);
        self.pass = len;
        match (&mut self.edit, first & 0x0f) {
            (Edit::AddType, 1) => {
                // The mask turns with the bytes that move by one, so that they stay what they are.
                let mask = [mask[3], mask[0], mask[1], mask[2]];
                write_header(first, masked, len + 1, out);
                if masked {
                    out.extend(mask);
                }
                out.push(b'4' ^ if masked { mask[0] } else { 0 });
            }
            (Edit::RemoveType { open_packet: true }, 1) => {
                self.edit = Edit::RemoveType { open_packet: false };
                (self.skip, self.pass) = (len, 0);
            }
            (Edit::RemoveType { .. }, 1) => {
                write_header(first, masked, len - 1, out);
                (self.skip, self.pass) = (1, len - 1);
            }
            _ => out.extend(header),
        }
    }
}

/// First byte, whether it is masked, length, and mask; `None` while the header is not complete.
fn parse(header: &[u8]) -> Option<(u8, bool, usize, [u8; 4])> {
    let (&[first, second], rest) = header.split_first_chunk()?;
    let extended = match second & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let masked = second & 0x80 != 0;
    let (length, mask) = rest.split_at_checked(extended)?;
    let mask = if masked { *mask.first_chunk()? } else { [0; 4] };
    let length = match extended {
        0 => u64::from(second & 0x7f),
        _ => length.iter().fold(0, |length, byte| (length << 8) | u64::from(*byte)),
    };
    Some((first, masked, usize::try_from(length).ok()?, mask))
}

fn write_header(first: u8, masked: bool, len: usize, out: &mut Vec<u8>) {
    let mask_bit = if masked { 0x80 } else { 0 };
    out.push(first);
    match len {
        0..=125 => out.push(mask_bit | len as u8),
        126..=0xffff => {
            out.push(mask_bit | 126);
            out.extend((len as u16).to_be_bytes());
        }
        _ => {
            out.push(mask_bit | 127);
            out.extend((len as u64).to_be_bytes());
        }
    }
}
