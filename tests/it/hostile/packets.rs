//! Packets of Socket.IO that no client of ours would send.

use super::{Scene, WEBSOCKET, assert_linear, converse, upgrade};
use crate::{
    bad_packets::NO_SOCKET_IO,
    support::{Message, Ws, echoing, masked},
};

const ATTACHMENT: &str = r#"{"_placeholder":true,"num":0}"#;

/// What it is called when the packets of a client are wrong.
const FORCED: &str = "forced close";

fn text(text: &str) -> Vec<u8> {
    masked(0x81, text.as_bytes())
}

async fn assert_refused(scene: &mut Scene, packets: &[&str]) {
    for packet in packets {
        scene.assert_closes(&text(packet), None, FORCED).await;
    }
}

#[actix_rt::test]
async fn an_event_called_error_is_an_event_like_any_other() {
    let scene = Scene::start().await;
    let _more = echoing(&scene.io.of("/"));
    scene.io.of("/").on("error", async |args: actix_socketio::Payload| args);
    let mut ws = Ws::connect(&scene.server).await;
    ws.text(r#"42["error"]"#).await;
    ws.text(r#"42["error",null]"#).await;
    ws.ask(r#"421["error",null]"#, "431[null]").await;
    ws.ask(r#"422["error",{"message":"x"}]"#, r#"432[{"message":"x"}]"#).await;
    drop(ws);
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn no_packet_of_a_client_harms_another_client() {
    let mut scene = Scene::start().await;
    assert_refused(&mut scene, &NO_SOCKET_IO).await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_million_digits_are_refused_in_linear_time_and_memory() {
    let scene = Scene::start().await;
    for header in ["42", "45", "42[", "42[\"a\","] {
        assert_linear(header, 999_990, async |size| {
            let mut ws = Ws::connect(&scene.server).await;
            ws.text(&format!("{header}{}", "2".repeat(size))).await;
            ws.expect_close(None).await;
        })
        .await;
    }
    // The client itself has it up to four times.
    scene.assert_peak(8_000_000);
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_placeholder_names_one_of_the_attachments_or_the_packet_is_refused() {
    let mut scene = Scene::start().await;
    let placeholders = [
        r#""num":"splice""#,
        r#""num":"0""#,
        r#""num":-1"#,
        r#""num":-0.0"#,
        r#""num":0.5"#,
        r#""num":1"#,
        r#""num":1e9"#,
        r#""num":18446744073709551616"#,
        r#""num":null"#,
        r#""num":true"#,
        r#""num":[0]"#,
        r#""num":{}"#,
        r#""x":0"#,
    ];
    for num in placeholders {
        let packet = text(&format!(r#"451-["back",{{"_placeholder":true,{num}}}]"#));
        let bytes = [packet, masked(0x82, b"x")].concat();
        scene.assert_closes(&bytes, None, FORCED).await;
    }
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn an_event_has_a_text_or_a_number_as_its_name() {
    let mut scene = Scene::start().await;
    let names = [
        r#"42[{"toString":"foo"}]"#,
        r#"42[{"toString":{}}]"#,
        r#"42[["a"]]"#,
        "42[[]]",
        "42[null]",
        "42[true]",
        "42[false,1]",
        "42[]",
        "42{}",
        "42{\"0\":\"a\"}",
        "42\"a\"",
        "421",
    ];
    assert_refused(&mut scene, &names).await;
    let mut ws = Ws::connect(&scene.server).await;
    ws.text("42[1,2]").await;
    ws.fence().await;
    drop(ws);
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn ten_attachments_are_taken_and_more_are_refused_before_they_come() {
    let mut scene = Scene::start().await;
    let counts = ["11", "59999", "1832742252", "99999999999999999999", "4294967297", "010", "0"];
    for count in counts {
        let packet = text(&format!(r#"45{count}-["back"]"#));
        scene.assert_closes(&packet, None, FORCED).await;
    }
    // Nothing was made ready for them.
    scene.assert_peak(0);
    let mut ws = Ws::connect(&scene.server).await;
    let all: Vec<_> = (0..10).map(|n| format!(r#"{{"_placeholder":true,"num":{n}}}"#)).collect();
    ws.text(&format!(r#"4510-1["echo",{}]"#, all.join(","))).await;
    for n in 0..10 {
        ws.binary(&[n]).await;
    }
    ws.expect(&format!("4610-1[{}]", all.join(","))).await;
    for n in 0..10 {
        assert_eq!(ws.next().await, Message::Binary(vec![n]));
    }
    drop(ws);
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn a_packet_takes_the_attachments_that_it_has_announced_and_no_more() {
    let mut scene = Scene::start().await;
    assert_refused(&mut scene, &[r#"450-["back"]"#, r#"450-["back","x"]"#, "460-1[]"]).await;
    let packet = text(&format!(r#"451-["echo",{ATTACHMENT}]"#));
    let binaries = masked(0x82, &[7; 100]).repeat(10_000);
    scene.assert_closes(&[packet, binaries].concat(), None, FORCED).await;
    scene.assert_unharmed().await;
}

#[actix_rt::test]
async fn binary_before_the_connect_or_in_place_of_the_rest_is_given_back() {
    let mut scene = Scene::start().await;
    let packet = text(&format!(r#"451-["back",{ATTACHMENT}]"#));
    let early = [upgrade(WEBSOCKET).as_bytes(), &packet, &masked(0x82, b"x")].concat();
    let (answer, _) = converse(scene.addr(), &early).await;
    assert!(answer.ends_with(&[0x88, 0]), "{}", answer.escape_ascii());
    // Nine of ten attachments, and a disconnect in place of the last one.
    let all: Vec<_> = (0..10).map(|n| format!(r#"{{"_placeholder":true,"num":{n}}}"#)).collect();
    let packet = text(&format!(r#"4510-["back",{}]"#, all.join(",")));
    let large = masked(0x82, &[7; 900_000]).repeat(9);
    let bytes = [packet, large, text("41")].concat();
    for round in 0..8 {
        scene.assert_closes(&bytes, None, FORCED).await;
        if round == 2 {
            scene.first_round_is_over().await;
        }
    }
    drop(bytes);
    scene.assert_unharmed().await;
}
