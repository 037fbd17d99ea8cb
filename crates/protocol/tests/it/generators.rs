//! What property tests draw: JSON, names, namespaces, binary data, and texts near packets.

use proptest::num::f64;
use proptest::prelude::*;
use serde_json::{Map, Value};

/// A JSON value of any kind.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (f64::NORMAL | f64::SUBNORMAL | f64::ZERO).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

pub(crate) fn namespace() -> impl Strategy<Value = String> {
    prop_oneof![Just("/".to_owned()), "/[^,]{0,20}"]
}

pub(crate) fn event() -> impl Strategy<Value = String> {
    let reserved = |name: &String| {
        !["connect", "connect_error", "disconnect", "disconnecting", "newListener"]
            .contains(&name.as_str())
    };
    prop_oneof![any::<String>(), "[a-z ]{1,12}"]
        .prop_filter("reserved", reserved)
        .prop_filter("too long", |name| name.len() <= 256)
}

pub(crate) fn id() -> impl Strategy<Value = Option<u64>> {
    prop::option::of(prop_oneof![0..100_u64, 0..1_u64 << 53])
}

pub(crate) fn data() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

/// A text that is often almost a packet.
pub(crate) fn near_packet() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9]{1,3}",
        "[-,/ \\[\\]{}\":.]",
        Just("\"e\"".to_owned()),
        Just("[\"e\",".to_owned()),
        Just("51-".to_owned()),
        Just("/admin,".to_owned()),
        Just("{\"_placeholder\":true,\"num\":0}".to_owned()),
        Just("\\ud800".to_owned()),
        Just("\\\"".to_owned()),
        Just("null".to_owned()),
        Just("é𝄞".to_owned()),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}
