//! Shields around code of the application: a panic in it is caught and becomes a text, and goes no further.
//!
//! Sessions, the edge and the route tables call it through them, and decide what a panic costs. A `Drop` is such code, too: what the
//! application has given us may be dropped on any of our threads, and by any of our actors.

use std::{
    any::Any,
    fmt,
    future::Future,
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use crate::{courier::Tally, dispatch::current_origin, escaped::OneLine};

/// Calls code of the application.
///
/// # Errors
///
/// It has panicked, with this text.
pub fn shielded<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(text)
}

/// What a panic said.
fn text(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("no message").to_owned();
    // It may be any value, whose `Drop` may panic again; the value of that panic is let be.
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
    text
}

/// A panic was caught: it counts for the connection whose handler is running on this thread, if one is.
pub fn count_panic() {
    current_origin().iter().for_each(|origin| origin.courier.tally.panicked());
}

/// Drops a value of the application. A panic counts in this tally, or else as any other.
pub(crate) fn drop_shielded<T>(value: T, tally: Option<&Tally>) {
    if let Err(text) = shielded(|| drop(value)) {
        tally.map_or_else(count_panic, Tally::panicked);
        log::error!("a value of the application panicked when it was dropped: {}", OneLine(text));
    }
}

/// A value of the application, whose `Drop` is shielded. As a future it gives an error when it panics.
pub struct Guest<T>(Option<T>);

impl<T> Guest<T> {
    /// Takes the value in.
    pub fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> fmt::Debug for Guest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guest")
    }
}

/// Not for a future that has ended.
impl<T> Deref for Guest<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(value) => value,
            None => unreachable!("it is there until it is dropped"),
        }
    }
}

impl<F: Future + Unpin> Future for Guest<F> {
    type Output = Result<F::Output, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.0 else { return Poll::Pending };
        let output = match shielded(|| Pin::new(future).poll(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(output)) => Ok(output),
            Err(text) => Err(text),
        };
        drop_shielded(self.0.take(), None);
        Poll::Ready(output)
    }
}

impl<T> Drop for Guest<T> {
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            drop_shielded(value, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use futures_util::FutureExt;

    use super::*;

    struct Bomb(&'static str);

    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::panic_any(self.0);
        }
    }

    #[test]
    fn a_panic_gives_its_text_and_whatever_else_it_was_thrown_with_does_no_harm() {
        assert_eq!(shielded(|| 1), Ok(1));
        assert_eq!(shielded(|| panic!("one")), Err::<(), _>("one".into()));
        assert_eq!(shielded(|| panic!("{}", 2)), Err::<(), _>("2".into()));
        let thrown = shielded(|| std::panic::panic_any(Bomb("again")));
        assert_eq!(thrown, Err::<(), _>("no message".into()));
    }

    #[test]
    fn a_value_that_panics_when_it_is_dropped_harms_nobody_even_while_another_panic_unwinds() {
        drop(Guest::new(Bomb("alone")));
        let unwound = shielded(|| {
            let _guests = [Guest::new(Bomb("first")), Guest::new(Bomb("second"))];
            panic!("outer");
        });
        assert_eq!(unwound, Err::<(), _>("outer".into()));
    }

    #[test]
    fn a_future_ends_with_what_it_gives_or_panics_with() {
        assert_eq!(Guest::new(ready(1)).now_or_never(), Some(Ok(1)));
        let failing = Box::pin(async { panic!("on purpose") });
        assert_eq!(Guest::new(failing).now_or_never(), Some(Err::<(), _>("on purpose".into())));
        let bomb = Bomb("with it");
        let holding = std::future::poll_fn(move |_| {
            let held = &bomb;
            Poll::Ready(held.0)
        });
        assert_eq!(Guest::new(holding).now_or_never(), Some(Ok("with it")));
    }
}
