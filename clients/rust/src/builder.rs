//! The options of a client.

use std::env::{var, VarError};
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as HttpBody;
use tonic::body::Body;
use tonic::transport::Channel;
use tower_layer::Layer;
use tower_service::Service;

use crate::address::{Address, Wanted};
use crate::api_key::ApiKey;
use crate::client::{Client, Parts};
#[cfg(feature = "tls")]
use crate::connection::tls::Tls;
use crate::connection::{connector, Connection};
use crate::error::Error;
use crate::retry::{Repeats, Retry, RetryHook};

/// The server cuts longer ones to it.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);
const LONGEST_DEADLINE: Duration = Duration::from_secs(24 * 60 * 60);

type Wrap = Box<dyn FnOnce(Connection) -> Connection + Send>;

/// Makes a [`Client`]; [`Client::builder`] begins one.
#[must_use]
pub struct Builder {
    address: Option<String>,
    api_key: Option<String>,
    deadline: Duration,
    plaintext: bool,
    channel: Option<Channel>,
    layers: Vec<Wrap>,
    on_retry: Option<RetryHook>,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
}

/// Where the server is found.
enum Server {
    Over(Channel),
    At(Address),
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            address: None,
            api_key: None,
            deadline: DEFAULT_DEADLINE,
            plaintext: false,
            channel: None,
            layers: Vec::new(),
            on_retry: None,
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// The server's gRPC port: `host:port`, `http://host:port` in clear text, or `https://host:port` by TLS; a URL may
    /// leave the port out, and an IPv6 address is in brackets. Without a scheme it is clear text where the host is this
    /// machine (`localhost`, `127.0.0.0/8`, `::1`), and TLS everywhere else. `AUTHFLOW_ADDRESS` unless told.
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// The organization's API key. `AUTHFLOW_API_KEY` unless told.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// How long a call may take, with its nonce, repeats and waits: up to a day, 10 seconds unless told.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Talks in clear text, wherever the server is: for networks of your own.
    pub fn plaintext(mut self) -> Self {
        self.plaintext = true;
        self
    }

    /// Trusts these certificate authorities (PEM) and no others, and turns TLS on. More calls add more.
    ///
    /// A server's self-signed certificate, as `openssl req -x509` makes it, is its own authority: give it here.
    /// It must name the host as a subjectAltName (`-addext subjectAltName=DNS:authflow.internal`); its CN counts for
    /// nothing.
    #[cfg(feature = "tls")]
    pub fn tls_root(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.tls.get_or_insert_default().roots(pem.as_ref());
        self
    }

    /// Shows this certificate (with its chain) to the server, and turns TLS on. Both are PEM.
    #[cfg(feature = "tls")]
    pub fn tls_identity(mut self, certificate: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        let tls = self.tls.get_or_insert_default();
        tls.identity(certificate.as_ref(), key.as_ref());
        self
    }

    /// Uses this channel instead of one of its own: for Unix sockets, proxies, keep-alives, balancing. It takes the
    /// place of the address and of the options of TLS.
    pub fn channel(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// Puts a tower layer around the connection: tonic's
    /// [`InterceptorLayer`](tonic::service::InterceptorLayer), OpenTelemetry's, or your own. The first that is added is
    /// the outermost. It sees every attempt, with the API key in `x-api-key`.
    pub fn layer<L, B>(mut self, layer: L) -> Self
    where
        L: Layer<Connection> + Send + 'static,
        L::Service: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request<Body>>>::Error: Into<Box<dyn StdError + Send + Sync>>,
        <L::Service as Service<Request<Body>>>::Future: Send,
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let wrap = move |inner| Connection::over(layer.layer(inner));
        self.layers.push(Box::new(wrap));
        self
    }

