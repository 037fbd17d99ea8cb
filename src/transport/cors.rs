//! Cross-origin requests: which origins may use the polling transport from a browser, with the options of the npm package `cors`.
//!
//! `service` asks it for each response; without it no header is added at all, which is the default.

use std::{fmt, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
};

use super::Edge;

/// Which origins may connect from a browser, `cors` in JavaScript. For [`Builder::cors`](crate::Builder::cors).
///
/// It concerns HTTP long polling; browsers do not ask for WebSockets.
///
/// ```
/// # use std::time::Duration;
/// # use actix_socketio::{Cors, SocketIo};
/// let cors = Cors::origins(["https://example.com", "http://localhost:8080"])
///     .credentials(true)
///     .methods(["GET", "POST"])
///     .allowed_headers(["authorization"])
///     .exposed_headers(["x-request-id"])
///     .max_age(Duration::from_secs(600));
/// let io = SocketIo::builder().cors(cors).build()?;
///
/// let public = Cors::any();
/// let ours = Cors::matching(|origin| origin.ends_with(".example.com"));
/// # let _ = (public, ours);
/// # Ok::<(), actix_socketio::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Cors {
    origin: Origin,
    /// One of the origins given is a text that no browser sends as one.
    has_foreign_text: bool,
    credentials: bool,
    methods: String,
    /// `None` allows the headers that the browser asks for.
    allowed_headers: Option<String>,
    exposed_headers: Option<String>,
    max_age: Option<Duration>,
}

#[derive(Clone)]
enum Origin {
    Any,
    Matching(Arc<dyn Fn(&str) -> bool + Send + Sync>),
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "Any",
            Self::Matching(_) => "Matching",
        })
    }
}

impl Cors {
    /// Every origin, `origin: "*"` in JavaScript. Browsers send no credentials then.
    pub fn any() -> Self {
        Self::new(Origin::Any)
    }

    /// These origins, such as `https://example.com`: scheme, host, and port unless it is the scheme's own.
    pub fn origins<T: Into<String>>(origins: impl IntoIterator<Item = T>) -> Self {
        let origins: Vec<String> = origins.into_iter().map(Into::into).collect();
        let has_foreign_text = !origins.iter().all(|origin| is_origin(origin));
        let cors = Self::matching(move |origin| origins.iter().any(|allowed| allowed == origin));
        Self { has_foreign_text, ..cors }
    }

    /// The origins for which this is true.
    pub fn matching(allowed: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self::new(Origin::Matching(Arc::new(allowed)))
    }

    fn new(origin: Origin) -> Self {
        Self {
            origin,
            has_foreign_text: false,
            credentials: false,
            methods: "GET,HEAD,PUT,PATCH,POST,DELETE".into(),
            allowed_headers: None,
            exposed_headers: None,
            max_age: None,
        }
    }

    /// Whether the browser may send cookies and authorisation, `credentials` in JavaScript. Default: no.
    #[must_use]
    pub fn credentials(self, credentials: bool) -> Self {
        Self { credentials, ..self }
    }

