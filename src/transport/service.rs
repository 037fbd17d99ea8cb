//! Reads the query of a request, verifies it in the official order, and hands it to its transport.

use std::{borrow::Cow, sync::Arc};

use actix_socketio_actors::{config::TransportKind, session::messages::FindTransport};
use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode, header},
    web,
};

use super::{
    Connection, Edge, client_files, peers, polling, refusal, refusal::Refusal, unread::unread,
    websocket,
};

/// What the query of a request says.
#[derive(Debug, PartialEq, Eq)]
struct Query<'a> {
    transport: TransportKind,
    sid: Option<Cow<'a, str>>,
    protocol: Cow<'a, str>,
}

impl<'a> Query<'a> {
    fn parse(query: &'a str) -> Result<Self, Refusal> {
        let (mut transport, mut sid, mut protocol) = (None, None, Cow::Borrowed(""));
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*key {
                // A transport that is named twice is two transports, which is none.
                "transport" if transport.is_some() => return Err(unknown_transport(query)),
                "transport" => transport = Some(value),
                "sid" => sid = Some(value),
                "EIO" => protocol = value,
                _ => {}
            }
        }
        let transport = match transport.as_deref() {
            Some("polling") => TransportKind::Polling,
            Some("websocket") => TransportKind::WebSocket,
            other => return Err(unknown_transport(other.unwrap_or_default())),
        };
        Ok(Self { transport, sid: sid.filter(|sid| !sid.is_empty()), protocol })
    }
}

fn unknown_transport(at_fault: &str) -> Refusal {
    Refusal::UnknownTransport(at_fault.to_owned())
}

/// Whether a request belongs to a session.
fn has_sid(query: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(key, value)| key == "sid" && !value.is_empty())
}

pub(super) async fn serve(
    edge: &Edge,
    request: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    let options = &edge.shared.edge;
    if edge.shared.sessions.is_closed() && !has_sid(request.query_string()) {
        // The client's next attempt takes another connection, which a load balancer can lead to another server.
        let response = HttpResponse::ServiceUnavailable().force_close().finish();
        return unread(response, payload);
    }
    if let Some(preflight) = options.cors.as_ref().and_then(|cors| cors.preflight(edge, &request)) {
        return unread(preflight, payload);
    }
    let wants_websocket = edge.shared.config.transports.websocket
        && request.head().upgrade()
        && request
            .headers()
            .get(header::UPGRADE)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    if options.client_files
        && !wants_websocket
        && let Some(mut file) = client_files::respond(&request).await
    {
        if let Some(cors) = &options.cors {
            cors.decorate(edge, &request, file.headers_mut());
        }
        return file;
    }
    let mut response = match verify(edge, &request, wants_websocket).await {
        Ok((TransportKind::WebSocket, connection)) => {
            websocket::serve(edge, &request, payload, connection).await
        }
        Ok((TransportKind::Polling, connection)) => {
            polling::serve(edge, &request, payload, connection).await
        }
        Err(refusal) => unread(refuse(edge, &request, &refusal, wants_websocket), payload),
    };
    let status = response.status();
    // A refused upgrade says nothing but why.
    let refused_upgrade = wants_websocket && status.is_client_error();
    if let Some(cors) = options.cors.as_ref().filter(|_| !refused_upgrade) {
        cors.decorate(edge, &request, response.headers_mut());
    }
    let of_a_session = status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS;
    if let Some(edit) = options.hooks.headers.as_ref().filter(|_| of_a_session) {
        edge.call("headers", || edit(response.headers_mut(), &request));
    }
    response
}

pub(super) fn refuse(
    edge: &Edge,
    request: &HttpRequest,
    refusal: &Refusal,
    wants_websocket: bool,
) -> HttpResponse {
    if matches!(refusal, Refusal::Unavailable(_)) {
        edge.shared.watch.refused();
    }
    if let Some(tell) = &edge.shared.edge.hooks.connection_error {
        edge.call("on_connection_error", || tell(&refusal.to_error(), request));
    }
    if wants_websocket { refusal.upgrade_response() } else { refusal.response() }
}

type Verified = (TransportKind, Option<Arc<Connection>>);

