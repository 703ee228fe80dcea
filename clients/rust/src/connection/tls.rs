//! TLS: whom the client trusts, and what it shows.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{verify_server_name, WebPkiServerVerifier};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore,
    SignatureScheme,
};

use super::fault::Fault;
use super::self_signed::is_self_issued;

const HTTP_2: &[u8] = b"h2";

/// What was asked for, as PEM.
#[derive(Default)]
pub(crate) struct Tls {
    roots: Vec<Vec<u8>>,
    identity: Option<(Vec<u8>, Vec<u8>)>,
}

impl Tls {
    pub(crate) fn roots(&mut self, pem: &[u8]) {
        self.roots.push(pem.to_owned());
    }

    pub(crate) fn identity(&mut self, certificate: &[u8], key: &[u8]) {
        self.identity = Some((certificate.to_owned(), key.to_owned()));
    }

    /// # Errors
    ///
    /// A sentence, where a certificate or the key cannot be used.
    pub(crate) fn into_connector(self) -> Result<TlsConnector, String> {
        let provider = Arc::new(default_provider());
        let config = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let given = self.given_roots()?;
        let store = match given.is_empty() {
            true => native_roots()?,
            false => store_of(&given)?,
        };
        let webpki = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
            .build()
            .map_err(|error| format!("the authorities of tls_root cannot be used: {error}"))?;
        let config = config
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier { webpki, given }));
        let mut config = match self.identity {
            None => config.with_no_client_auth(),
            Some((certificates, key)) => {
                let certificates = certificates_of(&certificates, "tls_identity")?;
                let key = PrivateKeyDer::from_pem_slice(&key)
                    .map_err(|error| format!("tls_identity has no private key in PEM: {error}"))?;
                config
                    .with_client_auth_cert(certificates, key)
                    .map_err(|error| format!("tls_identity cannot be used: {error}"))?
            }
        };
        config.alpn_protocols = vec![HTTP_2.to_vec()];
        Ok(TlsConnector(Arc::new(config).into()))
    }

    fn given_roots(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let mut all = Vec::new();
        for pem in &self.roots {
            all.extend(certificates_of(pem, "tls_root")?);
        }
        Ok(all)
    }
}

fn certificates_of(pem: &[u8], option: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(format!("{option} has no certificate in PEM")),
        Err(error) => Err(format!("{option} has no certificate in PEM: {error}")),
    }
}

fn store_of(certificates: &[CertificateDer<'static>]) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    for certificate in certificates {
        store
            .add(certificate.clone())
            .map_err(|error| format!("tls_root has a certificate that cannot be used: {error}"))?;
    }
    Ok(store)
}

fn native_roots() -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    match store.is_empty() {
        true => Err("this machine has no certificate authorities: give tls_root".to_owned()),
        false => Ok(store),
    }
}

/// Makes TLS of a connection.
#[derive(Clone)]
pub(crate) struct TlsConnector(tokio_rustls::TlsConnector);

impl TlsConnector {
    pub(crate) async fn connect(
        &self,
        host: &str,
        stream: TcpStream,
    ) -> Result<TlsStream<TcpStream>, Fault> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|error| Fault::new("no certificate can name this host", error))?;
        let stream = self.0.connect(name, stream).await.map_err(told)?;
        match stream.get_ref().1.alpn_protocol() {
            Some(HTTP_2) => Ok(stream),
            _ => Err(Fault::new(
                "the server speaks TLS there, but no HTTP/2 and so no gRPC",
                "h2 was not negotiated",
            )),
        }
    }
}

fn told(error: io::Error) -> Fault {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    let sentence = match cause {
        Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "its certificate is not trusted: give the authority that signed it as tls_root"
                .to_owned()
        }
        Some(Error::InvalidCertificate(CertificateError::Other(cause)))
            if cause.0.is::<SelfSigned>() =>
        {
            format!("its certificate is not trusted: {SelfSigned}")
        }
        Some(error @ Error::InvalidCertificate(_)) => {
            format!("its certificate is not trusted: {error}")
        }
        Some(Error::InvalidMessage(_)) => spoke_clear_text(),
        Some(error) => error.to_string(),
        None => match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => spoke_clear_text(),
            _ => error.to_string(),
        },
    };
    Fault::new(sentence, error)
}

fn spoke_clear_text() -> String {
    "the server was spoken to by TLS, and speaks none: begin the address with http://, or set plaintext()".to_owned()
}

/// The usual verification; and a server may show a certificate that was itself given as a root.
///
/// `openssl req -x509` marks what it makes as an authority (`CA:TRUE`), and webpki refuses an authority as a server's
/// certificate (`CaUsedAsEndEntity`), although it checked its dates before. The server proves by its signature that it
/// has the key.
#[derive(Debug)]
struct Verifier {
    webpki: Arc<WebPkiServerVerifier>,
    given: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.webpki
                .verify_server_cert(certificate, intermediates, name, ocsp_response, now);
        match verified {
            Err(error) if is_authority_as_server(&error) && self.given.contains(certificate) => {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            Err(error) if is_untrusted(&error) && is_self_issued(certificate) => {
                let error = OtherError(Arc::new(SelfSigned));
                Err(Error::InvalidCertificate(CertificateError::Other(error)))
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.webpki
            .verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.webpki.supported_verify_schemes()
    }
}

fn is_untrusted(error: &Error) -> bool {
    let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
    *error == unknown || is_authority_as_server(error)
}

/// rustls keeps webpki's error without its type.
fn is_authority_as_server(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::Other(cause))
        if format!("{cause:?}").contains("CaUsedAsEndEntity"))
}

/// The server's certificate is its own authority, and was not given as a root.
#[derive(Debug)]
struct SelfSigned;

impl fmt::Display for SelfSigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is self-signed: give it to tls_root")
    }
}

impl StdError for SelfSigned {}