    /// Methods that a preflight allows, `methods` in JavaScript. Default `GET,HEAD,PUT,PATCH,POST,DELETE`.
    #[must_use]
    pub fn methods<'a>(self, methods: impl IntoIterator<Item = &'a str>) -> Self {
        Self { methods: list(methods), ..self }
    }

    /// Headers that a preflight allows, `allowedHeaders` in JavaScript. Default: those that the browser asks for.
    #[must_use]
    pub fn allowed_headers<'a>(self, headers: impl IntoIterator<Item = &'a str>) -> Self {
        Self { allowed_headers: Some(list(headers)), ..self }
    }

    /// Headers of the response that scripts may read, `exposedHeaders` in JavaScript. Default: none.
    #[must_use]
    pub fn exposed_headers<'a>(self, headers: impl IntoIterator<Item = &'a str>) -> Self {
        Self { exposed_headers: Some(list(headers)), ..self }
    }

    /// How long a preflight holds, `maxAge` in JavaScript. Default: as the browser likes.
    #[must_use]
    pub fn max_age(self, max_age: Duration) -> Self {
        Self { max_age: Some(max_age), ..self }
    }

    /// What is wrong with it.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let texts =
            [Some(&self.methods), self.allowed_headers.as_ref(), self.exposed_headers.as_ref()];
        if texts.iter().flatten().any(|text| HeaderValue::from_str(text).is_err()) {
            return Err("a list is no header text");
        }
        if self.has_foreign_text {
            return Err(
                "one of the origins is none: it is `scheme://host`, with a port if need be",
            );
        }
        if self.credentials && matches!(self.origin, Origin::Any) {
            return Err("browsers send no credentials where any origin is allowed");
        }
        Ok(())
    }

    /// The answer to a preflight; `None` for any other request.
    pub(super) fn preflight(&self, edge: &Edge, request: &HttpRequest) -> Option<HttpResponse> {
        if request.method() != Method::OPTIONS {
            return None;
        }
        let mut response = HttpResponse::NoContent().finish();
        let headers = response.headers_mut();
        self.add_origin(edge, request, headers);
        add(headers, header::ACCESS_CONTROL_ALLOW_METHODS, &self.methods);
        let asked = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS);
        match &self.allowed_headers {
            Some(allowed) => add(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, allowed),
            None => {
                vary(headers, "Access-Control-Request-Headers");
                if let Some(asked) = asked {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
                }
            }
        }
        if let Some(max_age) = self.max_age {
            add(headers, header::ACCESS_CONTROL_MAX_AGE, &max_age.as_secs().to_string());
        }
        self.add_exposed(headers);
        Some(response)
    }

    /// What is added to every other response.
    pub(super) fn decorate(&self, edge: &Edge, request: &HttpRequest, headers: &mut HeaderMap) {
        self.add_origin(edge, request, headers);
        self.add_exposed(headers);
    }

    fn add_exposed(&self, headers: &mut HeaderMap) {
        if let Some(exposed) = &self.exposed_headers {
            add(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }

    fn add_origin(&self, edge: &Edge, request: &HttpRequest, headers: &mut HeaderMap) {
        match &self.origin {
            Origin::Any => add(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            Origin::Matching(allowed) => {
                vary(headers, "Origin");
                let origin = request.headers().get(header::ORIGIN);
                let is_allowed = |origin: &str| edge.call("cors", || allowed(origin)) == Some(true);
                if let Some(origin) = origin.filter(|it| it.to_str().is_ok_and(is_allowed)) {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                }
            }
        }
        if self.credentials {
            add(headers, header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
    }
}

fn list<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    items.into_iter().collect::<Vec<_>>().join(",")
}

/// Adds a header; texts have been validated when the server was built.
fn add(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Some(value) = HeaderValue::from_str(text).ok().filter(|value| !value.is_empty()) {
        headers.append(name, value);
    }
}

/// Adds to the one `Vary` header.
fn vary(headers: &mut HeaderMap, name: &str) {
    let former = headers.get(header::VARY).and_then(|value| value.to_str().ok());
    let text = former.map_or_else(|| name.to_owned(), |former| format!("{former}, {name}"));
    headers.remove(header::VARY);
    add(headers, header::VARY, &text);
}

/// Whether a browser may send this text as an origin: lower case, without a path, and without a port that is the scheme's own.
pub(super) fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return text == "null" };
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let own_port = own_port(scheme);
    // Files have no host.
    let has_host = !host.is_empty() || scheme == "file";
    let has_own_port = !own_port.is_empty() && host.ends_with(own_port);
    scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|b| lower(b) || b"+-.".contains(&b))
        && has_host
        && !has_own_port
        && host.bytes().all(|b| lower(b) || b"-._:[]~".contains(&b))
}

/// What browsers leave out of an origin of this scheme.
pub(super) fn own_port(scheme: &str) -> &'static str {
    match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => "",
    }
}
