//! From which network a request comes, for limits that count by network: the peer's address, or the one that a reverse proxy notes down in
//! the header named in the settings. Of an IPv6 address the first 64 bits count, since a household owns them all.

use app::account::Network;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderName;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// The layer.
pub async fn note(State(header): State<Option<HeaderName>>, mut request: Request, next: Next) -> Response {
    let told = header.and_then(|name| request.headers().get(name)).and_then(|value| value.to_str().ok());
    // A proxy adds the address it saw at the end of the list; what stands before it is the visitor's own claim.
    let told = told.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse().ok());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let network = told.or(peer).map_or_else(|| "unknown".to_owned(), name_of);
    request.extensions_mut().insert(Network(network));
    next.run(request).await
}

fn name_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.to_string(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_household_is_one_network() {
        let of = |text: &str| name_of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(of("::ffff:10.0.0.1"), "10.0.0.1");
    }
}
