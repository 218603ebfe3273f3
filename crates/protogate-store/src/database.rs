//! Opens the database file: settings of a connection, integrity check, migrations.
//!
//! Durability rests on two settings: WAL and `synchronous=FULL`, which syncs the log at every commit. Migrations run forward
//! only, each in one transaction together with its number; a database with a higher number is refused.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection, SqlitePool};

use crate::config::StoreConfig;
use crate::error::{Error, ErrorKind};

/// `PRAGMA application_id`: "PGst".
const APPLICATION_ID: i64 = 0x5047_7374;

/// In order; the number of a migration is its position from 1. Never edit one that was released.
const MIGRATIONS: &[&str] = &[include_str!("../migrations/0001_resources.sql")];

/// Opens the connection that writes, checked and migrated.
pub(crate) async fn open_writer(config: &StoreConfig) -> Result<SqliteConnection, Error> {
    create_private(&config.path)?;
    let mut connection = options(&config.path).create_if_missing(true).connect().await?;
    let version = check_identity(&mut connection).await?;
    if config.quick_check {
        quick_check(&mut connection).await?;
    }
    migrate(&mut connection, version).await?;
    Ok(connection)
}

/// Opens the connections that read.
pub(crate) async fn open_readers(config: &StoreConfig) -> Result<SqlitePool, Error> {
    let options = options(&config.path).pragma("query_only", "ON");
    Ok(SqlitePoolOptions::new()
        .max_connections(config.readers.max(1))
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options)
        .await?)
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging()
}

/// Creates the file readable by its owner alone; SQLite gives its companions the same mode.
fn create_private(path: &Path) -> Result<(), Error> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(sqlx::Error::Io)?;
    }
    let mut open = std::fs::OpenOptions::new();
    open.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(path).map_err(sqlx::Error::Io)?;
    Ok(())
}

/// The number of the last migration, or a refusal.
async fn check_identity(connection: &mut SqliteConnection) -> Result<usize, Error> {
    let id: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *connection).await?;
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema").fetch_one(&mut *connection).await?;
    if id == 0 && version == 0 && tables == 0 {
        return Ok(0);
    }
    if id != APPLICATION_ID {
        let what = "the file is a database, but not one of this store".to_owned();
        return Err(ErrorKind::Incompatible { what }.into());
    }
    match usize::try_from(version) {
        Ok(version) if version <= MIGRATIONS.len() => Ok(version),
        _ => Err(ErrorKind::Incompatible {
            what: format!(
                "the database has schema {version}, this version knows up to {}; use the newer version of the program",
                MIGRATIONS.len()
            ),
        }
        .into()),
    }
}

async fn quick_check(connection: &mut SqliteConnection) -> Result<(), Error> {
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(connection).await?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(Error::corrupt(format!("the database file is damaged: {verdict}")))
    }
}

async fn migrate(connection: &mut SqliteConnection, version: usize) -> Result<(), Error> {
    for (index, script) in MIGRATIONS.iter().enumerate().skip(version) {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(*script).execute(&mut *transaction).await?;
        let stamp = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {};", index + 1);
        sqlx::raw_sql(AssertSqlSafe(stamp)).execute(&mut *transaction).await?;
        transaction.commit().await?;
    }
    Ok(())
}
