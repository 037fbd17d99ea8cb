//! In place of `client_files` when the crate is built without its feature `client`: there are no files.

use std::future::{Ready, ready};

use actix_web::{HttpRequest, HttpResponse};

/// None.
pub(super) fn respond(_: &HttpRequest) -> Ready<Option<HttpResponse>> {
    ready(None)
}
