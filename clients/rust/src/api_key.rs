//! The API key, as it goes with every call.

use std::fmt;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use crate::error::Error;

const HEADER: &str = "x-api-key";

/// Adds the API key to every request of the stub that [`Client::auth`](crate::Client::auth) gives.
#[derive(Clone)]
pub struct ApiKey(MetadataValue<Ascii>);

impl ApiKey {
    pub(crate) fn new(api_key: &str) -> Result<Self, Error> {
        if api_key.is_empty() {
            return Err(Error::invalid_option("the API key is empty"));
        }
        let mut value = MetadataValue::try_from(api_key)
            .map_err(|_| Error::invalid_option("the API key has characters that no key has"))?;
        // Hides it from what libraries print of headers, and from the compression's shared table.
        value.set_sensitive(true);
        Ok(Self(value))
    }
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
}
