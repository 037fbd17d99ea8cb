//! Which pages may open a session at all, whatever the transport: browsers send the origin of the page with the handshake.
//!
//! `service` asks it for each handshake, when the option is set. Which pages may read responses is for `cors`, and for the browser.

use actix_web::{HttpRequest, http::header};

use super::cors::{is_origin, own_port};

/// The pages that may open a session. For [`Builder::allowed_origins`](crate::Builder::allowed_origins).
///
/// ```
/// # use actix_socketio::{AllowedOrigins, SocketIo};
/// let ours = AllowedOrigins::same_host().and(["https://app.example.com"]);
/// let theirs = AllowedOrigins::only(["https://example.com", "https://example.org"]);
/// let io = SocketIo::builder().allowed_origins(ours).build()?;
/// # drop(theirs);
/// # Ok::<(), actix_socketio::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct AllowedOrigins {
    same_host: bool,
    listed: Vec<String>,
}

impl AllowedOrigins {
    /// The pages of the host that is connected to: of the same host and port, whatever the scheme, since a proxy may end TLS.
    pub fn same_host() -> Self {
        Self { same_host: true, listed: Vec::new() }
    }

    /// The pages of these origins, such as `https://example.com`: scheme, host, and port unless it is the scheme's own.
    pub fn only<T: Into<String>>(origins: impl IntoIterator<Item = T>) -> Self {
        Self { same_host: false, listed: Vec::new() }.and(origins)
    }

    /// The pages of these origins, too.
    #[must_use]
    pub fn and<T: Into<String>>(mut self, origins: impl IntoIterator<Item = T>) -> Self {
        self.listed.extend(origins.into_iter().map(Into::into));
        self
    }

    /// What is wrong with it.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match self.listed.iter().all(|origin| is_origin(origin)) {
            true => Ok(()),
            false => {
                Err("one of the origins is none: it is `scheme://host`, with a port if need be")
            }
        }
    }

    /// Whether this handshake may go on.
    ///
    /// # Errors
    ///
    /// The origin that is not allowed. Whoever sends none is no page.
    pub(super) fn judge(&self, request: &HttpRequest) -> Result<(), String> {
        let mut origins = request.headers().get_all(header::ORIGIN);
        let (Some(origin), more) = (origins.next(), origins.next()) else { return Ok(()) };
        let origin = String::from_utf8_lossy(origin.as_bytes()).into_owned();
        let listed = self.listed.contains(&origin);
        if more.is_none() && (listed || (self.same_host && is_of_host(&origin, request))) {
            return Ok(());
        }
        Err(origin)
    }
}

fn is_of_host(origin: &str, request: &HttpRequest) -> bool {
    let Some((scheme, of_page)) = origin.split_once("://") else { return false };
    let info = request.connection_info();
    let port = own_port(scheme);
    let bare = |host: &str| host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
    bare(of_page) == bare(info.host())
}
