//! Whether a configuration may be started with: the matrix of mode, address, TLS and keys.
//!
//! Everything that would be open by accident is refused with what to do about it. Dev mode is one explicit switch and never leaves
//! the machine.

use std::net::SocketAddr;

use crate::config::{Config, Mode};

/// Refuses a start, or says what to warn of.
pub(super) fn check(config: &Config, has_keys: bool) -> Result<Vec<String>, String> {
    let server = &config.server;
    let dev = server.mode == Mode::Dev;
    let mut warnings = Vec::new();
    if has_keys && (config.auth.issuer.is_empty() || config.auth.audience.is_empty()) {
        return Err("`auth.issuer` and `auth.audience` are needed beside `auth.keys`; set both".to_owned());
    }
    let listeners =
        [("server.listen", server.listen, true), ("server.admin_listen", server.admin_listen, server.admin)];
    if dev {
        for (key, address, _) in listeners.into_iter().filter(|listener| listener.2) {
            if !is_loopback(address) {
                return Err(format!(
                    "dev mode listens on loopback only, and `{key}` is `{address}`; use 127.0.0.1 or [::1], or `mode = \"production\"`"
                ));
            }
        }
        let keys =
            if has_keys { "" } else { "; no keys are configured, so only public methods can be called" };
        warnings.push(format!("development mode: not for production use{keys}"));
        return Ok(warnings);
    }
    if !has_keys {
        return Err("no keys to verify tokens with; configure `[[auth.keys]]`, or use `mode = \"dev\"` (`--dev`) on your own machine"
            .to_owned());
    }
    if server.tls.is_none() && !is_loopback(server.listen) {
        if !server.insecure {
            return Err(format!(
                "plain text on `{}`, which is not loopback; configure `server.tls`, or set `server.insecure = true` behind a proxy \
                 that ends TLS",
                server.listen
            ));
        }
        warnings.push(format!("`server.insecure`: plain text on `{}`", server.listen));
    }
    if server.admin && !is_loopback(server.admin_listen) {
        if !server.admin_insecure {
            return Err(format!(
                "the admin listener is plain text without credentials, and `{}` is not loopback; set `server.admin_insecure = true` \
                 if its network is closed",
                server.admin_listen
            ));
        }
        warnings.push(format!(
            "`server.admin_insecure`: metrics and probes are open on `{}`",
            server.admin_listen
        ));
    }
    if config.reflection.enabled == Some(true) && config.reflection.roles.is_empty() {
        return Err(
            "reflection in production needs `reflection.roles`; name who may read the contract".to_owned()
        );
    }
    Ok(warnings)
}

fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_matrix() {
        const AUTH: &str = "[auth]\nissuer = \"i\"\naudience = \"a\"\n";
        let open = "listen = \"0.0.0.0:1\"";
        let tls = "tls = { cert = \"c\", key = \"k\" }";
        let cases: &[(&str, &str, bool, Result<usize, &str>)] = &[
            ("", AUTH, false, Err("no keys")),
            ("", AUTH, true, Ok(0)),
            ("", "", true, Err("auth.issuer")),
            ("mode = \"dev\"", "", false, Ok(1)),
            ("mode = \"dev\"", AUTH, true, Ok(1)),
            ("mode = \"dev\"", "", true, Err("auth.issuer")),
            ("mode = \"dev\"\nlisten = \"0.0.0.0:1\"", "", false, Err("loopback")),
            ("mode = \"dev\"\nlisten = \"[::]:1\"", "", false, Err("loopback")),
            ("mode = \"dev\"\nlisten = \"[::1]:1\"", "", false, Ok(1)),
            ("mode = \"dev\"\nlisten = \"[::ffff:127.0.0.1]:1\"", "", false, Ok(1)),
            ("mode = \"dev\"\ninsecure = true\nlisten = \"192.168.0.1:1\"", "", false, Err("loopback")),
            ("mode = \"dev\"\nadmin_listen = \"0.0.0.0:1\"", "", false, Err("admin_listen")),
            ("mode = \"dev\"\nadmin = false\nadmin_listen = \"0.0.0.0:1\"", "", false, Ok(1)),
            (open, AUTH, true, Err("plain text")),
            (open, AUTH, false, Err("no keys")),
            ("listen = \"0.0.0.0:1\"\ninsecure = true", AUTH, true, Ok(1)),
            ("listen = \"0.0.0.0:1\"\ntls = { cert = \"c\", key = \"k\" }", AUTH, true, Ok(0)),
            (tls, AUTH, false, Err("no keys")),
            ("admin_listen = \"0.0.0.0:1\"", AUTH, true, Err("admin")),
            ("admin_listen = \"0.0.0.0:1\"\nadmin_insecure = true", AUTH, true, Ok(1)),
            (
                "",
                "[auth]\nissuer = \"i\"\naudience = \"a\"\n[reflection]\nenabled = true",
                true,
                Err("reflection.roles"),
            ),
            (
                "",
                "[auth]\nissuer = \"i\"\naudience = \"a\"\n[reflection]\nenabled = true\nroles = [\"ops\"]",
                true,
                Ok(0),
            ),
        ];
        for (server, rest, has_keys, expected) in cases {
            let text = format!("[server]\n{server}\n{rest}");
            let found = check(&Config::from_toml(&text).unwrap(), *has_keys);
            match (expected, &found) {
                (Ok(warnings), Ok(found)) => assert_eq!(*warnings, found.len(), "{text}"),
                (Err(part), Err(found)) => assert!(found.contains(part), "{text}: {found}"),
                _ => panic!("{text}: expected {expected:?}, found {found:?}"),
            }
        }
    }
}
