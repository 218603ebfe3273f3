//! How a rival starts: arguments, a free port of the loopback interface, one line that says which.

use std::io::Write as _;
use std::path::PathBuf;

use tokio::net::TcpListener;

use crate::entry::Source;
use crate::token::Verifier;

/// What a rival is told.
#[derive(Debug, clap::Parser)]
pub struct Args {
    /// Read the entry from a store in this file; without: from memory.
    #[arg(long)]
    store: Option<PathBuf>,
    /// Ask for a token that is signed with the key in this file; without: ask for nothing.
    #[arg(long)]
    key: Option<PathBuf>,
}

impl Args {
    /// The entry's source, opened.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub async fn source(&self) -> anyhow::Result<Source> {
        Ok(Source::open(self.store.as_deref()).await?)
    }

    /// The check of tokens, if there is to be one.
    ///
    /// # Errors
    /// When the key cannot be read.
    pub fn verifier(&self) -> anyhow::Result<Option<Verifier>> {
        self.key.as_deref().map(Verifier::read).transpose()
    }
}

/// A listener on a free port of 127.0.0.1; prints the address, once connections are accepted.
///
/// # Errors
/// When no port can be had.
pub async fn listen() -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    Ok(listener)
}
