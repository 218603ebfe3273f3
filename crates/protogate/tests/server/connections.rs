//! Connections: slow peers, what the server advertises, TLS.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::client::{grpc, server, start};

#[tokio::test]
async fn slow_peers_are_closed_within_their_limits() {
    let server = start("[limits]\nfirst_bytes = \"300ms\"\nh1_head = \"300ms\"\nkeepalive = \"1s\"\nkeepalive_timeout = \"300ms\"\n").await;
    let cases: [(&str, &[u8]); 6] = [
        ("nothing", b""),
        ("part of the preface", b"PRI * HTT"),
        ("part of a request line", b"GET /v1/wa"),
        ("part of a head", b"GET /v1/watch HTTP/1.1\r\nhost: a\r\nx-a: "),
        ("an idle connection after the preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
        ("the preface without settings", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ];
    for (what, bytes) in cases {
        let mut socket = TcpStream::connect(server.addr()).await.unwrap();
        socket.write_all(bytes).await.unwrap();
        let begun = Instant::now();
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(8), socket.read_to_end(&mut rest)).await;
        assert!(closed.is_ok(), "{what}: still open");
        assert!(begun.elapsed() < Duration::from_secs(4), "{what}: {:?}", begun.elapsed());
    }
    // A dripping peer does not win time.
    let mut socket = TcpStream::connect(server.addr()).await.unwrap();
    let begun = Instant::now();
    for byte in b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" {
        if socket.write_all(&[*byte]).await.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    let mut rest = Vec::new();
    let _ =
        tokio::time::timeout(Duration::from_secs(5), socket.read_to_end(&mut rest)).await.expect("closed");
    assert!(begun.elapsed() < Duration::from_secs(4));
    assert_eq!(grpc(server.addr(), "Open", &[], "x").await.code(), 0);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn http2_settings_are_advertised() {
    let server = start("").await;
    let mut socket = TcpStream::connect(server.addr()).await.unwrap();
    socket.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut head = [0; 9];
    socket.read_exact(&mut head).await.unwrap();
    assert_eq!(head[3], 4, "the first frame is SETTINGS");
    let mut settings = vec![0; usize::from(head[2])];
    socket.read_exact(&mut settings).await.unwrap();
    let setting = |id: u8| {
        let found = settings.chunks(6).find(|chunk| chunk[1] == id)?;
        Some(u32::from_be_bytes(found[2..6].try_into().unwrap()))
    };
    assert_eq!(setting(3), Some(200), "max concurrent streams");
    assert_eq!(setting(6), Some(16 * 1024), "max header list");
    assert!(setting(4).is_none_or(|window| window == 64 * 1024), "stream window");
    assert_ne!(setting(8), Some(1), "extended connect");
    drop(socket);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn an_old_connection_is_asked_to_end() {
    let server = start("[limits]\nconnection_age = \"1s\"\n").await;
    let socket = TcpStream::connect(server.addr()).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(socket);
    let (sender, connection) = hyper::client::conn::http2::handshake::<
        _,
        _,
        http_body_util::Full<bytes::Bytes>,
    >(hyper_util::rt::TokioExecutor::new(), io)
    .await
    .unwrap();
    tokio::time::timeout(Duration::from_secs(5), connection)
        .await
        .expect("GOAWAY ends the connection")
        .unwrap();
    drop(sender);
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn content_that_comes_after_its_refusal_breaks_nothing() {
    let server = start("").await;
    let admin = |length: usize, more: &str| {
        format!(
            "POST /v1/admin HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n{more}\r\n"
        )
    };
    // Refused by its head; the rest comes a while later, and another request behind it.
    let mut socket = TcpStream::connect(server.addr()).await.unwrap();
    socket.write_all(admin(3, "").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let next = b"\"x\"GET /none HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    socket.write_all(next).await.unwrap();
    let mut answers = String::new();
    socket.read_to_string(&mut answers).await.unwrap();
    assert!(answers.starts_with("HTTP/1.1 401 ") && answers.contains("HTTP/1.1 404 "), "{answers}");

    // Not waited for: what never comes, what is too much, and what waits to be asked for.
    for (length, more, patience) in [(3, "", 3), (1 << 20, "", 1), (3, "expect: 100-continue\r\n", 1)] {
        let mut socket = TcpStream::connect(server.addr()).await.unwrap();
        socket.write_all(admin(length, more).as_bytes()).await.unwrap();
        let mut first = [0; 12];
        let read = tokio::time::timeout(Duration::from_secs(patience), socket.read_exact(&mut first)).await;
        read.unwrap().unwrap();
        assert_eq!(&first, b"HTTP/1.1 401", "{length} {more}");
    }
    assert!(server.shutdown().await);
}

#[tokio::test]
async fn tls_speaks_both_versions_of_http() {
    let folder = std::env::temp_dir().join(format!("protogate-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    let keys = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/auth/keys/hs.key");
    std::fs::copy(keys, folder.join("hs.key")).unwrap();
    let mut config = crate::client::config("[limits]\ntls_handshake = \"300ms\"\n").with_base(&folder);
    let text = "[server]\ntls = { cert = \"cert.pem\", key = \"key.pem\" }";
    config.server.tls = protogate::Config::from_toml(text).unwrap().server.tls;
    let server =
        protogate::Server::from_config(config).service(crate::service::service()).start().await.unwrap();

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    for alpn in ["h2", "http/1.1"] {
        let mut client = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots.clone())
            .with_no_client_auth();
        client.alpn_protocols = vec![alpn.as_bytes().to_vec()];
        let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
        let socket = TcpStream::connect(server.addr()).await.unwrap();
        let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
        let mut stream = connector.connect(name, socket).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(alpn.as_bytes()));
        if alpn == "h2" {
            let io = hyper_util::rt::TokioIo::new(stream);
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), io)
                    .await
                    .unwrap();
            tokio::spawn(connection);
            let request = crate::client::grpc_request(server.addr(), "/t.v1.Test/Open", &[], "x");
            let answer = crate::client::Answer::of(sender.send_request(request).await.unwrap()).await;
            assert_eq!((answer.code(), answer.messages()), (0, vec!["Open:x".to_owned()]));
        } else {
            let request = "POST /v1/open HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\n\
                           content-length: 3\r\n\r\n\"x\"";
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            assert!(String::from_utf8_lossy(&answer).ends_with("\"Open:x\""));
        }
    }
    // A peer that never shakes hands.
    let mut socket = TcpStream::connect(server.addr()).await.unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(3), socket.read_to_end(&mut rest))
        .await
        .expect("closed")
        .unwrap();
    assert!(server.shutdown().await);
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn servers_that_must_not_start_do_not() {
    let refused = |text: &str| {
        let config = protogate::Config::from_toml(text).unwrap();
        async move { protogate::Server::from_config(config).start().await.unwrap_err().to_string() }
    };
    assert!(refused("[server]\nlisten = \"127.0.0.1:0\"").await.contains("no keys"));
    assert!(refused("[server]\nmode = \"dev\"\nlisten = \"0.0.0.0:0\"").await.contains("loopback"));
    let twice = server("").service(crate::service::service()).start().await.unwrap_err().to_string();
    assert!(twice.contains("mounted twice"), "{twice}");
    let running = start("").await;
    let mut config = crate::client::config("");
    config.server.listen = running.addr();
    let taken = protogate::Server::from_config(config).start().await.unwrap_err().to_string();
    assert!(taken.contains("cannot listen on"), "{taken}");
    assert!(running.shutdown().await);
}
