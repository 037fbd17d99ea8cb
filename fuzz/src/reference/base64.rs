//! Base64 as clients may send it: of its padding, any part may be missing.

/// The bytes, or `None` if the text is no base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let fits = match digits.len() % 4 {
        0 => padding == 0,
        1 => false,
        rest => padding <= 4 - rest,
    };
    if !fits {
        return None;
    }
    let (mut bytes, mut bits, mut value) = (Vec::new(), 0, 0_u32);
    for digit in digits.bytes() {
        value = (value << 6) | digit_value(digit)?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((value >> bits) as u8);
            value &= (1 << bits) - 1;
        }
    }
    // What is left over belongs to no byte and has to be zero.
    (value == 0).then_some(bytes)
}

fn digit_value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
