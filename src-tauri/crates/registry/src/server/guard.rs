//! Keeps web pages out: a browser on this computer reaches loopback too.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::reply::Failure;

#[derive(Debug, Clone, Copy)]
pub(super) struct Guard {
    /// Only this computer reaches the listener.
    pub(super) is_loopback: bool,
}

/// Refuses requests a page of another origin sent, and on loopback those sent
/// to a name that merely resolves to it (DNS rebinding).
pub(super) async fn guard(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if let Some(origin) = text(headers, header::ORIGIN)
        && !is_local_origin(origin)
    {
        return refuse("requests of web pages are not answered");
    }
    if guard.is_loopback
        && let Some(host) = text(headers, header::HOST)
        && !is_local_host(host)
    {
        return refuse("this service is for this computer; ask for localhost or 127.0.0.1");
    }
    next.run(request).await
}

fn refuse(message: &str) -> Response {
    Failure { status: 403, code: 403, message: message.into() }.into_response()
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("not text"))
}

fn is_local_origin(origin: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, host)| is_local_host(host))
}

fn is_local_host(host: &str) -> bool {
    // `[::1]:8081`, `127.0.0.1:8081`, `localhost`
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(name, _)| name),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let is_address = name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    is_address || name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_computer_is_local() {
        for (host, expected) in [
            ("localhost", true),
            ("LOCALHOST:8081", true),
            ("127.0.0.1:8081", true),
            ("127.1.2.3", true),
            ("[::1]:8081", true),
            ("registry.localhost:1", true),
            ("evil.example:8081", false),
            ("localhost.evil.example", false),
            ("192.168.0.2:8081", false),
            ("[::2]", false),
            ("", false),
        ] {
            assert_eq!(is_local_host(host), expected, "{host}");
        }
        assert!(is_local_origin("http://localhost:5173"));
        assert!(!is_local_origin("null"));
        assert!(!is_local_origin("https://evil.example"));
    }
}
