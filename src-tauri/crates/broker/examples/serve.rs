//! The broker alone, without the services around it: for profilers.
//!
//! `cargo run --profile quick -p broker --example serve -- DIRECTORY [ADDRESS]`

use std::path::PathBuf;

use broker::{Broker, BrokerConfig, SystemClock};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().ok_or("which directory?")?);
    let address = args.next().unwrap_or_else(|| "127.0.0.1:0".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("{}", listener.local_addr()?);
    let broker = Broker::open(BrokerConfig::new(dir), SystemClock)?;
    let interrupted = async {
        // Without a handler for signals it runs until it is killed.
        let _ = tokio::signal::ctrl_c().await;
    };
    broker::serve(listener, broker.clone(), interrupted).await;
    broker.close().await?;
    Ok(())
}
