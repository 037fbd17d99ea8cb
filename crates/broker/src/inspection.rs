//! Who may look at the inspector of the broker: whoever is on this machine, or knows the token.

use std::net::IpAddr;

use actix_socketio::{Inspector, SocketIo};
use clap::Args;

/// Where it is.
pub(crate) const PATH: &str = "/inspect";

/// Shorter ones are guessed.
const MIN_TOKEN: usize = 8;

#[derive(Debug, Args)]
pub(crate) struct Inspection {
    /// Do not serve the inspector under /inspect.
    #[arg(long, env = "SOCKETIO_NO_INSPECT", conflicts_with = "inspect_token")]
    no_inspect: bool,
    /// Password of the inspector, for any user name; without one it is served on loopback addresses only.
    #[arg(long, env = "SOCKETIO_INSPECT_TOKEN", hide_env_values = true)]
    inspect_token: Option<String>,
}

impl Inspection {
    /// The inspector of a broker that listens on this address, if it has one.
    pub(crate) fn inspector(
        &self,
        io: &SocketIo,
        host: IpAddr,
    ) -> Result<Option<Inspector>, String> {
        match &self.inspect_token {
            Some(token) if token.len() < MIN_TOKEN => {
                Err(format!("--inspect-token is shorter than {MIN_TOKEN} bytes"))
            }
            Some(token) => Ok(Some(io.inspector().token(token))),
            None if self.no_inspect => Ok(None),
            None if host.is_loopback() => Ok(Some(io.inspector())),
            None => {
                log::warn!(
                    "no inspector: {host} can be reached by others, and there is no --inspect-token"
                );
                Ok(None)
            }
        }
    }
}
