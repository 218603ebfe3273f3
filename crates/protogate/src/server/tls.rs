//! TLS of the service's listener: rustls with aws-lc-rs, versions 1.2 and 1.3, ALPN `h2` and `http/1.1`.
//!
//! The files are looked at every few seconds; a changed pair that is sound takes the place of the old one for new handshakes, a
//! broken one is logged and ignored. Running connections keep what they have.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::error::{Kind, ServerError};
use super::shutdown::Shutdown;
use crate::config::Config;

/// Time between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The certificate in use, and where it comes from.
#[derive(Debug)]
pub(super) struct Tls {
    cert: PathBuf,
    key: PathBuf,
    current: ArcSwap<ServerConfig>,
}

impl Tls {
    /// Reads the configured pair; `None` without one.
    ///
    /// # Errors
    /// A file that cannot be read, or a key that is not the certificate's.
    pub(super) fn load(config: &Config) -> Result<Option<Arc<Self>>, ServerError> {
        let Some(tls) = &config.server.tls else { return Ok(None) };
        let (cert, key) = (config.path(&tls.cert), config.path(&tls.key));
        let current = server_config(&cert, &key)
            .map_err(|message| Kind::Config(config.error(&["server", "tls"], message)))?;
        Ok(Some(Arc::new(Self { cert, key, current: ArcSwap::from_pointee(current) })))
    }

    /// The acceptor for the next handshake.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.load_full())
    }

    /// Follows the files until the shutdown.
    pub(super) async fn follow(self: Arc<Self>, shutdown: Shutdown) {
        let mut seen = self.modified();
        loop {
            tokio::select! {
                () = shutdown.begun() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            let now = self.modified();
            if now == seen {
                continue;
            }
            match server_config(&self.cert, &self.key) {
                Ok(config) => {
                    self.current.store(Arc::new(config));
                    seen = now;
                    tracing::info!("certificate reloaded");
                }
                // Looked at again next time: the pair may be half written.
                Err(message) => tracing::warn!(message, "the changed certificate is not used"),
            }
        }
    }

    fn modified(&self) -> [Option<SystemTime>; 2] {
        let modified = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        [modified(&self.cert), modified(&self.key)]
    }
}

fn server_config(cert: &Path, key: &Path) -> Result<ServerConfig, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(cert)
        .map_err(|error| format!("cannot read `{}`: {error}", cert.display()))?
        .collect();
    let chain = chain.map_err(|error| format!("malformed certificate in `{}`: {error}", cert.display()))?;
    let private = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| format!("cannot read a private key from `{}`: {error}", key.display()))?;
    // The provider is named, because two of them in one process make the default ambiguous.
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| {
            format!("certificate `{}` and key `{}` do not fit: {error}", cert.display(), key.display())
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
