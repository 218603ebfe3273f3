//! Logs and metrics of the process. Traces are continued and logged by id; exporting spans is not done here.
//!
//! [`init`] installs the process-wide subscriber once; [`subscriber`] makes one for tests and for programs that install their own.
//! Audit events are written whatever the log level says.

mod format;
pub(crate) mod metrics;

use tracing::Subscriber;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::{EnvFilter, Layer, reload};

use self::format::{FlatFields, FlatJson};
use crate::config::{Config, ConfigError, LogConfig, LogFormat};

/// Changes the log level of a running process.
#[derive(Debug, Clone)]
pub struct LogHandle {
    filter: reload::Handle<EnvFilter, Registry>,
}

impl LogHandle {
    /// Sets the level, or filter directives such as `info,protogate::access=off`. Audit events are always written.
    ///
    /// # Errors
    /// Directives that do not parse; the old ones stay.
    pub fn set_level(&self, directives: &str) -> Result<(), ConfigError> {
        let filter = parse(directives).map_err(ConfigError::new)?;
        self.filter.reload(filter).map_err(|error| ConfigError::new(format!("the log is gone: {error}")))
    }
}

/// Installs the log of this process on standard output, and a panic hook that writes panics to it.
///
/// # Errors
/// `log.level` does not parse, or another subscriber is installed already.
pub fn init(config: &Config) -> Result<LogHandle, ConfigError> {
    let (subscriber, handle) = subscriber(config, std::io::stdout)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| {
        ConfigError::new("a log subscriber is installed already; call `telemetry::init` once, first")
    })?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text =
            text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
        tracing::error!(panic = text, place, "panic");
    }));
    Ok(handle)
}

/// Makes the log of a configuration, on a writer.
///
/// # Errors
/// `log.level` does not parse.
pub fn subscriber<W>(
    config: &Config,
    writer: W,
) -> Result<(impl Subscriber + Send + Sync + use<W>, LogHandle), ConfigError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let LogConfig { level, format } = &config.log;
    let filter = parse(level).map_err(|message| config.error(&["log", "level"], message))?;
    let (filter, handle) = reload::Layer::new(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(writer);
    let lines = match format {
        LogFormat::Json => lines.with_ansi(false).event_format(FlatJson).fmt_fields(FlatFields).boxed(),
        LogFormat::Text => lines.with_ansi(false).boxed(),
    };
    Ok((tracing_subscriber::registry().with(filter).with(lines), LogHandle { filter: handle }))
}

fn parse(directives: &str) -> Result<EnvFilter, String> {
    let filter = EnvFilter::try_new(directives)
        .map_err(|error| format!("malformed filter `{}`: {error}", directives.escape_debug()))?;
    let audit = "protogate::audit=info".parse().map_err(|error| format!("malformed filter: {error}"))?;
    Ok(filter.add_directive(audit))
}
