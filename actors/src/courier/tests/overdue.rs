//! What waits for supervisors that do not answer, of many contexts.

use std::{future::poll_fn, sync::mpsc};

use super::*;

/// More than the outbox takes at once, of as many contexts, each of which has waited too long.
#[actix::test]
async fn what_many_contexts_have_waited_with_goes_as_its_client_takes_it() {
    const CONTEXTS: usize = 64;
    let text = "x".repeat(64 << 10);
    let limits = OutboxLimits { bytes: 1 << 20, packets: 1 << 20, volatile_bytes: 1 << 10 };
    let world = World::new();
    let arbiter = Arbiter::new().handle();
    let config = Config { fence_timeout: Duration::from_millis(1), ..Config::default() };
    let courier = Courier::start_in(&arbiter, Arc::new(config), world.supervision.clone());
    let reader = world.socket_with(&courier, limits);
    let others: Vec<_> = (0..CONTEXTS).map(|_| world.socket(&courier)).collect();
    settle(&world, &[&courier]).await;
    let (sender, mut taken) = tokio::sync::mpsc::unbounded_channel();
    let outbox = reader.outbox.clone();
    arbiter.spawn(async move {
        while let Drained::Bytes(bytes) =
            poll_fn(|cx| outbox.poll_websocket(TransportId::FIRST, cx)).await
        {
            let _ = sender.send(bytes.len());
        }
    });
    // The namespace does not answer until all is over.
    let (release, released) = mpsc::channel::<()>();
    world.namespace.arbiter.spawn_fn(move || {
        let _ = released.recv_timeout(4 * PATIENCE);
    });
    for other in &others {
        courier.addr.do_send(other.join("a"));
        let packet = encode_event("/", None, "n", &text).unwrap();
        courier.addr.do_send(Emit { socket: reader.link.clone(), ..other.emit(packet) });
    }
    let mut bytes = 0;
    let all = async {
        while bytes < CONTEXTS * text.len() && courier.tally.counters().slow_consumers == 0 {
            bytes += taken.recv().await.unwrap();
        }
    };
    tokio::time::timeout(3 * PATIENCE, all).await.expect("all that has waited");
    assert_eq!(courier.tally.counters().slow_consumers, 0);
    drop(release);
}
