//! What waits in a context behind what is under way through supervisors, while these do not run.

use std::time::Duration;

use actix_socketio::{Args, Builder, Socket, SocketIo};

use super::start;
use crate::support::{DEADLINE, Moment, TestServer, Ws, hold};

/// Goes through the namespace.
const FIRST: &str = r#"42["first"]"#;

/// Handlers of `flood` broadcast `first` to their client, and then emit so many numbers to it, which do not take that way.
fn flooding(options: impl FnOnce(Builder) -> Builder) -> (SocketIo, TestServer) {
    let (io, server, _ends) = start(options);
    io.of("/").on("flood", async |socket: Socket, Args(numbers): Args<usize>| {
        socket.within(socket.id().as_str()).emit("first", &());
        (0..numbers).for_each(|n| socket.emit("n", &n));
    });
    (io, server)
}

async fn expect_numbers(ws: &mut Ws, numbers: usize) {
    for n in 0..numbers {
        ws.expect(&format!(r#"42["n",{n}]"#)).await;
    }
}

#[actix_rt::test]
async fn beyond_its_limits_a_context_gives_up_its_order_and_no_message() {
    for (bytes, operations) in [(1 << 20, 10), (100, 1 << 20)] {
        let (io, server) = flooding(|b| b.fence_limits(bytes, operations).fence_timeout(DEADLINE));
        let (mut ws, mut witness) = (Ws::connect(&server).await, Ws::connect(&server).await);
        let go = hold(&io).await;
        ws.text(r#"42["flood",5]"#).await;
        witness.fence().await;
        drop(go);
        ws.expect(FIRST).await;
        expect_numbers(&mut ws, 5).await;
        assert_eq!(io.topology().await.counters.fences_forced, 0);

        let go = hold(&io).await;
        ws.text(r#"42["flood",50]"#).await;
        expect_numbers(&mut ws, 50).await;
        witness.fence().await;
        drop(go);
        ws.expect(FIRST).await;
        assert!(io.topology().await.counters.fences_forced > 0);
    }
}

#[actix_rt::test]
async fn a_supervisor_that_does_not_answer_in_time_costs_the_order_of_a_context_and_no_message() {
    let (io, server) = flooding(|builder| builder.fence_timeout(Duration::from_millis(200)));
    let (mut ws, mut witness) = (Ws::connect(&server).await, Ws::connect(&server).await);
    let go = hold(&io).await;
    let asked = Moment::now();
    ws.text(r#"42["flood",5]"#).await;
    expect_numbers(&mut ws, 5).await;
    let took = asked.took();
    assert!(took < Duration::from_secs(4), "{took:?}, which is nearly the default");
    witness.fence().await;
    drop(go);
    ws.expect(FIRST).await;
    assert!(io.topology().await.counters.fences_given_up > 0);
}
