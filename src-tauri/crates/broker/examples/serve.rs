//! A broker and nothing else: `cargo run -p broker --example serve -- --dir D [--port 9092] [key=value]…`.
//!
//! Prints the address it serves once it does. Ctrl-C or SIGTERM stops it.

use std::error::Error;

use broker::{Broker, BrokerConfig, SystemClock};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    let mut config = None;
    let mut port = 9092;
    let mut properties = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--dir" => config = arguments.next().map(BrokerConfig::new),
            "--port" => port = arguments.next().ok_or("--port needs a number")?.parse()?,
            other => {
                let (name, value) = other.split_once('=').ok_or("expected key=value")?;
                properties.push((name.to_owned(), value.to_owned()));
            }
        }
    }
    let mut config = config.ok_or("--dir says where the data is")?;
    config.properties.extend(properties);
    let broker = Broker::open(config, SystemClock)?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("{}", listener.local_addr()?);
    let mut term = signal(SignalKind::terminate())?;
    broker::serve(listener, broker.clone(), async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    })
    .await;
    broker.close().await?;
    Ok(())
}
