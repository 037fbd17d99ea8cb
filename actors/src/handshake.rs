//! What is known of a client from the request that opened its connection.
//!
//! The edge fills it in; users read it. `auth` comes later, with each socket.

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

/// The HTTP request that opened the connection, `socket.handshake` in JavaScript. What the client sent as `auth` is at the socket.
///
/// ```
/// # use actix_socketio_actors::handshake::Handshake;
/// # let mut handshake = Handshake::default();
/// # handshake.headers = vec![("user-agent".into(), "node".into())];
/// # handshake.query = vec![("EIO".into(), "4".into()), ("room".into(), "a".into())];
/// assert_eq!(handshake.header("user-agent"), Some("node"));
/// assert_eq!(handshake.query("room"), Some("a")); // io(url, { query: { room: "a" } })
/// println!("{:?} since {}, {} headers", handshake.address, handshake.time(), handshake.headers.len());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Handshake {
    /// Request target: path and query.
    pub url: String,
    /// Header names in lower case with their values, in the order received.
    pub headers: Vec<(String, String)>,
    /// The query of the URL, decoded, in the order received: `EIO` and `transport` with whatever the client adds.
    pub query: Vec<(String, String)>,
    /// Address of the peer, without port.
    pub address: Option<IpAddr>,
    /// Whether the request has an `Origin`: the client is a browser on another site.
    pub xdomain: bool,
    /// Whether the connection is encrypted.
    pub secure: bool,
    /// When the connection was opened, in milliseconds since 1970. (In JavaScript, when the socket was made: a moment later.)
    pub issued: u64,
}

impl Handshake {
    /// The first header of this name, which is given in lower case: `handshake.headers[name]` in JavaScript.
    pub fn header(&self, name: &str) -> Option<&str> {
        first(&self.headers, name)
    }

    /// The first query parameter of this name: `handshake.query[name]` in JavaScript.
    pub fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name)
    }

    /// The time of [`issued`](Self::issued) as JavaScript prints it on a server in UTC:
    /// `Tue Nov 24 2026 17:12:23 GMT+0000 (Coordinated Universal Time)`.
    pub fn time(&self) -> String {
        // Beyond the year 9999 there is no such text.
        let longest = Duration::from_secs(253_402_300_799);
        let issued = SystemTime::UNIX_EPOCH + Duration::from_millis(self.issued).min(longest);
        // `Tue, 24 Nov 2026 17:12:23 GMT`
        let http = httpdate::fmt_http_date(issued);
        match http.replace(',', "").split(' ').collect::<Vec<_>>()[..] {
            [weekday, day, month, year, time, zone] => {
                format!(
                    "{weekday} {month} {day} {year} {time} {zone}+0000 (Coordinated Universal Time)"
                )
            }
            _ => http,
        }
    }
}

fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_that_of_javascript() {
        // new Date(1764004343123) + "" and new Date(0) + "", with TZ=UTC
        let time = |issued| Handshake { issued, ..Handshake::default() }.time();
        assert_eq!(
            time(1_764_004_343_123),
            "Mon Nov 24 2025 17:12:23 GMT+0000 (Coordinated Universal Time)"
        );
        assert_eq!(time(0), "Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)");
        assert!(time(u64::MAX).starts_with("Fri Dec 31 9999 23:59:59"));
    }
}
