//! Settings: from the command line, the environment and one TOML file, in this order. A missing or bad setting is one sentence that names
//! the setting; nothing here panics, and no secret is ever printed. docs/CONFIGURATION.md says what each is for.

use app::call::House;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// A setting that is missing or cannot be used, in a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadSetting(pub String);

/// What the command line and the environment say; each also stands in the file, under the name without dashes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Given {
    /// The settings file (TOML); ./allotment.toml is read when it is there
    #[arg(long, global = true, env = "ALLOTMENT_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder for uploaded files and, without a database address, the SQLite file [default: data]
    #[arg(long, global = true, env = "ALLOTMENT_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The database: sqlite:PATH or postgres://USER@HOST/NAME [default: sqlite:DATA/allotment.db]
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true, value_name = "ADDRESS")]
    pub database_url: Option<String>,
    /// Where to listen [default: 127.0.0.1:3000]
    #[arg(long, global = true, env = "ALLOTMENT_ADDRESS", value_name = "HOST:PORT")]
    pub address: Option<String>,
    /// The address that people type, for links in mail and for sign-in [default: http://ADDRESS, on loopback only]
    #[arg(long, global = true, env = "ALLOTMENT_BASE_URL", value_name = "URL")]
    pub base_url: Option<String>,
    /// The mail server: smtp://HOST:PORT, smtps://USER:PASSWORD@HOST, or smtp://…?tls=required; without it mail waits in the outbox
    #[arg(long, global = true, env = "ALLOTMENT_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<String>,
    /// The sender of all mail, as “Allotment <allotment@agency.example.gov>”; needed with a mail server
    #[arg(long, global = true, env = "ALLOTMENT_MAIL_FROM", value_name = "MAILBOX")]
    pub mail_from: Option<String>,
    /// The header in which your reverse proxy puts the visitor's address, such as x-real-ip; leave it out when there is no proxy
    #[arg(long, global = true, env = "ALLOTMENT_CLIENT_ADDRESS_HEADER", value_name = "NAME")]
    pub client_address_header: Option<String>,
}

/// The settings file.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    data: Option<PathBuf>,
    database_url: Option<String>,
    address: Option<String>,
    base_url: Option<String>,
    smtp_url: Option<String>,
    mail_from: Option<String>,
    client_address_header: Option<String>,
    providers: Vec<Provider>,
}

/// One OpenID Connect provider.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Names it in addresses: lower-case letters, digits and dashes.
    pub key: String,
    /// On the button: “Sign in with …”.
    pub label: String,
    /// The issuer, exactly as the provider's discovery document writes it.
    pub issuer: String,
    /// The client registered there.
    pub client_id: String,
    /// Its secret; none for a public client (PKCE is always used).
    #[serde(default)]
    pub client_secret: Option<String>,
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider").field("key", &self.key).field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// All settings, checked.
#[derive(Clone)]
pub struct Config {
    /// The folder for files.
    pub data: PathBuf,
    /// The database.
    pub database_url: String,
    /// Where to listen.
    pub address: SocketAddr,
    /// Without a slash at the end.
    pub base_url: String,
    /// The mail server and the sender.
    pub mail: Option<Mail>,
    /// The proxy's header with the visitor's address.
    pub client_address_header: Option<http::HeaderName>,
    /// Sign-in providers.
    pub providers: Vec<Provider>,
}

/// Where mail goes out.
#[derive(Clone)]
pub struct Mail {
    /// As lettre reads it.
    pub smtp_url: String,
    /// The sender.
    pub from: lettre::message::Mailbox,
}

impl Config {
    /// Reads the file, lays the environment and the command line over it, and checks the result.
    ///
    /// # Errors
    /// One sentence about the first setting that is missing or wrong.
    pub fn read(given: &Given) -> Result<Self, BadSetting> {
        let environment: BTreeMap<String, String> = std::env::vars().filter(|(name, _)| name.starts_with("ALLOTMENT_OIDC_")).collect();
        let file = read_file(given.config.as_deref())?;
        Self::lay(given, file, &environment)
    }

