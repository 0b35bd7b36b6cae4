//! Garbage on the Kafka port: that connection ends, every other goes on.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::producer::{FutureProducer, FutureRecord};

use crate::support::{LIMIT, Server};

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(&server.kafka).expect("the port is open");
    stream.set_read_timeout(Some(LIMIT)).expect("a time limit");
    stream
}

/// Sends bytes and waits for the other side to close; returns what came before.
fn send_and_drain(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(server);
    // The other side may close while this is still sending.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => answer,
        Err(error) if error.kind() == ErrorKind::ConnectionReset => answer,
        Err(error) => panic!("the connection was not closed: {error}"),
    }
}

fn request(api_key: i16, version: i16) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend(api_key.to_be_bytes());
    body.extend(version.to_be_bytes());
    body.extend(7_i32.to_be_bytes());
    body.extend((-1_i16).to_be_bytes());
    let mut frame = (body.len() as i32).to_be_bytes().to_vec();
    frame.extend(body);
    frame
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_closes_its_own_connection_only() {
    let mut server = Server::start();
    let producer: FutureProducer =
        ClientConfig::new().set("bootstrap.servers", &server.kafka).create().expect("a producer");
    let send = async |value: &str| {
        let record = FutureRecord::<(), str>::to("witness").payload(value);
        producer.send(record, Duration::from_secs(30)).await.expect("the witness goes on")
    };
    send("before").await;

    let noise: Vec<u8> = (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 | 0x80).collect();
    let http = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec();
    let two_gigabytes = [i32::MAX.to_be_bytes().as_slice(), b"x"].concat();
    let negative = (-1_i32).to_be_bytes().to_vec();
    // Metadata v1 that claims two thousand million topics in a frame of a few bytes.
    let mut claim = request(3, 1);
    claim.extend(i32::MAX.to_be_bytes());
    let length = (claim.len() - 4) as i32;
    claim[..4].copy_from_slice(&length.to_be_bytes());
    for (what, bytes) in [
        ("noise", noise),
        ("HTTP", http),
        ("a length of 2 GB", two_gigabytes),
        ("a negative length", negative),
        ("an unknown API", request(9_999, 0)),
        ("a broker-to-broker API", request(4, 0)),
        ("an unknown version of Metadata", request(3, 99)),
        ("a claim of many elements", claim),
    ] {
        let answer = send_and_drain(&server, &bytes);
        assert!(answer.is_empty(), "{what} was answered with {answer:?}");
        send(what).await;
    }

    // Half a request, then silence, then a hang-up.
    let mut half = connect(&server);
    half.write_all(&request(3, 1)[..9]).expect("sent");
    send("while half a request waits").await;
    drop(half);

    send("after").await;
    assert!(server.is_running());
    assert!(peak_mib(server.pid()) < 256, "memory follows the bytes received, not the lengths claimed");
    let log = server.log();
    assert!(log.contains("connection closed"), "a log line says why: {log}");
}

/// The most memory the process ever had, or 0 where there is no /proc.
fn peak_mib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|kib| kib.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// ApiVersions at a version from the future is answered at v0 with the list.
#[test]
fn api_versions_from_the_future_is_answered() {
    let server = Server::start();
    let mut stream = connect(&server);
    let mut frame = request(18, 99);
    // Flexible header: an empty tagged-field section.
    frame.push(0);
    let length = (frame.len() - 4) as i32;
    frame[..4].copy_from_slice(&length.to_be_bytes());
    stream.write_all(&frame).expect("sent");
    let mut size = [0; 4];
    stream.read_exact(&mut size).expect("an answer");
    let mut body = vec![0; i32::from_be_bytes(size) as usize];
    stream.read_exact(&mut body).expect("the whole answer");
    assert_eq!(body[..4], 7_i32.to_be_bytes(), "the correlation id, with no tagged fields after it");
    assert_eq!(body[4..6], 35_i16.to_be_bytes(), "UNSUPPORTED_VERSION");
    let count = i32::from_be_bytes(body[6..10].try_into().expect("four bytes"));
    assert!(count > 20 && body.len() == 10 + count as usize * 6, "{count} APIs in {} bytes", body.len());
}
