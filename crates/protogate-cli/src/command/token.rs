//! `protogate token`: a signed token for a development server, from the server's own configuration.
//!
//! Only symmetric keys (HS256): whoever holds a private key of another kind has an issuer that signs. The key is never printed,
//! and never taken from the command line.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::args::Token;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// Shortest key that is used to sign, in bytes: the size of the hash (RFC 7518 section 3.2).
const MIN_KEY: usize = 32;
/// Largest file that is read, in bytes.
const MAX_FILE: u64 = 64 << 10;

/// The part of `service.toml` that says what a token must look like. Other keys are the server's business.
#[derive(Deserialize)]
struct Service {
    auth: Option<Auth>,
}

#[derive(Deserialize)]
struct Auth {
    issuer: Option<String>,
    audience: Option<String>,
    #[serde(default = "roles")]
    roles_claim: String,
    #[serde(default = "permissions")]
    permissions_claim: String,
    #[serde(default)]
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Key {
    kid: Option<String>,
    algorithm: String,
    file: PathBuf,
}

fn roles() -> String {
    "roles".to_owned()
}

fn permissions() -> String {
    "permissions".to_owned()
}

/// Prints the token alone on stdout.
pub(crate) fn run(args: &Token, terminal: &mut Terminal) -> Result<Exit, Failure> {
    let token = sign(args, terminal)?;
    terminal.print(token)?;
    Ok(Exit::Clean)
}

/// Signs a token as `args` say.
pub(crate) fn sign(args: &Token, terminal: &mut Terminal) -> Result<String, Failure> {
    let auth = read_auth(&args.config)?;
    let shown = args.config.display();
    let Some(key) = auth.keys.iter().find(|key| key.algorithm == "HS256") else {
        return Err(Failure::usage(format!("`[auth]` in `{shown}` has no key with algorithm `HS256`"))
            .with_help("add `keys = [{ kid = \"dev\", algorithm = \"HS256\", file = \"dev/hs256.key\" }]`; tokens for other keys come from their issuer"));
    };
    let file = args.config.parent().unwrap_or(Path::new("")).join(&key.file);
    let secret = read_key(&file, args, terminal)?;
    let mut header = Header::new(Algorithm::HS256);
    header.kid.clone_from(&key.kid);
    let claims = claims(&auth, args)?;
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&secret))
        .map_err(|error| Failure::usage(format!("the token cannot be signed: {error}")))
}

fn claims(auth: &Auth, args: &Token) -> Result<Value, Failure> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|_| Failure::environment("the clock of this machine stands before 1970"))?
        .as_secs();
    let mut claims = Map::new();
    claims.insert("sub".to_owned(), json!(args.subject));
    if let Some(issuer) = &auth.issuer {
        claims.insert("iss".to_owned(), json!(issuer));
    }
    if let Some(audience) = &auth.audience {
        claims.insert("aud".to_owned(), json!(audience));
    }
    claims.insert("iat".to_owned(), json!(now));
    claims.insert("nbf".to_owned(), json!(now));
    claims.insert("exp".to_owned(), json!(now.saturating_add(args.ttl.as_secs().max(1))));
    claims.insert(auth.roles_claim.clone(), json!(args.roles));
    if !args.permissions.is_empty() {
        claims.insert(auth.permissions_claim.clone(), json!(args.permissions));
    }
    Ok(Value::Object(claims))
}

fn read_auth(config: &Path) -> Result<Auth, Failure> {
    let shown = config.display();
    let text = std::fs::read_to_string(config).map_err(|error| {
        Failure::usage(format!("`{shown}` cannot be read: {error}"))
            .with_help("run in the folder of the service, or give `--config path/to/service.toml`")
    })?;
    let service: Service = toml::from_str(&text).map_err(|error| {
        let place = error.span().map_or_else(String::new, |span| {
            let line = text.get(..span.start).map_or(0, |before| before.matches('\n').count()) + 1;
            format!(":{line}")
        });
        Failure::usage(format!("{shown}{place}: {}", error.message()))
    })?;
    service.auth.ok_or_else(|| {
        Failure::usage(format!("`{shown}` has no section `[auth]`, so its server takes no tokens"))
    })
}

fn read_key(file: &Path, args: &Token, terminal: &mut Terminal) -> Result<Vec<u8>, Failure> {
    let shown = file.display();
    match std::fs::metadata(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && args.create_key => {
            create_key(file)?;
            terminal.say(format_args!("written: {shown} (a new random key; keep it out of version control)"));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Failure::environment(format!("there is no key file `{shown}`"))
                .with_help("`protogate token --create-key` makes one with a random key; the server must be restarted to use it"));
        }
        Err(error) => return Err(Failure::environment(format!("`{shown}` cannot be opened: {error}"))),
        Ok(found) if !found.is_file() || found.len() > MAX_FILE => {
            return Err(Failure::usage(format!("`{shown}` is no regular file of at most {MAX_FILE} bytes")));
        }
        Ok(found) => refuse_open_mode(&found, file)?,
    }
    let bytes = std::fs::read(file)
        .map_err(|error| Failure::environment(format!("`{shown}` cannot be read: {error}")))?;
    // As the server takes it: one newline at the end is not part of the key.
    let secret = bytes.strip_suffix(b"\n").unwrap_or(&bytes).to_vec();
    if secret.len() < MIN_KEY {
        return Err(Failure::usage(format!(
            "the key in `{shown}` has {} bytes, HS256 needs at least {MIN_KEY}",
            secret.len()
        )));
    }
    Ok(secret)
}

#[cfg(unix)]
fn refuse_open_mode(found: &std::fs::Metadata, file: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt as _;
    if found.mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "`{}` can be opened by others (mode {:o})",
        file.display(),
        found.mode() & 0o777
    ))
    .with_help(format!("run `chmod 600 {}`", file.display())))
}

#[cfg(not(unix))]
fn refuse_open_mode(_: &std::fs::Metadata, _: &Path) -> Result<(), Failure> {
    Ok(())
}

/// Writes 32 random bytes in hexadecimal, readable by the owner only, by rename.
fn create_key(file: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::environment(format!("`{}` cannot be written: {error}", file.display()))
    };
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::environment(format!("this machine gives no random numbers: {error}")))?;
    let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let dir = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(dir).map_err(failed)?;
    // Temporary files are made with mode 0600, and the rename keeps it.
    let mut temporary = tempfile::NamedTempFile::new_in(dir).map_err(failed)?;
    std::io::Write::write_all(&mut temporary, format!("{text}\n").as_bytes()).map_err(failed)?;
    temporary.persist_noclobber(file).map_err(|error| failed(error.error))?;
    Ok(())
}
