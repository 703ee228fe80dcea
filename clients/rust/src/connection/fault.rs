//! What became of a connection, in words.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::BoxError;
use crate::error::{chain, root};

/// Why a connection could not be made.
#[derive(Debug)]
pub(crate) struct Fault {
    cause: String,
    source: BoxError,
}

impl Fault {
    pub(crate) fn new(cause: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self {
            cause: cause.into(),
            source: source.into(),
        }
    }

    /// What connecting to the host and port met.
    pub(crate) fn of_connecting(source: BoxError) -> Self {
        let known = chain(&*source).find_map(|error| {
            let refused = || error.downcast_ref::<io::Error>().filter(is_refusal);
            match error.downcast_ref::<Self>() {
                Some(fault) => Some(fault.cause.clone()),
                None => refused().map(|_| "it is refused, so no server listens there".to_owned()),
            }
        });
        let cause = known.unwrap_or_else(|| root(&*source).to_string());
        Self { cause, source }
    }
}

fn is_refusal(error: &&io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionRefused
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)
    }
}

impl StdError for Fault {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

/// What was wrong with the first bytes of the latest connection. The HTTP library tells requests only that they were
/// cancelled, so it is kept beside it.
#[derive(Clone, Default)]
pub(crate) struct LatestFault(Arc<Mutex<Option<&'static str>>>);

impl LatestFault {
    pub(crate) fn set(&self, cause: Option<&'static str>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = cause;
    }

    fn get(&self) -> Option<&'static str> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that got no reply, with the address that it was for.
#[derive(Debug)]
pub(crate) struct Unreached {
    sentence: String,
    source: BoxError,
}

impl Unreached {
    pub(crate) fn new(address: &str, latest: &LatestFault, source: BoxError) -> Self {
        let fault = chain(&*source).find_map(|error| error.downcast_ref::<Fault>());
        let sentence = match (fault, latest.get()) {
            (Some(fault), _) => format!("no connection to {address}: {fault}"),
            (None, Some(cause)) => format!("no connection to {address}: {cause}"),
            (None, None) => format!("the connection to {address} broke: {}", root(&*source)),
        };
        Self { sentence, source }
    }
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl StdError for Unreached {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}