    fn lay(given: &Given, file: File, environment: &BTreeMap<String, String>) -> Result<Self, BadSetting> {
        let data = given.data.clone().or(file.data).unwrap_or_else(|| PathBuf::from("data"));
        let typed = given.address.clone().or(file.address).unwrap_or_else(|| "127.0.0.1:3000".to_owned());
        let address: SocketAddr = typed.replace("localhost:", "127.0.0.1:").parse().map_err(|_| {
            BadSetting(format!("The setting address is “{typed}”, which is not an address to listen on. Use one such as 127.0.0.1:3000."))
        })?;
        let base_url = check_base_url(given.base_url.clone().or(file.base_url), address)?;
        let database_url = match given.database_url.clone().or(file.database_url) {
            Some(url) if ["sqlite:", "postgres://", "postgresql://"].iter().any(|start| url.starts_with(start)) => url,
            Some(_) => {
                return Err(BadSetting("The setting database_url must be sqlite:PATH or postgres://USER@HOST/NAME.".to_owned()));
            }
            None => format!("sqlite:{}", data.join("allotment.db").display()),
        };
        let mail = check_mail(given.smtp_url.clone().or(file.smtp_url), given.mail_from.clone().or(file.mail_from))?;
        let client_address_header = given
            .client_address_header
            .clone()
            .or(file.client_address_header)
            .map(|name| {
                http::HeaderName::try_from(&name)
                    .map_err(|_| BadSetting(format!("The setting client_address_header is “{name}”, which is not a header's name.")))
            })
            .transpose()?;
        let mut providers = file.providers;
        lay_environment(&mut providers, environment)?;
        check_providers(&providers, &base_url)?;
        Ok(Self { data, database_url, address, base_url, mail, client_address_header, providers })
    }

    /// The demo's settings: a SQLite file of its own in `data`, whatever else is configured, so that the demo never touches real records.
    ///
    /// # Errors
    /// One sentence about the address.
    pub fn for_demo(data: PathBuf, address: Option<String>, base_url: Option<String>) -> Result<Self, BadSetting> {
        let given = Given { data: Some(data), address, base_url, ..Given::default() };
        Self::lay(&given, File::default(), &BTreeMap::new())
    }

    /// Where uploaded files lie.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.data.join("files")
    }

    /// What pages need of the settings.
    #[must_use]
    pub fn house(&self, demo: bool) -> House {
        House {
            base_url: self.base_url.clone(),
            files: self.files(),
            demo,
            site: crate::site::names(),
            providers: self.providers.iter().map(|provider| (provider.key.clone(), provider.label.clone())).collect(),
        }
    }
}

fn read_file(path: Option<&Path>) -> Result<File, BadSetting> {
    let (path, named) = path.map_or((Path::new("allotment.toml"), false), |path| (path, true));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound && !named => return Ok(File::default()),
        Err(failed) => return Err(BadSetting(format!("The settings file {} cannot be read: {failed}.", path.display()))),
    };
    // The parser's own message quotes the line, which may hold a secret: only its first sentence and the line's number are told.
    toml_edit::de::from_str(&text).map_err(|wrong| {
        let line = wrong.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        BadSetting(format!("The settings file {} is wrong in line {line}: {}.", path.display(), wrong.message().trim_end_matches('.')))
    })
}

fn check_base_url(given: Option<String>, address: SocketAddr) -> Result<String, BadSetting> {
    let Some(url) = given else {
        if address.ip().is_loopback() {
            return Ok(format!("http://{address}"));
        }
        return Err(BadSetting(
            "The setting base_url is missing. Give the address that people type, such as https://allotment.example.gov.".to_owned(),
        ));
    };
    let url = url.trim_end_matches('/').to_owned();
    let wrong = |why: &str| BadSetting(format!("The setting base_url is “{url}”, {why}"));
    let parsed: http::Uri = url.parse().map_err(|_| wrong("which is not a web address."))?;
    match parsed.scheme_str() {
        Some("https") => {}
        Some("http") if is_loopback(parsed.host().unwrap_or_default()) => {}
        Some("http") => return Err(wrong("but without https only a loopback address is safe to sign in on.")),
        _ => return Err(wrong("but it must begin with https:// (or http:// on loopback).")),
    }
    if parsed.host().is_none() || !matches!(parsed.path(), "" | "/") || parsed.query().is_some() {
        return Err(wrong("but it must be scheme and host only, without a path."));
    }
    Ok(url)
}

/// Whether a host names this machine itself.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn check_mail(smtp_url: Option<String>, from: Option<String>) -> Result<Option<Mail>, BadSetting> {
    let Some(smtp_url) = smtp_url else { return Ok(None) };
    let Some(from) = from else {
        return Err(BadSetting("The setting mail_from is missing: with a mail server there must be a sender.".to_owned()));
    };
    let from = from.parse().map_err(|_| {
        BadSetting(format!("The setting mail_from is “{from}”, which is not a sender such as Allotment <mail@example.gov>."))
    })?;
    if let Err(wrong) = crate::mail::transport(&smtp_url) {
        return Err(BadSetting(format!("The setting smtp_url is not a mail server's address: {wrong}.")));
    }
    Ok(Some(Mail { smtp_url, from }))
}

