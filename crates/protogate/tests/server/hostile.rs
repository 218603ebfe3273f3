//! Good requests of every protocol, damaged at random: each is answered, none with a fault of the server's, and the server goes on.
//!
//! The damage is seeded, so a failure comes again. `RUN_SLOW_TESTS` makes it a hundred times as much.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::client::{frame, raw, rest, start};

/// xorshift64*: enough to damage things.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % sides
    }

    /// One to four changes.
    fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.roll(3) {
            let at = self.roll(bytes.len() + 1);
            match self.roll(5) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.roll(8),
                1 if at < bytes.len() => bytes[at] = [0, 0xff, b'"', b'=', b'{', 0x80][self.roll(6)],
                2 => bytes.truncate(at),
                3 => bytes.insert(at, u8::try_from(self.roll(256)).unwrap()),
                _ => {
                    let copy = bytes[..at].to_vec();
                    bytes.extend(copy);
                }
            }
        }
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn damaged_requests_are_answered() {
    let server = start("[limits]\ncalls_per_second = 1000000\ncalls_burst = 1000000\n").await;
    let addr = server.addr();
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, frame("text"));
    let packed = {
        let message = gzip(b"\x0a\x04text");
        let length = u32::try_from(message.len()).unwrap().to_be_bytes();
        [&[1][..], &length, &message].concat()
    };
    let json = b"\0\0\0\0\x06\"text\"\0\0\0\0\x06\"more\"".to_vec();
    // Request line, headers, content.
    let good: Vec<(&str, &str, Vec<u8>)> = vec![
        ("POST /t.v1.Test/Open", "content-type: application/grpc-web", frame("text").to_vec()),
        ("POST /t.v1.Test/Open", "content-type: application/grpc-web-text", text.into_bytes()),
        ("POST /t.v1.Test/Open", "content-type: application/grpc-web\r\ngrpc-encoding: gzip", packed.clone()),
        ("POST /t.v1.Test/WatchFail", "content-type: application/connect+proto", frame("").to_vec()),
        ("POST /t.v1.Test/Chat", "content-type: application/connect+json", json),
        (
            "POST /t.v1.Test/Chat",
            "content-type: application/connect+proto\r\nconnect-content-encoding: gzip",
            packed,
        ),
        ("POST /t.v1.Test/Open", "content-type: application/json", b"\"text\"".to_vec()),
        ("POST /t.v1.Test/Open", "content-type: application/proto", b"\x0a\x04text".to_vec()),
        (
            "POST /t.v1.Test/Open",
            "content-type: application/json\r\ncontent-encoding: gzip",
            gzip(b"\"text\""),
        ),
        ("POST /v1/open", "content-type: application/json\r\ncontent-encoding: gzip", gzip(b"\"text\"")),
        ("POST /v1/open", "content-type: application/json", b"\"text\"".to_vec()),
        (
            "GET /t.v1.Test/Read?encoding=json&message=",
            "accept-encoding: gzip",
            b"%22text%22&base64=0".to_vec(),
        ),
    ];
    let rounds = if std::env::var_os("RUN_SLOW_TESTS").is_some() { 10_000 } else { 100 };
    let mut dice = Dice(0x5eed);
    for round in 0..rounds {
        for (line, headers, content) in &good {
            let mut content = content.clone();
            dice.damage(&mut content);
            let (target, content) = match line.strip_prefix("GET ") {
                // What may stand in a request line; the rest is hyper's to refuse.
                Some(target) => {
                    content.retain(|byte| (b'!'..=b'~').contains(byte) && *byte != b'#');
                    (format!("GET {target}{}", String::from_utf8(content).unwrap()), Vec::new())
                }
                None => ((*line).to_owned(), content),
            };
            let mut request = format!(
                "{target} HTTP/1.1\r\nhost: a\r\n{headers}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                content.len()
            )
            .into_bytes();
            request.extend(&content);
            let answer = raw(addr, &request).await;
            let shown = || format!("round {round}, {target}, {headers}: {content:x?}\n{answer}");
            let status = answer.get(9..12).unwrap_or_else(|| panic!("no answer: {}", shown()));
            assert!(status == "200" || status.starts_with('4') || status == "501", "{}", shown());
            // gRPC calls a message that does not decode INTERNAL, and gRPC-Web is gRPC.
            let is_web = headers.starts_with("content-type: application/grpc-web");
            let faults = ["grpc-status: 2\r", "\"internal\"", "\"unknown\"", "grpc-status: 13"];
            for fault in &faults[..if is_web { 1 } else { 4 }] {
                assert!(!answer.contains(fault), "{}", shown());
            }
        }
    }
    let answer = rest(addr, "POST", "/v1/open", &[], "\"good\"").await;
    assert_eq!(answer.json(), "Open:good");
    let admin = server.admin_addr().unwrap();
    let metrics = raw(admin, b"GET /metrics HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    assert!(metrics.contains("server_panics_total 0"), "{metrics}");
    assert!(server.shutdown().await);
}
