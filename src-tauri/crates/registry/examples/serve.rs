//! A registry with a log in memory, for trying clients on it:
//! `cargo run -p registry --example serve -- 127.0.0.1:8081`.

use std::sync::Arc;

use registry::{Config, MemoryLog, Registry, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8081".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    let registry = Registry::open(Arc::new(MemoryLog::default()), Config::default()).await?;
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    serve(listener, registry, interrupted).await?;
    Ok(())
}
