//! While a client connects: middleware, connect handlers, their parameters, and the rules for namespaces.

use std::future::ready;

use actix_socketio::{Auth, Error, NamespaceRequest, Socket, extract::FromContext};

use super::{Case, ECHO, ENTER, Explosive, at_once, fail, fails, later, run};

/// A parameter that panics for the client that asks for it.
struct Careless;

impl<C> FromContext<C> for Careless
where
    Socket: FromContext<C>,
{
    fn from_context(cx: &C) -> Result<Self, Error> {
        if fails(&Socket::from_context(cx)?) {
            fail("a parameter");
        }
        Ok(Self)
    }
}

/// The client is refused, as it must not get in without having been checked. It may ask again.
const REFUSED: &[(&str, &[&str])] = &[
    (r#"40{"fail":true}"#, &[r#"44{"message":"Internal server error"}"#]),
    (r#"40{"fail":true}"#, &[r#"44{"message":"Internal server error"}"#]),
    ("40", &[r#"40{"sid":*"#]),
    ECHO,
];

/// The client is in all the same.
const CONNECTED: &[(&str, &[&str])] = &[ENTER, ECHO];

#[actix_rt::test]
async fn middleware_that_panics_refuses_its_client() {
    run(&[
        Case {
            what: "middleware, at once",
            prepare: |io| {
                io.of("/").before_connect(|socket: Socket| match fails(&socket) {
                    true => at_once("middleware, at once"),
                    false => ready(()),
                });
            },
            script: REFUSED,
            panics: 2,
        },
        Case {
            what: "middleware, later",
            prepare: |io| {
                io.of("/").before_connect(async |socket: Socket| {
                    if fails(&socket) {
                        later("middleware, later").await;
                    }
                });
            },
            script: REFUSED,
            panics: 2,
        },
        Case {
            what: "a parameter",
            prepare: |io| {
                io.of("/").before_connect(async |_: Careless| ());
            },
            script: REFUSED,
            panics: 2,
        },
        Case {
            what: "an argument that is read",
            prepare: |io| {
                io.of("/").before_connect(async |socket: Socket| {
                    drop(fails(&socket).then(|| socket.auth::<Explosive>()));
                });
            },
            script: REFUSED,
            panics: 2,
        },
    ])
    .await;
}

#[actix_rt::test]
async fn a_connect_handler_that_panics_costs_only_itself() {
    run(&[
        Case {
            what: "connect handler, at once",
            prepare: |io| {
                io.of("/").on_connect(|socket: Socket| match fails(&socket) {
                    true => at_once("connect handler, at once"),
                    false => ready(()),
                });
            },
            script: CONNECTED,
            panics: 1,
        },
        Case {
            what: "connect handler, later",
            prepare: |io| {
                io.of("/").on_connect(async |socket: Socket| {
                    if fails(&socket) {
                        later("connect handler, later").await;
                    }
                });
            },
            script: CONNECTED,
            panics: 1,
        },
        Case {
            what: "an argument that is read",
            prepare: |io| {
                // For the witness, too: it is connected when the count begins.
                io.of("/").on_connect(async |_: Auth<Explosive>| ());
            },
            script: CONNECTED,
            panics: 2,
        },
        Case {
            what: "a parameter",
            prepare: |io| {
                io.of("/").on_connect(async |_: Careless| ());
            },
            script: CONNECTED,
            panics: 1,
        },
        Case {
            what: "the first of two connect handlers",
            prepare: |io| {
                io.of("/").on_connect(async |socket: Socket| {
                    if fails(&socket) {
                        fail("the first of two connect handlers");
                    }
                });
                io.of("/").on_connect(async |socket: Socket| {
                    if fails(&socket) {
                        socket.emit("second", &());
                    }
                });
            },
            script: &[(r#"40{"fail":true}"#, &[r#"40{"sid":*"#, r#"42["second"]"#]), ECHO],
            panics: 1,
        },
    ])
    .await;
}

#[actix_rt::test]
async fn a_rule_for_namespaces_that_panics_wants_nothing_and_a_listener_nothing_else() {
    const REFUSED: &[(&str, &[&str])] =
        &[ENTER, ("40/made,", &[r#"44/made,{"message":"Invalid namespace"}"#]), ECHO];
    run(&[
        Case {
            what: "rule, async",
            prepare: |io| {
                io.of_async(async |_: NamespaceRequest| {
                    later("rule, async").await;
                    true
                });
            },
            script: REFUSED,
            panics: 1,
        },
        Case {
            what: "rule about names",
            prepare: |io| {
                io.of_where(|_| {
                    fail("rule about names");
                    true
                });
            },
            script: REFUSED,
            panics: 1,
        },
        Case {
            what: "listener",
            prepare: |io| {
                io.of_pattern("/{any}").unwrap();
                io.on_new_namespace(|_| fail("listener"));
            },
            script: &[ENTER, ("40/made,", &[r#"40/made,{"sid":*"#]), ECHO],
            panics: 1,
        },
    ])
    .await;
}
