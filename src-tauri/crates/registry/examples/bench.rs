//! Figures of the registry alone, its log in memory:
//! `cargo run --profile quick -p registry --example bench`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use registry::{Config, MemoryLog, Registry, SchemaLog, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const SCHEMAS: usize = 10_000;
const CONNECTIONS: usize = 16;
const LOOKUPS: usize = 10_000;
const REGISTRATIONS: usize = 2_000;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let log = Arc::new(MemoryLog::default());
    for id in 1..=SCHEMAS {
        let key = format!(r#"{{"keytype":"SCHEMA","subject":"topic-{id}-value","version":1,"magic":1}}"#);
        let schema = schema(id).replace('"', "\\\"");
        let value = format!(
            r#"{{"subject":"topic-{id}-value","version":1,"id":{id},"schemaType":"AVRO","schema":"{schema}","deleted":false}}"#
        );
        log.append(Bytes::from(key), Some(Bytes::from(value))).await?;
    }
    let started = Instant::now();
    let registry = Registry::open(log, Config::default()).await?;
    println!("start with {SCHEMAS} schemas: {:?}", started.elapsed());

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(serve(listener, registry, std::future::pending()));

    let started = Instant::now();
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|connection| {
            tokio::spawn(async move {
                let mut client = Client::connect(address).await?;
                for n in 0..LOOKUPS {
                    client
                        .send("GET", &format!("/schemas/ids/{}", (connection * 631 + n) % SCHEMAS + 1), "")
                        .await?;
                }
                Result::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    let rate = (CONNECTIONS * LOOKUPS) as f64 / started.elapsed().as_secs_f64();
    println!("look-up by id, {CONNECTIONS} connections kept alive: {rate:.0} a second, client included");

    let mut client = Client::connect(address).await?;
    let mut times: Vec<Duration> = Vec::with_capacity(REGISTRATIONS);
    for n in 0..REGISTRATIONS {
        let schema = schema(SCHEMAS + n).replace('"', "\\\"");
        let body = format!(r#"{{"schema":"{schema}"}}"#);
        let started = Instant::now();
        client.send("POST", &format!("/subjects/new-{n}-value/versions"), &body).await?;
        times.push(started.elapsed());
    }
    times.sort();
    println!("register: p50 {:?}, p99 {:?}", times[REGISTRATIONS / 2], times[REGISTRATIONS * 99 / 100]);
    Ok(())
}

fn schema(n: usize) -> String {
    format!(
        r#"{{"type":"record","name":"Event{n}","namespace":"bench","fields":[{{"name":"id","type":"long"}},{{"name":"name","type":"string"}},{{"name":"at","type":{{"type":"long","logicalType":"timestamp-millis"}}}},{{"name":"tags","type":{{"type":"array","items":"string"}}}}]}}"#
    )
}

/// One connection, one request at a time.
struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    async fn connect(address: std::net::SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::new() })
    }

    async fn send(&mut self, method: &str, path: &str, body: &str) -> Result<()> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            let mut chunk = [0; 4096];
            let read = self.stream.read(&mut chunk).await?;
            self.buffer.extend_from_slice(&chunk[..read]);
            let text = String::from_utf8_lossy(&self.buffer);
            let Some((head, rest)) = text.split_once("\r\n\r\n") else {
                if read == 0 {
                    return Err("the connection ended".into());
                }
                continue;
            };
            if !head.starts_with("HTTP/1.1 200") {
                return Err(text.into_owned().into());
            }
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if rest.len() >= length.unwrap_or("0").parse::<usize>()? {
                return Ok(());
            }
        }
    }
}
