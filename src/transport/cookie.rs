//! The session cookie: lets a load balancer send a polling client to the same server each time.

use std::time::Duration;

use actix_socketio_actors::id::Sid;
use actix_web::http::header::HeaderValue;

use super::handshake::is_token;

/// A cookie with the session id, `cookie` in JavaScript; sent with the handshake of a polling client only. For
/// [`Builder::cookie`](crate::Builder::cookie). By default it is `HttpOnly` and `SameSite=Lax`, for the path `/`.
///
/// ```
/// # use std::time::Duration;
/// # use actix_socketio::{SameSite, SessionCookie, SocketIo};
/// let cookie = SessionCookie::new("session")
///     .path("/socket.io/")
///     .domain("example.com")
///     .http_only(true)
///     .secure(true)
///     .same_site(SameSite::None)
///     .max_age(Duration::from_secs(86_400));
/// let io = SocketIo::builder().cookie(cookie).build()?;
/// # Ok::<(), actix_socketio::ConfigError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SessionCookie {
    name: String,
    path: String,
    domain: Option<String>,
    http_only: bool,
    secure: bool,
    same_site: SameSite,
    max_age: Option<Duration>,
}

/// With which requests from other sites a browser sends a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// With none.
    Strict,
    /// With navigation only.
    Lax,
    /// With all; needs [`SessionCookie::secure`].
    None,
}

impl Default for SessionCookie {
    /// A cookie named `io`, as in the official server.
    fn default() -> Self {
        Self::new("io")
    }
}

impl SessionCookie {
    /// A cookie of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            path: "/".into(),
            domain: None,
            http_only: true,
            secure: false,
            same_site: SameSite::Lax,
            max_age: None,
        }
    }

    /// Paths for which it is sent. Default `/`.
    #[must_use]
    pub fn path(self, path: impl Into<String>) -> Self {
        Self { path: path.into(), ..self }
    }

    /// Domain for which it is sent. Default: the host that set it.
    #[must_use]
    pub fn domain(self, domain: impl Into<String>) -> Self {
        Self { domain: Some(domain.into()), ..self }
    }

    /// Whether scripts cannot read it. Default: yes.
    #[must_use]
    pub fn http_only(self, http_only: bool) -> Self {
        Self { http_only, ..self }
    }

    /// Whether it is sent over encrypted connections only. Default: no.
    #[must_use]
    pub fn secure(self, secure: bool) -> Self {
        Self { secure, ..self }
    }

    /// With which requests from other sites it is sent. Default [`SameSite::Lax`].
    #[must_use]
    pub fn same_site(self, same_site: SameSite) -> Self {
        Self { same_site, ..self }
    }

    /// How long the browser keeps it. Default: until it is closed.
    #[must_use]
    pub fn max_age(self, max_age: Duration) -> Self {
        Self { max_age: Some(max_age), ..self }
    }

    /// What is wrong with it: nothing in a name or an attribute may begin another field or header, and browsers have rules for some.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let attribute =
            |text: &str| text.bytes().all(|b| (0x20..0x7f).contains(&b) && b != b';' && b != b'<');
        if !is_token(&self.name) {
            return Err("its name is none");
        }
        if !attribute(&self.path) || !self.domain.as_deref().is_none_or(is_domain) {
            return Err("its path or its domain is none");
        }
        if self.same_site == SameSite::None && !self.secure {
            return Err("browsers refuse `SameSite=None` unless it is secure");
        }
        let begins = |prefix: &str| {
            self.name.get(..prefix.len()).is_some_and(|name| name.eq_ignore_ascii_case(prefix))
        };
        if (begins("__Secure-") || begins("__Host-")) && !self.secure {
            return Err("browsers refuse such a name unless it is secure");
        }
        let of_host = self.path == "/" && self.domain.as_deref().is_none_or(str::is_empty);
        if begins("__Host-") && !of_host {
            return Err("browsers refuse `__Host-` with a domain or another path than `/`");
        }
        Ok(())
    }

    /// The `Set-Cookie` header for a session.
    pub(super) fn header(&self, sid: Sid) -> Option<HeaderValue> {
        let mut text = format!("{}={sid}", self.name);
        if let Some(max_age) = self.max_age {
            text += &format!("; Max-Age={}", max_age.as_secs());
        }
        if let Some(domain) = self.domain.as_deref().filter(|domain| !domain.is_empty()) {
            text += &format!("; Domain={domain}");
        }
        if !self.path.is_empty() {
            text += &format!("; Path={}", self.path);
        }
        if self.http_only {
            text += "; HttpOnly";
        }
        if self.secure {
            text += "; Secure";
        }
        text += match self.same_site {
            SameSite::Strict => "; SameSite=Strict",
            SameSite::Lax => "; SameSite=Lax",
            SameSite::None => "; SameSite=None",
        };
        HeaderValue::from_str(&text).ok()
    }
}

/// Labels of letters, digits and inner hyphens; a leading dot is allowed, as browsers ignore it.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.is_empty() || text.strip_prefix('.').unwrap_or(text).split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_that_of_the_official_server() {
        let sid = Sid::random();
        let header = SessionCookie::default().header(sid).unwrap();
        assert_eq!(header, format!("io={sid}; Path=/; HttpOnly; SameSite=Lax"));
    }
}
