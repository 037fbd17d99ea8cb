//! Polling payloads: many packets in one HTTP body.
//!
//! Called by the polling transport for the body of a POST and of the answer to a GET. It bounds the
//! number of packets; the size of a body is bounded by whoever reads it.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, general_purpose::PAD};
use bytes::Bytes;
use bytestring::ByteString;

use super::{DecodeError, Frame, Packet};

/// Between two packets; JSON text never holds this byte unescaped.
const SEPARATOR: u8 = 0x1e;

/// Some clients leave the padding out, so it is accepted with and without.
const LENIENT: GeneralPurpose = GeneralPurpose::new(&ALPHABET, LENIENT_CONFIG);
const LENIENT_CONFIG: GeneralPurposeConfig =
    PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Why a body is no payload. No packet of such a body may be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// The body is not UTF-8.
    #[error("the payload is not valid UTF-8")]
    InvalidUtf8,
    /// The body holds more packets than allowed.
    #[error("the payload holds more than {max} packets")]
    TooManyPackets {
        /// How many were allowed.
        max: usize,
    },
    /// A part that begins with `b` goes on with something else than base64.
    #[error("invalid base64 in a binary packet")]
    Base64,
    /// A part is no packet; an empty body is one empty part.
    #[error(transparent)]
    Packet(#[from] DecodeError),
}

/// Decodes a polling POST body: packets joined by `0x1e`, binary ones as `b` and base64. Texts are
/// slices of `body`.
///
/// # Errors
///
/// [`PayloadError`] when the body is not UTF-8, when a part is empty, of unknown type or invalid
/// base64, and when there are more than `max_packets` parts.
pub fn decode_payload(body: Bytes, max_packets: usize) -> Result<Vec<Packet>, PayloadError> {
    let text = ByteString::try_from(body).map_err(|_| PayloadError::InvalidUtf8)?;
    let mut packets = Vec::new();
    for part in text.split(char::from(SEPARATOR)) {
        if packets.len() == max_packets {
            return Err(PayloadError::TooManyPackets { max: max_packets });
        }
        packets.push(match part.strip_prefix('b') {
            Some(data) => {
                Packet::Binary(LENIENT.decode(data).map_err(|_| PayloadError::Base64)?.into())
            }
            None => Packet::decode(text.slice_ref(part))?,
        });
    }
    Ok(packets)
}

/// Encodes frames as the body of a polling GET: joined by `0x1e`, text as it is, binary as `b` and
/// padded base64. No frames give an empty body.
pub fn encode_payload<'a>(frames: impl IntoIterator<Item = &'a Frame>) -> Bytes {
    let mut body = Vec::new();
    for (index, frame) in frames.into_iter().enumerate() {
        body.reserve(frame.polling_len() + 1);
        if index > 0 {
            body.push(SEPARATOR);
        }
        if frame.is_binary() {
            body.push(b'b');
            append_base64(&mut body, frame.payload());
        } else {
            body.extend_from_slice(frame.payload());
        }
    }
    body.into()
}

fn append_base64(body: &mut Vec<u8>, data: &[u8]) {
    let start = body.len();
    body.resize(start + base64_len(data.len()), 0);
    // The room is exact, so nothing can fail here.
    let written = STANDARD.encode_slice(data, &mut body[start..]).unwrap_or_default();
    body.truncate(start + written);
}

/// Length of `len` bytes as padded base64.
pub(super) const fn base64_len(len: usize) -> usize {
    len.div_ceil(3) * 4
}