/// `ALLOTMENT_OIDC_<KEY>_{LABEL,ISSUER,CLIENT_ID,CLIENT_SECRET}`, for the keys in `ALLOTMENT_OIDC_PROVIDERS` and those of the file.
fn lay_environment(providers: &mut Vec<Provider>, environment: &BTreeMap<String, String>) -> Result<(), BadSetting> {
    let named = environment.get("ALLOTMENT_OIDC_PROVIDERS").map(String::as_str).unwrap_or_default();
    for key in named.split([',', ' ']).filter(|key| !key.is_empty()) {
        if !providers.iter().any(|provider| provider.key == key) {
            let of = |what: &str| {
                let name = variable(key, what);
                environment.get(&name).cloned().ok_or_else(|| BadSetting(format!("The setting {name} is missing.")))
            };
            providers.push(Provider {
                key: key.to_owned(),
                label: of("LABEL")?,
                issuer: of("ISSUER")?,
                client_id: of("CLIENT_ID")?,
                client_secret: None,
            });
        }
    }
    for provider in providers {
        if let Some(secret) = environment.get(&variable(&provider.key, "CLIENT_SECRET")) {
            provider.client_secret = Some(secret.clone());
        }
    }
    Ok(())
}

fn variable(key: &str, what: &str) -> String {
    format!("ALLOTMENT_OIDC_{}_{what}", key.to_ascii_uppercase().replace('-', "_"))
}

fn check_providers(providers: &[Provider], base_url: &str) -> Result<(), BadSetting> {
    for (index, provider) in providers.iter().enumerate() {
        let key = &provider.key;
        let wrong = |why: String| Err(BadSetting(format!("The sign-in provider “{key}” {why}")));
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
            return wrong("has a key that is not made of lower-case letters, digits and dashes.".to_owned());
        }
        if providers.iter().take(index).any(|other| other.key == *key || other.issuer == provider.issuer) {
            return wrong("is there twice, by its key or its issuer.".to_owned());
        }
        if key == "callback" {
            return wrong("needs another key: this one is the address to which providers send people back.".to_owned());
        }
        if provider.label.trim().is_empty() || provider.client_id.trim().is_empty() {
            return wrong("needs a label and a client_id.".to_owned());
        }
        let Ok(issuer) = provider.issuer.parse::<http::Uri>() else {
            return wrong(format!("has the issuer “{}”, which is not a web address.", provider.issuer));
        };
        let loopback = issuer.scheme_str() == Some("http") && is_loopback(issuer.host().unwrap_or_default());
        let both_loopback = loopback && base_url.starts_with("http://");
        if issuer.scheme_str() != Some("https") && !both_loopback {
            return wrong("has an issuer without https, which is allowed only between loopback addresses.".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lay(toml: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let file: File = toml_edit::de::from_str(toml).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::lay(&Given::default(), file, &environment).map_err(|bad| bad.to_string())
    }

    #[test]
    fn without_settings_it_listens_on_loopback_with_a_sqlite_file() {
        let config = lay("", &[]).ok().unwrap();
        assert_eq!((config.base_url.as_str(), config.database_url.as_str()), ("http://127.0.0.1:3000", "sqlite:data/allotment.db"));
    }

    #[test]
    fn each_bad_setting_is_one_sentence_that_names_it() {
        for (toml, says) in [
            ("address = 'here'", "The setting address is “here”"),
            ("address = '0.0.0.0:80'", "The setting base_url is missing"),
            ("base_url = 'http://allotment.example.gov'", "without https only a loopback address"),
            ("base_url = 'https://a.example/portal'", "without a path"),
            ("database_url = 'mysql://x'", "The setting database_url must be"),
            ("smtp_url = 'smtp://localhost'", "The setting mail_from is missing"),
            ("smtp_url = 'nonsense'\nmail_from = 'a@b.example'", "The setting smtp_url is not"),
            ("smtp_url = 'smtp://localhost'\nmail_from = 'nobody'", "The setting mail_from is “nobody”"),
            ("[[providers]]\nkey='A'\nlabel='L'\nissuer='https://i'\nclient_id='c'", "lower-case letters"),
            ("[[providers]]\nkey='a'\nlabel='L'\nissuer='http://i.example'\nclient_id='c'", "without https"),
        ] {
            let told = lay(toml, &[]).err().unwrap();
            assert!(told.contains(says), "{toml}: {told}");
        }
    }

    #[test]
    fn a_provider_can_stand_in_the_environment_alone() {
        let config = lay(
            "",
            &[
                ("ALLOTMENT_OIDC_PROVIDERS", "state"),
                ("ALLOTMENT_OIDC_STATE_LABEL", "State login"),
                ("ALLOTMENT_OIDC_STATE_ISSUER", "https://login.example.gov"),
                ("ALLOTMENT_OIDC_STATE_CLIENT_ID", "allotment"),
                ("ALLOTMENT_OIDC_STATE_CLIENT_SECRET", "s"),
            ],
        );
        assert_eq!(config.ok().unwrap().providers[0].client_secret.as_deref(), Some("s"));
        assert!(lay("", &[("ALLOTMENT_OIDC_PROVIDERS", "state")]).err().unwrap().contains("ALLOTMENT_OIDC_STATE_LABEL is missing"));
    }
}
