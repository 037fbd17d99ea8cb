//! Reads the query of a request, verifies it in the official order, and hands it to its transport.

use std::sync::Arc;

use actix_socketio_actors::session::TransportKind;
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, header},
    web,
};

use super::{Connection, Edge, polling, refusal::Refusal, websocket};

/// What the query of a request says.
#[derive(Debug, PartialEq, Eq)]
struct Query<'a> {
    transport: TransportKind,
    sid: Option<&'a str>,
    protocol: &'a str,
}

impl<'a> Query<'a> {
    fn parse(query: &'a str) -> Result<Self, Refusal> {
        let (mut transport, mut sid, mut protocol) = (None, None, "");
        for (key, value) in query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        {
            match key {
                // A transport that is named twice is two transports, which is none.
                "transport" if transport.is_some() => return Err(Refusal::UnknownTransport),
                "transport" => transport = Some(value),
                "sid" => sid = Some(value),
                "EIO" => protocol = value,
                _ => {}
            }
        }
        let transport = match transport {
            Some("polling") => TransportKind::Polling,
            Some("websocket") => TransportKind::WebSocket,
            _ => return Err(Refusal::UnknownTransport),
        };
        Ok(Self { transport, sid: sid.filter(|sid| !sid.is_empty()), protocol })
    }
}

pub(super) async fn serve(
    edge: &Edge,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let wants_websocket = request
        .headers()
        .get(header::UPGRADE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    let verified = verify(edge, &request, wants_websocket);
    match verified {
        Ok((TransportKind::WebSocket, connection)) => {
            websocket::serve(edge, &request, payload, connection)
        }
        Ok((TransportKind::Polling, connection)) => {
            polling::serve(edge, &request, payload, connection).await
        }
        Err(refusal) if wants_websocket => refusal.upgrade_response(),
        Err(refusal) => refusal.response(),
    }
}

type Verified = (TransportKind, Option<Arc<Connection>>);

/// The checks of the official server, in its order.
fn verify(edge: &Edge, request: &HttpRequest, wants_websocket: bool) -> Result<Verified, Refusal> {
    let query = Query::parse(request.query_string())?;
    let Some(sid) = query.sid else {
        return verify_handshake(request, &query, wants_websocket).map(|kind| (kind, None));
    };
    let connection = edge.shared.sessions.find(sid).ok_or(Refusal::UnknownSid)?;
    if !wants_websocket && connection.kind() != query.transport {
        return Err(Refusal::BadRequest);
    }
    if query.protocol != "4" {
        return Err(Refusal::BadRequest);
    }
    Ok((query.transport, Some(connection)))
}

fn verify_handshake(
    request: &HttpRequest,
    query: &Query<'_>,
    wants_websocket: bool,
) -> Result<TransportKind, Refusal> {
    if request.method() != Method::GET {
        return Err(Refusal::BadHandshakeMethod);
    }
    if query.transport == TransportKind::WebSocket && !wants_websocket {
        return Err(Refusal::BadRequest);
    }
    match query.protocol {
        "4" => Ok(query.transport),
        _ => Err(Refusal::UnsupportedProtocolVersion),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_whatever_its_order() {
        let query = Query::parse("t=x&sid=abc&transport=polling&EIO=4").unwrap();
        let expected = Query { transport: TransportKind::Polling, sid: Some("abc"), protocol: "4" };
        assert_eq!(query, expected);
    }

    #[test]
    fn a_transport_that_is_missing_foreign_or_doubled_is_unknown() {
        for query in [
            "",
            "EIO=4",
            "transport=",
            "transport=__proto__",
            "transport=constructor",
            "transport=polling&transport=websocket",
        ] {
            assert_eq!(Query::parse(query), Err(Refusal::UnknownTransport), "{query}");
        }
    }
}
