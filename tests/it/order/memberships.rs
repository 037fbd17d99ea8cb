//! What one context changes about memberships takes effect for all others in its order, too: there is no moment at which somebody else's
//! broadcast finds a later change without an earlier one.

use actix_socketio::{Args, Namespace, Socket};

use super::{Seen, Setup, run};

/// Changes of one context, and emits of each of the others meanwhile.
const CHANGES: usize = 2000;

/// Client 0 changes its rooms; all others emit to these rooms meanwhile.
fn change_or_emit(socket: &Socket, all: &Namespace, message: (usize, usize)) {
    if message.0 == 0 {
        socket.join(["muted", "even"]);
        socket.leave("even");
        socket.leave("muted");
    } else {
        // Both rooms have something to do, so that either may be behind the other.
        all.to("muted").emit("muted", &message);
        all.to("even").except("muted").emit("even", &message);
    }
}

#[actix_rt::test]
async fn whoever_is_muted_before_it_joins_and_until_it_has_left_gets_nothing() {
    let setup = Setup::new(|namespace, _| {
        let storm = async |socket: Socket, all: Namespace, Args(context): Args<usize>| {
            for number in 0..CHANGES {
                change_or_emit(&socket, &all, (context, number));
                tokio::task::yield_now().await;
            }
            all.emit("end", &(context, CHANGES));
        };
        namespace.on("storm", storm);
    })
    .await;
    let seen = run(setup.clients, "storm").await;
    // At first it is in the one room and not muted.
    let first = seen[0].iter().position(|(event, ..)| event == "muted");
    let unmuted = |seen: &&Seen| seen.0 == "even";
    assert!(first.is_some(), "it has not been muted");
    let late = seen[0].iter().skip(first.unwrap_or(0)).filter(unmuted).count();
    assert_eq!(late, 0, "got what is for those only that are not muted");
}