/// The checks of the official server, in its order.
async fn verify(
    edge: &Edge,
    request: &HttpRequest,
    wants_websocket: bool,
) -> Result<Verified, Refusal> {
    let query = Query::parse(request.query_string())?;
    // A WebSocket for polling would be good for nothing, so it is not opened first and closed then, as the official server does.
    let odd = wants_websocket && query.transport == TransportKind::Polling;
    if odd || !edge.shared.config.transports.has(query.transport) {
        return Err(unknown_transport(query.transport.as_str()));
    }
    let Some(sid) = query.sid.as_deref() else {
        verify_handshake(edge, request, &query, wants_websocket).await?;
        return Ok((query.transport, None));
    };
    let unknown = || Refusal::UnknownSid(sid.to_owned());
    let connection = edge.shared.sessions.find(sid).ok_or_else(unknown)?;
    if edge.shared.edge.bind_sid_to_ip && !connection.is_from(peers::address(request)) {
        // The id is a secret of somebody else: nobody else hears it.
        return Err(Refusal::UnknownSid("SID_OF_ANOTHER_ADDRESS".to_owned()));
    }
    let current = match wants_websocket {
        true => current_transport(&connection).await,
        false => polling::watch(&connection, current_transport(&connection)).await,
    };
    if current.ok_or_else(unknown)? != query.transport && !wants_websocket {
        return Err(Refusal::BadRequest("TRANSPORT_MISMATCH"));
    }
    if query.protocol != "4" {
        return Err(Refusal::BadRequest("PROTOCOL_MISMATCH"));
    }
    verify_transport(query.transport, wants_websocket)?;
    Ok((query.transport, Some(connection)))
}

/// The transport that the session uses now; `None` when it is over.
async fn current_transport(connection: &Connection) -> Option<TransportKind> {
    connection.session.addr.send(FindTransport).await.ok().flatten()
}

async fn verify_handshake(
    edge: &Edge,
    request: &HttpRequest,
    query: &Query<'_>,
    wants_websocket: bool,
) -> Result<(), Refusal> {
    if request.method() != Method::GET {
        return Err(Refusal::BadHandshakeMethod(request.method().to_string()));
    }
    verify_transport(query.transport, wants_websocket)?;
    let shared = &edge.shared;
    shared.sessions.check_room(peers::address(request)).map_err(refusal)?;
    if shared.watch.is_tight() {
        return Err(Refusal::Unavailable("TOO_LITTLE_MEMORY"));
    }
    if let Some(origins) = &shared.edge.origins {
        origins.judge(request).map_err(Refusal::ForeignOrigin)?;
    }
    if let Some(allow) = &edge.shared.edge.hooks.allow_request {
        // Nobody gets in without having been asked about.
        let allowed = edge.ask("allow_request", || allow(request.clone())).await;
        let allowed = allowed.unwrap_or_else(|| Err("Internal server error".to_owned()));
        allowed.map_err(Refusal::Forbidden)?;
    }
    match &*query.protocol {
        "4" => Ok(()),
        other => Err(Refusal::UnsupportedProtocolVersion(other.to_owned())),
    }
}

/// An ordinary request cannot become a WebSocket.
fn verify_transport(transport: TransportKind, wants_websocket: bool) -> Result<(), Refusal> {
    match transport {
        TransportKind::WebSocket if !wants_websocket => {
            Err(Refusal::BadRequest("TRANSPORT_HANDSHAKE_ERROR"))
        }
        TransportKind::WebSocket | TransportKind::Polling => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_whatever_its_order() {
        let query = Query::parse("t=x&sid=abc&transport=polling&EIO=4").unwrap();
        let (sid, protocol) = (Some("abc".into()), "4".into());
        assert_eq!(query, Query { transport: TransportKind::Polling, sid, protocol });
    }

    #[test]
    fn a_query_is_a_form_of_which_the_last_value_counts() {
        let query = Query::parse("EIO=3&sid=x&s%69d=a%62c+&tr%61nsport=%70olling&EIO=%34").unwrap();
        let (sid, protocol) = (Some("abc ".into()), "4".into());
        assert_eq!(query, Query { transport: TransportKind::Polling, sid, protocol });
        assert_eq!(Query::parse("transport=polling&sid=x&sid").unwrap().sid, None);
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
            "transport=polling&%74ransport=polling",
            "transport=polling+",
            "transport=polling%00",
        ] {
            let refused = matches!(Query::parse(query), Err(Refusal::UnknownTransport(_)));
            assert!(refused, "{query}");
        }
    }
}
