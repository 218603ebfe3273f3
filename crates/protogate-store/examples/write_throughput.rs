//! How many durable writes a second, by number of concurrent writers. Prints one line per number.
//!
//! `cargo run --release -p protogate-store --example write_throughput -- FOLDER`

use std::io::Write;
use std::time::{Duration, Instant};

use protogate_store::{Put, Store, StoreConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("expected a folder to write to")?;
    for writers in [1_usize, 4, 16, 64, 256] {
        let path = std::path::Path::new(&folder).join(format!("throughput-{writers}.sqlite"));
        let store = Store::open(StoreConfig::new(&path)).await?;
        let end = Instant::now() + Duration::from_secs(3);
        let tasks: Vec<_> = (0..writers)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    let mut slowest = Duration::ZERO;
                    let mut count = 0_u64;
                    while Instant::now() < end {
                        let start = Instant::now();
                        store.put(Put::new(format!("k{writer}/{}", count % 100), vec![7; 256])).await?;
                        slowest = slowest.max(start.elapsed());
                        count += 1;
                    }
                    Ok::<_, protogate_store::Error>((count, slowest))
                })
            })
            .collect();
        let mut total = 0;
        let mut slowest = Duration::ZERO;
        for task in tasks {
            let (count, worst) = task.await??;
            total += count;
            slowest = slowest.max(worst);
        }
        writeln!(std::io::stdout(), "{writers:4} writers: {:6} writes/s, slowest {slowest:?}", total / 3)?;
        store.close().await;
    }
    Ok(())
}
