//! `#[derive(Event)]`: the derive macro of `actix-socketio`, which re-exports it beside its trait `Event` and documents it there.
//!
//! Called by the compiler. What stands in `#[event(…)]` is read and judged by `options`; here is what is made of it.

mod options;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Data, DeriveInput, Error, parse_macro_input};

use self::options::Options;

/// Makes a type an event: a name, the type itself as its payload, and the type of its acknowledgement.
///
/// - `name` is required: it is what clients call the event, and no rule makes it from the name of the type.
/// - `ack` is the type of the acknowledgement, `()` when it is left out.
///
/// It implements `Event` and nothing else: derive `Serialize` to emit the event, `Deserialize` to handle it.
///
/// ```text
/// #[derive(Serialize, Deserialize, Event)]
/// #[event(name = "chat message", ack = Saved)]
/// struct ChatMessage { room: String, text: String }
/// ```
///
/// # Errors
///
/// The name is missing, empty, or reserved by Socket.IO; `#[event(…)]` holds something else; the type is a union.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(input: &DeriveInput) -> syn::Result<Tokens> {
    if let Data::Union(data) = &input.data {
        let message = "a union cannot be an event: make it a `struct`";
        return Err(Error::new(data.union_token.span, message));
    }
    let Options { name, ack } = Options::of(input)?;
    let ident = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics ::actix_socketio::Event for #ident #type_generics #where_clause {
            const NAME: &'static str = #name;
            type Ack = #ack;
        }
    })
}
