//! Who may look at the inspector.

use std::fmt;

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderMap, HeaderValue},
};
use base64::{Engine, prelude::BASE64_STANDARD};

/// Whoever is asked for this by a browser gives the token as the password.
const CHALLENGE: &str = r#"Basic realm="inspector", charset="UTF-8""#;

#[derive(Clone)]
pub(super) enum Access {
    /// Anybody: something else protects it.
    Open,
    /// Who knows this.
    Token(String),
}

/// Without the token.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Token(_) => "Token",
        })
    }
}

impl Access {
    pub(super) fn allows(&self, headers: &HeaderMap) -> bool {
        match self {
            Self::Open => true,
            Self::Token(token) => {
                !token.is_empty() && presented(headers).is_some_and(|it| same(&it, token))
            }
        }
    }
}

/// The answer to whoever has to say the token first.
pub(super) fn challenge() -> HttpResponse {
    let challenge = (header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
    HttpResponse::Unauthorized().insert_header(challenge).finish()
}

/// The token of a request: a bearer token, or a password.
fn presented(headers: &HeaderMap) -> Option<Vec<u8>> {
    let value = headers.get(header::AUTHORIZATION)?.as_bytes();
    let space = value.iter().position(|byte| *byte == b' ')?;
    let (scheme, rest) = (&value[..space], value[space..].trim_ascii());
    if scheme.eq_ignore_ascii_case(b"bearer") {
        return Some(rest.to_owned());
    }
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return None;
    }
    let credentials = BASE64_STANDARD.decode(rest).ok()?;
    let colon = credentials.iter().position(|byte| *byte == b':')?;
    Some(credentials[colon + 1..].to_owned())
}

/// How long it takes says nothing of where they differ.
fn same(given: &[u8], token: &str) -> bool {
    let token = token.as_bytes();
    let differ = given.iter().zip(token).fold(0, |differ, (a, b)| differ | (a ^ b));
    std::hint::black_box(differ) == 0 && given.len() == token.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(token: &str, header: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_str(header).unwrap());
        Access::Token(token.to_owned()).allows(&headers)
    }

    #[test]
    fn a_token_is_a_bearer_token_or_the_password_of_any_user() {
        for header in
            ["Bearer secret", "bearer  secret", "Basic eDpzZWNyZXQ=", "BASIC OnNlY3JldA=="]
        {
            assert!(allows("secret", header), "{header}");
        }
        // The last two are `x:secre` and `secret` without a colon.
        let wrong = [
            "Bearer secre",
            "Bearer secretx",
            "Bearer",
            "Digest secret",
            "Basic eDpzZWNyZQ==",
            "Basic c2VjcmV0",
        ];
        for header in wrong {
            assert!(!allows("secret", header), "{header}");
        }
    }

    #[test]
    fn an_empty_token_lets_nobody_in() {
        assert!(!allows("", "Bearer "));
        assert!(!allows("", "Basic eDo="));
    }

    #[test]
    fn the_token_is_in_no_debug_output() {
        assert_eq!(format!("{:?}", Access::Token("secret".to_owned())), "Token");
    }
}
