//! What a courier makes anew after a panic.

use super::*;

#[actix::test]
async fn a_context_that_waits_for_nothing_is_found_and_one_with_something_under_way_is_not() {
    let world = World::new();
    let courier = world.courier();
    let (held_up, waiting) = (world.socket(&courier), world.socket(&courier));
    let now = Instant::now();
    let mut fences = Fences::new(Config::default().fence);
    for socket in [&held_up, &waiting] {
        let since = if Arc::ptr_eq(&socket.link, &held_up.link) { now } else { now + PATIENCE };
        let first = Operation::Broadcast(socket.broadcast(&["a"], packet("n", 0)));
        assert!(admitted(fences.admit(first, since)));
        let broadcast = Operation::Broadcast(socket.broadcast(&["b"], packet("n", 1)));
        assert!(!admitted(fences.admit(broadcast, since)));
    }
    let late = now + PATIENCE + Duration::from_millis(1);
    let context = held_up.link.origin.context;
    // A panic comes before what waits has gone.
    assert_eq!(fences.give_up(late, PATIENCE), [context]);
    assert_eq!(fences.repair(), [context]);
    assert!(matches!(fences.next_ready(context, late), Some(Operation::Broadcast(_))));
    assert_eq!(fences.repair(), []);
    // What was under way is, and nothing else.
    fences.release(released(context, 2));
    assert_eq!((fences.count(), fences.repair(), fences.count()), (2, Vec::new(), 1));
}
