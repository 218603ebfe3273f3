//! Starts the service on a free port and knocks.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_is_served_and_what_is_not_in_it_is_not() {
    let settings = "[server]\nmode = \"dev\"\nlisten = \"127.0.0.1:0\"\nadmin = false\n";
    let config = protogate::Config::from_toml(settings).expect("good settings");
    let running = reference_service::server(config).start().await.expect("starts");
    let address = running.addr();
    let answer =
        tokio::task::spawn_blocking(move || get(address, "/not/in/the/contract")).await.expect("runs");
    let answer = answer.expect("answers");
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    assert!(running.shutdown().await, "everything ends by itself");
}