    /// Is told of each repeat before its wait, for the log. It changes nothing, and a panic in it goes no further.
    pub fn on_retry(mut self, hook: impl Fn(&Retry<'_>) + Send + Sync + 'static) -> Self {
        self.on_retry = Some(Arc::new(hook));
        self
    }

    /// Makes the client. It connects with its first call.
    ///
    /// # Errors
    ///
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) without a reason, where an option is missing or cannot
    /// be used, or two contradict each other. The message says which.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn build(self) -> Result<Client, Error> {
        self.build_beside(|name| match var(name) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => None,
            Err(VarError::NotUnicode(value)) => Some(value.to_string_lossy().into_owned()),
        })
    }

    fn build_beside(mut self, env: impl Fn(&str) -> Option<String>) -> Result<Client, Error> {
        if self.deadline.is_zero() || self.deadline > LONGEST_DEADLINE {
            return Err(Error::invalid_option("the deadline is zero or over a day"));
        }
        let server = match self.channel.take() {
            Some(channel) => Server::Over(channel),
            None => Server::At(self.read_address(&env)?),
        };
        let api_key = required(self.api_key.take(), "the API key", "AUTHFLOW_API_KEY", env)?;
        let api_key = ApiKey::new(&api_key)?;
        // Last: a connection wants a runtime, and whoever forgot the key hears of that first.
        let (connection, address) = match server {
            Server::Over(channel) => (self.over(channel)?, "a channel of the caller's".to_owned()),
            Server::At(address) => self.connect(address)?,
        };
        let layers = self.layers.into_iter().rev();
        Ok(Client::new(Parts {
            connection: layers.fold(connection, |inner, wrap| wrap(inner)),
            api_key,
            address,
            deadline: self.deadline,
            repeats: Repeats::new(self.on_retry),
        }))
    }

    fn over(&self, channel: Channel) -> Result<Connection, Error> {
        if self.address.is_some() || self.wanted()? != Wanted::ByAddress {
            return Err(Error::invalid_option(
                "channel() takes the place of address(), plaintext() and the options of TLS",
            ));
        }
        Ok(Connection::over(channel))
    }

    fn read_address(&mut self, env: impl Fn(&str) -> Option<String>) -> Result<Address, Error> {
        let given = self.address.take();
        let text = required(given, "the address", "AUTHFLOW_ADDRESS", env)?;
        // The text is not told: whoever confused the two variables gave the key.
        Address::read(&text, self.wanted()?).map_err(|fault| {
            Error::invalid_option(format!("the address (AUTHFLOW_ADDRESS) {fault}"))
        })
    }

    fn connect(&mut self, address: Address) -> Result<(Connection, String), Error> {
        let printed = address.to_string();
        #[cfg(feature = "tls")]
        let connection = {
            let tls = address.tls.then(|| self.tls.take().unwrap_or_default());
            let tls = tls.map(Tls::into_connector).transpose();
            let tls = tls.map_err(Error::invalid_option)?;
            connector::connect_lazily(address, self.deadline, tls)
        };
        #[cfg(not(feature = "tls"))]
        let connection = match address.tls {
            false => connector::connect_lazily(address, self.deadline),
            true => {
                return Err(Error::invalid_option(format!(
                    "{address} is talked to by TLS, which takes the feature tls; plaintext() talks in clear text"
                )))
            }
        };
        Ok((connection, printed))
    }

    fn wanted(&self) -> Result<Wanted, Error> {
        #[cfg(feature = "tls")]
        let tls = self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let tls = false;
        match (self.plaintext, tls) {
            (true, true) => Err(Error::invalid_option(
                "plaintext() and the options of TLS contradict each other",
            )),
            (true, false) => Ok(Wanted::Plaintext),
            (false, true) => Ok(Wanted::Tls),
            (false, false) => Ok(Wanted::ByAddress),
        }
    }
}

/// What was given, or else what the environment holds.
fn required(
    given: Option<String>,
    what: &str,
    variable: &str,
    env: impl Fn(&str) -> Option<String>,
) -> Result<String, Error> {
    match given.or_else(|| env(variable)) {
        Some(value) if !value.is_empty() => Ok(value),
        Some(_) => Err(Error::invalid_option(format!(
            "{what} is empty: give it to the builder, or set {variable}"
        ))),
        None => Err(Error::invalid_option(format!(
            "{what} is missing: give it to the builder, or set {variable}"
        ))),
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(builder: Builder, variables: &[(&str, &str)]) -> Result<Client, Error> {
        builder.build_beside(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[tokio::test]
    async fn what_is_not_given_comes_from_the_environment() {
        let variables = [
            ("AUTHFLOW_ADDRESS", "localhost:1"),
            ("AUTHFLOW_API_KEY", "af_"),
        ];
        let client = built(Builder::new(), &variables).unwrap();
        assert!(format!("{client:?}").contains("localhost:1"));
        let client = built(Builder::new().address("localhost:2"), &variables).unwrap();
        assert!(format!("{client:?}").contains("localhost:2"));
    }

    #[tokio::test]
    async fn what_is_missing_or_empty_is_refused_by_the_name_of_its_variable() {
        let address = ("AUTHFLOW_ADDRESS", "localhost:1");
        for (builder, variables, told) in [
            (Builder::new(), vec![address], "AUTHFLOW_API_KEY"),
            (
                Builder::new(),
                vec![address, ("AUTHFLOW_API_KEY", "")],
                "AUTHFLOW_API_KEY",
            ),
            (
                Builder::new().api_key(""),
                vec![address, ("AUTHFLOW_API_KEY", "af_")],
                "AUTHFLOW_API_KEY",
            ),
            (Builder::new().api_key("af_"), vec![], "AUTHFLOW_ADDRESS"),
            (
                Builder::new().api_key("af_").address(""),
                vec![address],
                "AUTHFLOW_ADDRESS",
            ),
        ] {
            let error = built(builder, &variables).unwrap_err();
            assert!(error.message().contains(told), "{error}");
        }
    }
}
