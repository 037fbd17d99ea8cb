//! What stands in `#[event(…)]`. Each error points at what is wrong and says what to write.
//!
//! Called by the derive macro.

use syn::{DeriveInput, Error, LitStr, Type, meta::ParseNestedMeta, parse_quote};

/// Names that Socket.IO gives to events of its own; the protocol crate refuses them when they are emitted.
const RESERVED: [&str; 6] =
    ["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"];

/// Name and acknowledgement of an event.
pub(crate) struct Options {
    pub(crate) name: LitStr,
    pub(crate) ack: Type,
}

impl Options {
    /// Reads all `#[event(…)]` of a type.
    pub(crate) fn of(input: &DeriveInput) -> syn::Result<Self> {
        let (mut name, mut ack) = (None, None);
        for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("event")) {
            attribute.parse_nested_meta(|meta| read(&meta, &mut name, &mut ack))?;
        }
        let name = name.ok_or_else(|| missing_name(input))?;
        check_name(&name)?;
        Ok(Self { name, ack: ack.unwrap_or_else(|| parse_quote!(())) })
    }
}

fn read(
    meta: &ParseNestedMeta<'_>,
    name: &mut Option<LitStr>,
    ack: &mut Option<Type>,
) -> syn::Result<()> {
    if meta.path.is_ident("name") {
        once(meta, name.is_some())?;
        *name = Some(meta.value()?.parse()?);
    } else if meta.path.is_ident("ack") {
        once(meta, ack.is_some())?;
        *ack = Some(meta.value()?.parse()?);
    } else {
        return Err(meta.error("write `name = \"…\"` or `ack = Type` here"));
    }
    Ok(())
}

fn once(meta: &ParseNestedMeta<'_>, seen: bool) -> syn::Result<()> {
    if seen { Err(meta.error("given twice: an event has one of it")) } else { Ok(()) }
}

fn missing_name(input: &DeriveInput) -> Error {
    let message = format!(
        "this event has no name: write `#[event(name = \"…\")]` above `{}`, with the name that clients use",
        input.ident
    );
    Error::new(input.ident.span(), message)
}

fn check_name(name: &LitStr) -> syn::Result<()> {
    let value = name.value();
    if value.is_empty() {
        return Err(Error::new(name.span(), "an event needs a name that is not empty"));
    }
    if RESERVED.contains(&value.as_str()) {
        let message = format!(
            "`{value}` is reserved by Socket.IO: choose another name, or register `on_connect` or `on_disconnect` for what it stands for"
        );
        return Err(Error::new(name.span(), message));
    }
    Ok(())
}
