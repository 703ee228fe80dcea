//! How a connection is made.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiResolver, Name};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tonic::transport::Endpoint;
use tower::ServiceExt;
use tower_service::Service;

use super::fault::{Fault, LatestFault, Unreached};
use super::first_reply::FirstReply;
#[cfg(feature = "tls")]
use super::tls::TlsConnector;
use super::{BoxError, Connection};
use crate::address::Address;

const CLOSED_IN_CLEAR_TEXT: &str =
    "it was closed without an answer; if the server speaks TLS, begin the address with https://";
#[cfg(feature = "tls")]
const CLOSED_IN_TLS: &str =
    "it was closed without an answer; the server may demand a client's certificate (tls_identity)";

/// A connection that the first request makes. No attempt to make it takes longer than `timeout`: one that is never
/// answered must not keep later calls waiting for it.
pub(crate) fn connect_lazily(
    address: Address,
    timeout: Duration,
    #[cfg(feature = "tls")] tls: Option<TlsConnector>,
) -> Connection {
    let scheme = if address.tls { "https" } else { "http" };
    let uri = |scheme| -> Uri {
        let uri = format!("{scheme}://{address}");
        uri.parse().expect("an address that was read is a URI")
    };
    // To tonic the scheme would say that TLS is its own affair.
    let endpoint = Endpoint::from(uri("http"))
        .origin(uri(scheme))
        .connect_timeout(timeout);
    let latest = LatestFault::default();
    let printed = address.to_string();
    let channel = endpoint.connect_with_connector_lazy(Connector {
        tcp: tcp(),
        latest: latest.clone(),
        #[cfg(feature = "tls")]
        host: address.host,
        #[cfg(feature = "tls")]
        tls,
    });
    Connection::over(channel.map_err(move |error| Unreached::new(&printed, &latest, error.into())))
}

fn tcp() -> HttpConnector<Resolver> {
    let mut tcp = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
    tcp.set_nodelay(true);
    tcp
}

#[derive(Clone)]
struct Connector {
    tcp: HttpConnector<Resolver>,
    latest: LatestFault,
    #[cfg(feature = "tls")]
    host: String,
    #[cfg(feature = "tls")]
    tls: Option<TlsConnector>,
}

impl Connector {
    async fn connect(mut self, uri: Uri) -> Result<FirstReply, Fault> {
        self.latest.set(None);
        let stream = self.tcp.call(uri).await;
        let stream = stream.map_err(|error| Fault::of_connecting(error.into()))?;
        let stream: TcpStream = stream.into_inner();
        #[cfg(feature = "tls")]
        if let Some(tls) = self.tls {
            let stream = tls.connect(&self.host, stream).await?;
            return Ok(FirstReply::new(stream, self.latest, CLOSED_IN_TLS));
        }
        Ok(FirstReply::new(stream, self.latest, CLOSED_IN_CLEAR_TEXT))
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<FirstReply>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connect = self.clone().connect(uri);
        Box::pin(async { Ok(TokioIo::new(connect.await?)) })
    }
}

/// The system's resolver, whose errors say that they are its own.
#[derive(Clone)]
struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<GaiAddrs, Fault>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        self.0.poll_ready(context).map_err(no_such_host)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let found = self.0.call(name);
        Box::pin(async { found.await.map_err(no_such_host) })
    }
}

fn no_such_host(error: io::Error) -> Fault {
    Fault::new(format!("there is no such host ({error})"), error)
}
