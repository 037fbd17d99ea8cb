//! Requests without a network: a client on the thread of the server hands them to `service::serve`, as actix-web does. Bodies are streams
//! of bytes, so a WebSocket is one, too. Only the socket and the parser of HTTP are missing.
//!
//! `test_util` is the client. What the bytes mean is not known here.

use std::{
    cell::{OnceCell, RefCell},
    fmt,
    net::SocketAddr,
    rc::Rc,
    sync::{Arc, Weak},
};

use actix::System;
use actix_http::BoxedPayloadStream;
use actix_socketio_actors::{courier::Courier, operation::CourierLink};
use actix_web::{
    FromRequest, HttpResponse, dev::Payload, error::PayloadError, http::Method, test::TestRequest,
    web,
};
use bytes::Bytes;
use futures_util::Stream;

use super::{Edge, service};
use crate::io::Shared;

thread_local! {
    /// The servers that run on this thread.
    static HERE: RefCell<Vec<Here>> = const { RefCell::new(Vec::new()) };
}

/// A server on this thread.
struct Here {
    server: Weak<Shared>,
    /// The actix system to which its actors belong.
    system: usize,
    /// Serves the connections of this thread, as that of a worker does.
    courier: CourierLink,
}

/// Why a server cannot be reached from this thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotHere {
    /// No actix system runs on this thread.
    NoSystem,
    /// It has been started on a thread of its own, or by another test.
    Elsewhere,
}

/// Starts the server on this thread, unless it runs here already.
pub(crate) fn start_here(shared: &Arc<Shared>) -> Result<(), NotHere> {
    courier_here(shared).map(drop)
}

fn courier_here(shared: &Arc<Shared>) -> Result<CourierLink, NotHere> {
    let system = System::try_current().ok_or(NotHere::NoSystem)?.id();
    let known = HERE.with_borrow_mut(|here| {
        here.retain(|it| it.server.strong_count() > 0);
        let is_it = |it: &&Here| it.system == system && it.server.as_ptr() == Arc::as_ptr(shared);
        here.iter().find(is_it).map(|it| it.courier.clone())
    });
    if let Some(courier) = known {
        return Ok(courier);
    }
    if !shared.start_here() {
        return Err(NotHere::Elsewhere);
    }
    let supervision = shared.start().server.supervision.clone();
    let courier = Courier::start_here(shared.config.clone(), supervision);
    let here = Here { server: Arc::downgrade(shared), system, courier: courier.clone() };
    HERE.with_borrow_mut(|all| all.push(here));
    Ok(courier)
}

/// What all requests of a client have in common.
#[derive(Default, Clone)]
pub(crate) struct RequestHead {
    pub(crate) headers: Vec<(String, String)>,
    /// Beside what the protocol needs.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) address: Option<SocketAddr>,
    /// Each adds some data of the application.
    pub(crate) app_data: Vec<Rc<dyn Fn(TestRequest) -> TestRequest>>,
}

impl fmt::Debug for RequestHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("headers", &self.headers)
            .field("query", &self.query)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// The edge of one client.
#[derive(Debug)]
pub(crate) struct MemoryEdge {
    edge: Edge,
    head: RequestHead,
}

impl MemoryEdge {
    /// Starts the server on this thread, unless it runs here already.
    pub(crate) fn new(shared: &Arc<Shared>, head: RequestHead) -> Result<Self, NotHere> {
        let courier = OnceCell::from(courier_here(shared)?);
        let edge = Edge { shared: shared.clone(), courier, app_data: Rc::default() };
        Ok(Self { edge, head })
    }

    /// One request. `query` and `headers` are those that the protocol needs.
    pub(crate) async fn request<S>(
        &self,
        method: Method,
        query: &[(&str, &str)],
        headers: &[(&str, &str)],
        body: S,
    ) -> HttpResponse
    where
        S: Stream<Item = Result<Bytes, PayloadError>> + 'static,
    {
        let own = self.head.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query.iter().copied().chain(own))
            .finish();
        let uri = format!("{}?{query}", self.edge.shared.path);
        let mut request = TestRequest::with_uri(&uri).method(method);
        for header in headers {
            request = request.append_header(*header);
        }
        for (name, value) in &self.head.headers {
            request = request.append_header((name.as_str(), value.as_str()));
        }
        if let Some(address) = self.head.address {
            request = request.peer_addr(address);
        }
        let request = self.head.app_data.iter().fold(request, |request, add| add(request));
        let request = request.to_http_request();
        let payload: BoxedPayloadStream = Box::pin(body);
        let mut body = Payload::Stream { payload };
        match web::Payload::from_request(&request, &mut body).await {
            Ok(body) => service::serve(&self.edge, request, body).await,
            Err(error) => HttpResponse::from_error(error),
        }
    }
}
