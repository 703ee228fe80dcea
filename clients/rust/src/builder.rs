//! The options of a client.

use std::fmt;
use std::time::Duration;

#[cfg(feature = "tls")]
use tonic::transport::{Certificate, ClientTlsConfig, Identity};
use tonic::transport::{Channel, Endpoint};

use crate::api_key::ApiKey;
use crate::client::Client;
use crate::error::Error;

/// The server cuts longer ones to it.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);
const LONGEST_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);

/// Makes a [`Client`]; [`Client::builder`] begins one.
#[must_use]
pub struct Builder {
    address: String,
    api_key: String,
    deadline: Duration,
    channel: Option<Channel>,
    #[cfg(feature = "tls")]
    tls: Option<ClientTlsConfig>,
    #[cfg(feature = "tls")]
    has_root: bool,
}

impl Builder {
    pub(crate) fn new(address: String, api_key: String) -> Self {
        Self {
            address,
            api_key,
            deadline: DEFAULT_DEADLINE,
            channel: None,
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "tls")]
            has_root: false,
        }
    }

    /// How long a call may take, with its nonce, repeats and waits: up to a day, 10 seconds unless told.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Trusts these certificate authorities (PEM) and no others, and turns TLS on. More calls add more.
    #[cfg(feature = "tls")]
    pub fn tls_root(mut self, pem: impl AsRef<[u8]>) -> Self {
        let tls = self.tls.take().unwrap_or_default();
        self.tls = Some(tls.ca_certificate(Certificate::from_pem(pem)));
        self.has_root = true;
        self
    }

    /// Shows this certificate (with its chain) to the server, and turns TLS on. Both are PEM.
    #[cfg(feature = "tls")]
    pub fn tls_identity(mut self, certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        let tls = self.tls.take().unwrap_or_default();
        self.tls = Some(tls.identity(Identity::from_pem(certificate, key)));
        self
    }

    /// Uses this channel instead of one of its own: for Unix sockets, proxies, keep-alives, balancing. The address and
    /// the options of TLS are then not looked at.
    pub fn channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// Makes the client. It connects with its first call.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) without a reason, where an option cannot be used.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn build(mut self) -> Result<Client, Error> {
        if self.deadline.is_zero() || self.deadline > LONGEST_DEADLINE {
            return Err(Error::invalid_option("the deadline is zero or over a day"));
        }
        let api_key = ApiKey::new(&self.api_key)?;
        let channel = match self.channel.take() {
            Some(channel) => channel,
            None => self.endpoint()?.connect_lazy(),
        };
        Ok(Client::new(channel, api_key, self.address, self.deadline))
    }

    fn endpoint(&mut self) -> Result<Endpoint, Error> {
        let secured = self.is_secured()?;
        let (_, authority) = self
            .address
            .split_once("://")
            .unwrap_or(("", &self.address));
        let scheme = if secured { "https" } else { "http" };
        let endpoint = Endpoint::from_shared(format!("{scheme}://{authority}"))
            .map_err(|_| Error::invalid_option("the address is neither host:port nor a URL"))?
            // A connection that is never answered must not keep later calls waiting for it.
            .connect_timeout(self.deadline);
        #[cfg(feature = "tls")]
        if secured {
            let mut tls = self.tls.take().unwrap_or_default();
            if !self.has_root {
                tls = tls.with_native_roots();
            }
            return endpoint.tls_config(tls).map_err(|error| {
                let cause = std::error::Error::source(&error)
                    .map_or_else(|| error.to_string(), ToString::to_string);
                Error::invalid_option(format!("the certificates cannot be used: {cause}"))
            });
        }
        Ok(endpoint)
    }

    /// By the address's scheme; without one, by the options.
    fn is_secured(&self) -> Result<bool, Error> {
        #[cfg(feature = "tls")]
        let by_options = self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let by_options = false;
        match self.address.split_once("://") {
            None => Ok(by_options),
            Some(("http", _)) if by_options => Err(Error::invalid_option(
                "the address is one of clear text, the other options are of TLS",
            )),
            Some(("http", _)) => Ok(false),
            Some(("https", _)) if cfg!(feature = "tls") => Ok(true),
            Some(("https", _)) => Err(Error::invalid_option("TLS takes the feature tls")),
            Some(_) => Err(Error::invalid_option(
                "the address is neither http nor https",
            )),
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("address", &self.address)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
