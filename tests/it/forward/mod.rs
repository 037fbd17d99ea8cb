//! What a namespace forwards to actors: facts.

mod facts;
