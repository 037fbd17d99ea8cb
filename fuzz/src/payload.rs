//! Bodies of polling requests.

use bytes::Bytes;
use socketio_protocol::engine::{Frame, Packet, decode_payload, encode_payload};

use crate::reference::base64;

/// Most packets of a body.
const MAX_PACKETS: usize = 4;

/// Decodes a body, and encodes what it held.
pub fn run(body: &[u8]) {
    let body = Bytes::copy_from_slice(body);
    for max in [MAX_PACKETS, usize::MAX] {
        let decoded = decode_payload(body.clone(), max).ok();
        assert_eq!(decoded, reference(&body, max), "with at most {max} packets");
        if let Some(packets) = decoded {
            check_round_trip(&packets);
        }
    }
}

/// The packets of a body, unless it is none.
pub(crate) fn reference(body: &[u8], max: usize) -> Option<Vec<Packet>> {
    let text = std::str::from_utf8(body).ok()?;
    let parts: Vec<_> = text.split('\u{1e}').collect();
    if parts.len() > max {
        return None;
    }
    parts.into_iter().map(packet).collect()
}

fn packet(part: &str) -> Option<Packet> {
    let kind = part.chars().next()?;
    let rest = &part[kind.len_utf8()..];
    Some(match kind {
        'b' => Packet::Binary(base64::decode(rest)?.into()),
        '0' => Packet::Open(rest.into()),
        '1' => Packet::Close,
        '2' => Packet::Ping(rest.into()),
        '3' => Packet::Pong(rest.into()),
        '4' => Packet::Message(rest.into()),
        '5' => Packet::Upgrade,
        '6' => Packet::Noop,
        _ => return None,
    })
}

/// What is sent back is what came, and as long as it is said to be.
fn check_round_trip(packets: &[Packet]) {
    let frames: Vec<Frame> = packets.iter().map(frame).collect();
    let body = encode_payload(&frames);
    let len = frames.iter().map(Frame::polling_len).sum::<usize>() + packets.len() - 1;
    assert_eq!(body.len(), len, "the length of a payload");
    assert_eq!(decode_payload(body, packets.len()).as_deref(), Ok(packets), "sent and received");
}

fn frame(packet: &Packet) -> Frame {
    match packet {
        Packet::Binary(data) => Frame::binary(data),
        Packet::Open(text) => Frame::text(&format!("0{text}")),
        Packet::Ping(text) => Frame::text(&format!("2{text}")),
        Packet::Pong(text) => Frame::text(&format!("3{text}")),
        Packet::Message(text) => Frame::text(&format!("4{text}")),
        Packet::Close => Frame::close(),
        Packet::Upgrade => Frame::text("5"),
        Packet::Noop => Frame::noop(),
    }
}
