//! The tree of actors: what `SocketIo::topology` finds, and what the log says of it.

mod tree;
