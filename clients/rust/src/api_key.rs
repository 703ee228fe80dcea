//! The API key, as it goes with every call.

use std::fmt;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use crate::error::Error;

const HEADER: &str = "x-api-key";
const PREFIX: &str = "af_";
const NO_KEY: &str = "the API key (AUTHFLOW_API_KEY) is none of AuthFlow's: give it as the server gave it, without quotes, spaces or anything else around it";

/// Adds the API key to every request of the stub that [`Client::auth`](crate::Client::auth) gives.
#[derive(Clone)]
pub struct ApiKey(MetadataValue<Ascii>);

impl ApiKey {
    /// The length is the server's affair.
    pub(crate) fn new(api_key: &str) -> Result<Self, Error> {
        let value = api_key
            .strip_prefix(PREFIX)
            .filter(|rest| is_base64url(rest));
        let mut value = value
            .and_then(|_| MetadataValue::try_from(api_key).ok())
            .ok_or_else(|| Error::invalid_option(NO_KEY))?;
        // Hides it from what libraries print of headers, and from the compression's shared table.
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

fn is_base64url(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    text.bytes().all(known)
}

impl Interceptor for ApiKey {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert(HEADER, self.0.clone());
        Ok(request)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_sent_and_not_printed() {
        let mut key = ApiKey::new("af_key").unwrap();
        let request = key.call(Request::new(())).unwrap();
        assert_eq!(request.metadata().get(HEADER).unwrap(), "af_key");
        assert!(!format!("{request:?} {key:?}").contains("af_key"));
    }

    #[test]
    fn what_cannot_be_a_key_is_refused_without_repeating_it() {
        for text in [
            "  ",
            "af_key ",
            " af_key",
            "\"af_key\"",
            "'af_key'",
            "af_key\n",
            "af_k\u{e9}y",
            "af_key.",
            "key_id",
            "AF_key",
        ] {
            let error = ApiKey::new(text).expect_err(text);
            assert!(error.message().contains("AUTHFLOW_API_KEY"), "{error}");
            assert!(!error.to_string().contains(text), "{error}");
            assert!(!error.to_string().contains("key_id"), "{error}");
        }
        for text in ["af_", "af_Az09_-", "af_key"] {
            assert!(ApiKey::new(text).is_ok(), "{text}");
        }
    }
}
