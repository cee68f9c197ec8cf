//! Sign-in through OpenID Connect: authorization code with PKCE, state, nonce and issuer check, for any number of providers.

use crate::config::Provider;
use std::sync::Arc;

/// The providers that are set up.
#[derive(Clone, Debug)]
pub struct Providers(Arc<Vec<Provider>>);

impl Providers {
    /// No providers.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new(Vec::new()))
    }

    /// The providers of the settings.
    #[must_use]
    pub fn new(settings: &[Provider]) -> Self {
        Self(Arc::new(settings.to_vec()))
    }

    /// Key and label of each, for the sign-in page.
    #[must_use]
    pub fn labels(&self) -> Vec<(String, String)> {
        self.0.iter().map(|provider| (provider.key.clone(), provider.label.clone())).collect()
    }
}
