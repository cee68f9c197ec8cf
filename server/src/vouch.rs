//! OpenID Connect providers: their discovery documents and keys (fetched when first needed, kept for an hour, fetched again when a token
//! names an unknown key), and the judgement of what they say about a person.

use crate::config::{Provider, is_loopback};
use app::account::work::enter::Vouched;
use chrono::{DateTime, Utc};
use domain::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType, CoreIdToken,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm, CoreResponseMode,
    CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadata, RedirectUrl, Scope, SignatureVerificationError, TokenResponse, reqwest,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::RwLock;

/// What a provider's keys and addresses are kept for.
const KEEP_SECONDS: i64 = 60 * 60;
/// Signatures by a published key only: never `none`, never a shared secret.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Whether the provider names itself in its answer (RFC 9207); then an answer without it is refused.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
struct NamesItself {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for NamesItself {}

type Metadata = ProviderMetadata<
    NamesItself,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;
type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// Why a provider's answer was not taken: for the log, not for the person.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Doubt(String);

fn doubt(cause: impl std::fmt::Display) -> Doubt {
    Doubt(cause.to_string())
}

/// The providers that are set up.
#[derive(Clone, Debug, Default)]
pub struct Providers(Arc<Vec<Trusted>>);

/// One provider, with what is known of it.
#[derive(Debug)]
pub struct Trusted {
    settings: Provider,
    redirect: String,
    http: reqwest::Client,
    known: RwLock<Option<(Timestamp, Arc<Metadata>)>>,
}

/// What a journey to a provider begins with.
#[derive(Debug)]
pub struct Departure {
    /// Where the browser goes.
    pub address: String,
    /// The state's secret.
    pub state: String,
    /// The nonce.
    pub nonce: String,
    /// The PKCE verifier.
    pub verifier: String,
}

impl Providers {
    /// No providers.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// The providers of the settings, for a portal at `base_url`.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(settings: &[Provider], base_url: &str) -> Result<Self, reqwest::Error> {
        let trusted = settings.iter().map(|settings| {
            // Following redirects would let a provider's answer lead into the agency's own network.
            let mut client = reqwest::ClientBuilder::new()
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(Duration::from_secs(5))
                .timeout(Duration::from_secs(15));
            if settings.issuer.starts_with("http://") {
                client = client.no_proxy();
            }
            let http = client.build()?;
            let redirect = format!("{base_url}/sign-in/oidc/callback");
            Ok(Trusted { settings: settings.clone(), redirect, http, known: RwLock::new(None) })
        });
        Ok(Self(Arc::new(trusted.collect::<Result<_, _>>()?)))
    }

    /// Key and label of each, for the sign-in page.
    #[must_use]
    pub fn labels(&self) -> Vec<(String, String)> {
        self.0.iter().map(|provider| (provider.settings.key.clone(), provider.settings.label.clone())).collect()
    }

    /// A provider by its key.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&Trusted> {
        self.0.iter().find(|provider| provider.settings.key == key)
    }
}

