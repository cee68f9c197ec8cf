//! What a browser with an empty cache loads for a page: the document and all that it names, as it comes over the wire in brotli.

use crate::Result;
use crate::client::{Connection, get};
use std::net::SocketAddr;

/// A page's weight.
#[derive(Clone, Debug)]
pub struct Weight {
    /// What the page is.
    pub name: &'static str,
    /// Requests.
    pub requests: usize,
    /// Bytes of all answers, headers included.
    pub bytes: usize,
    /// Of these, the document.
    pub document: usize,
    /// The document before it was compressed.
    pub plain: usize,
    /// Of these, script and module, which no page needs to work.
    pub script: usize,
}

/// Weighs a page.
///
/// # Errors
/// Something that the page names did not come.
pub async fn weigh(address: SocketAddr, name: &'static str, path: &str, cookie: &str) -> Result<Weight> {
    let told = |error: std::io::Error| format!("The connection broke while weighing {path}: {error}.");
    let mut connection = Connection::open(address).await.map_err(told)?;
    let plain = connection.ask(&get(path, cookie, "")).await.map_err(told)?;
    let page = plain.text().to_owned();
    let mut named = names(&page, "\"");
    let document = wire_bytes(&mut connection, path, cookie).await?;
    let mut weight = Weight { name, requests: 1, bytes: document, document, plain: page.len(), script: 0 };
    while let Some(file) = named.pop() {
        let bytes = wire_bytes(&mut connection, &file, cookie).await?;
        weight.requests += 1;
        weight.bytes += bytes;
        if file.ends_with(".js") || file.ends_with(".wasm") {
            weight.script += bytes;
        }
        if file.ends_with(".css") {
            let sheet = connection.ask(&get(&file, cookie, "")).await.map_err(told)?;
            named.extend(names(sheet.text(), ")"));
        }
    }
    Ok(weight)
}

/// The site's files that a text names, each once.
fn names(text: &str, end: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .match_indices("/site/")
        .filter_map(|(at, _)| text[at..].split(end).next())
        .map(|name| name.trim_matches(['"', '\'']).to_owned())
        .collect();
    found.sort();
    found.dedup();
    found
}

async fn wire_bytes(connection: &mut Connection, path: &str, cookie: &str) -> Result<usize> {
    let answer = connection.ask(&get(path, cookie, "br")).await.map_err(|error| format!("{path} did not come: {error}."))?;
    if answer.status == 200 { Ok(answer.head.len() + answer.body.len()) } else { Err(format!("{path} was answered {}.", answer.status)) }
}