impl Trusted {
    /// The label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// Makes the address to send the browser to.
    ///
    /// # Errors
    /// When the provider cannot be reached, or its discovery document is wrong.
    pub async fn depart(&self, state: String, nonce: String, now: Timestamp) -> Result<Departure, Doubt> {
        let client = self.client(&*self.metadata(now, false).await?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (given_state, given_nonce) = (state.clone(), nonce.clone());
        let (address, _, _) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(given_state.clone()),
                move || Nonce::new(given_nonce.clone()),
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        Ok(Departure { address: address.to_string(), state, nonce, verifier: verifier.into_secret() })
    }

    /// Redeems the code and judges the identity token: signature, issuer, audience, time, nonce, and the access token's hash.
    /// `iss` is the issuer that the answer names, which must be this one: else an answer of one provider could be passed off as another's.
    ///
    /// # Errors
    /// Whatever does not fit.
    pub async fn arrive(&self, code: String, iss: Option<&str>, nonce: &str, verifier: String, now: Timestamp) -> Result<Vouched, Doubt> {
        let metadata = self.metadata(now, false).await?;
        match iss {
            Some(iss) if iss != self.settings.issuer => return Err(doubt(format!("the answer names the issuer {iss}"))),
            None if metadata.additional_metadata().authorization_response_iss_parameter_supported => {
                return Err(doubt("the answer does not name its issuer, as this provider always does"));
            }
            _ => {}
        }
        let answer = self
            .client(&metadata)?
            .exchange_code(AuthorizationCode::new(code))
            .map_err(doubt)?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&self.http)
            .await
            .map_err(doubt)?;
        let token = answer.id_token().ok_or_else(|| doubt("there is no identity token"))?;
        match self.judge(&metadata, token, &answer, nonce, now) {
            Err(Judged::UnknownKey) => {
                let fresh = self.metadata(now, true).await?;
                self.judge(&fresh, token, &answer, nonce, now).map_err(doubt)
            }
            other => other.map_err(doubt),
        }
    }

    fn judge(
        &self,
        metadata: &Metadata,
        token: &CoreIdToken,
        answer: &CoreTokenResponse,
        nonce: &str,
        now: Timestamp,
    ) -> Result<Vouched, Judged> {
        let client = self.client(metadata)?;
        let at: DateTime<Utc> = now.utc();
        let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || at);
        let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned())).map_err(|wrong| match wrong {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => Judged::UnknownKey,
            other => Judged::Wrong(doubt(format!("{other:?}"))),
        })?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = token.signing_alg().map_err(doubt)?;
            let key = token.signing_key(&verifier).map_err(doubt)?;
            if AccessTokenHash::from_token(answer.access_token(), algorithm, key).map_err(doubt)? != *expected {
                return Err(Judged::Wrong(doubt("the access token is another's")));
            }
        }
        let verified = claims.email_verified() == Some(true);
        Ok(Vouched {
            issuer: self.settings.issuer.clone(),
            subject: claims.subject().to_string(),
            verified_email: claims.email().filter(|_| verified).map(|email| email.to_string()),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
        })
    }

    fn client(&self, metadata: &Metadata) -> Result<Client, Doubt> {
        let secret = self.settings.client_secret.clone().map(ClientSecret::new);
        let redirect = RedirectUrl::new(self.redirect.clone()).map_err(doubt)?;
        let id = ClientId::new(self.settings.client_id.clone());
        Ok(CoreClient::from_provider_metadata(metadata.clone(), id, secret).set_redirect_uri(redirect))
    }

    async fn metadata(&self, now: Timestamp, afresh: bool) -> Result<Arc<Metadata>, Doubt> {
        if !afresh
            && let Some((since, known)) = self.known.read().await.as_ref()
            && (0..KEEP_SECONDS).contains(&now.seconds_since(*since))
        {
            return Ok(Arc::clone(known));
        }
        let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(doubt)?;
        let found = Metadata::discover_async(issuer, &self.http).await.map_err(|failed| doubt(format!("discovery: {failed:?}")))?;
        self.check_addresses(&found)?;
        let found = Arc::new(found);
        *self.known.write().await = Some((now, Arc::clone(&found)));
        Ok(found)
    }

    /// A discovery document must not lead from https to plain http, where codes and secrets could be read.
    fn check_addresses(&self, found: &Metadata) -> Result<(), Doubt> {
        let token = found.token_endpoint().ok_or_else(|| doubt("discovery names no token endpoint"))?.url();
        for address in [found.authorization_endpoint().url(), token, found.jwks_uri().url()] {
            let loopback = self.settings.issuer.starts_with("http://") && is_loopback(address.host_str().unwrap_or_default());
            if address.scheme() != "https" && !loopback {
                return Err(doubt(format!("discovery names {address}, which is not https")));
            }
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum Judged {
    #[error("the token is signed with a key that the provider does not publish")]
    UnknownKey,
    #[error(transparent)]
    Wrong(#[from] Doubt),
}
