//! Which rpc a request means: by gRPC path or by REST template, decided once.
//!
//! The router is built at start-up from the method tables of all mounted services; two routes that conflict are a start-up error.
//! It knows nothing of bodies, policies or answers: `layer::method` turns what it says into a response.

use std::collections::HashMap;

use http::Method;
use protogate_transcode::{Capture, Config, Matcher, Outcome, Template, TrailingSlash};

use crate::method::MethodInfo;

/// One rpc of a mounted service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// Position of the service in the order of mounting.
    pub(crate) service: usize,
    /// Position of the method in the service's table.
    pub(crate) method: usize,
    pub(crate) info: &'static MethodInfo,
}

/// A REST request's route.
#[derive(Debug, Clone)]
pub(crate) struct RestRoute {
    pub(crate) target: Target,
    /// Position in [`MethodInfo::bindings`].
    pub(crate) binding: usize,
    pub(crate) captures: Vec<Capture>,
}

/// What a REST request means.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// A route takes it. HEAD takes GET's route when it has none of its own.
    Found(RestRoute),
    /// An OPTIONS request for a known path: these methods are allowed.
    Options(Vec<String>),
    /// The path is known with these methods only.
    MethodNotAllowed(Vec<String>),
    /// The text of the path is unusable, and why.
    BadPath(String),
    /// No route takes the path.
    NotFound,
}

/// The protocols that may be switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Offers {
    pub(crate) grpc_web: bool,
    pub(crate) connect: bool,
}

/// Routes by gRPC path and by REST template.
#[derive(Debug)]
pub(crate) struct Router {
    /// Which protocols besides gRPC and REST are offered.
    pub(crate) offers: Offers,
    grpc: HashMap<&'static str, Target>,
    matcher: Matcher,
    routes: Vec<(Target, usize)>,
}

impl Router {
    /// Builds the routes of the services' method tables.
    ///
    /// # Errors
    /// Two rpcs with one path, two bindings that conflict, or a template that does not parse; the text names both rpcs.
    pub(crate) fn new<'t>(
        tables: impl IntoIterator<Item = &'t &'static [MethodInfo]>,
        trailing_slash: TrailingSlash,
        offers: Offers,
    ) -> Result<Self, String> {
        let matcher = Matcher::new(Config { trailing_slash });
        let mut router = Self { offers, grpc: HashMap::new(), matcher, routes: Vec::new() };
        for (service, methods) in tables.into_iter().enumerate() {
            let methods: &'static [MethodInfo] = methods;
            for (method, info) in methods.iter().enumerate() {
                router.insert(Target { service, method, info })?;
            }
        }
        for (target, binding) in &router.routes {
            let template = target.info.bindings[*binding].template;
            if let Some(rpc) = router.grpc.get(template) {
                let (path, rpc) = (target.info.path, rpc.info.path);
                return Err(format!(
                    "a binding of `{path}` has the path of the rpc `{rpc}`, which belongs to gRPC and Connect; choose another"
                ));
            }
        }
        Ok(router)
    }

    fn insert(&mut self, target: Target) -> Result<(), String> {
        let path = target.info.path;
        if self.grpc.insert(path, target).is_some() {
            return Err(format!("the rpc `{path}` is mounted twice; mount each service once"));
        }
        for (binding, rule) in target.info.bindings.iter().enumerate() {
            let template = Template::parse(rule.template).map_err(|error| {
                format!("binding `{}` of `{path}` does not parse: {error}", rule.template)
            })?;
            let id = self.routes.len();
            self.matcher.insert(rule.http_method, template, id).map_err(|conflict| {
                let other = self.routes[conflict.existing].0.info.path;
                format!("`{path}` and `{other}` conflict: {conflict}")
            })?;
            self.routes.push((target, binding));
        }
        Ok(())
    }

    /// The rpc of a gRPC path.
    pub(crate) fn grpc(&self, path: &str) -> Option<Target> {
        self.grpc.get(path).copied()
    }

    /// The route of a REST request. `raw_path` is not decoded.
    pub(crate) fn rest(&self, method: &Method, raw_path: &str) -> Resolved {
        let outcome = match self.matcher.find(method.as_str(), raw_path) {
            Outcome::MethodNotAllowed(allow)
                if *method == Method::HEAD && allow.iter().any(|known| known == "GET") =>
            {
                self.matcher.find("GET", raw_path)
            }
            outcome => outcome,
        };
        match outcome {
            Outcome::Found { id, captures } => {
                let (target, binding) = self.routes[id];
                Resolved::Found(RestRoute { target, binding, captures })
            }
            Outcome::BadPath(message) => Resolved::BadPath(message),
            Outcome::MethodNotAllowed(allow) if *method == Method::OPTIONS => Resolved::Options(allow),
            Outcome::MethodNotAllowed(allow) => Resolved::MethodNotAllowed(allow),
            // A known rpc, asked for by something that is not gRPC: only the method can be at fault here.
            Outcome::NotFound => match self.grpc.get(raw_path) {
                Some(target) if *method == Method::OPTIONS => {
                    Resolved::Options(self.rpc_methods(target.info))
                }
                Some(target) => Resolved::MethodNotAllowed(self.rpc_methods(target.info)),
                None => Resolved::NotFound,
            },
        }
    }

    /// The HTTP methods that the path of an rpc takes.
    fn rpc_methods(&self, info: &MethodInfo) -> Vec<String> {
        let methods: &[&str] = match self.offers.connect && info.takes_get() {
            true => &["GET", "HEAD", "OPTIONS", "POST"],
            false => &["OPTIONS", "POST"],
        };
        methods.iter().map(|&method| method.to_owned()).collect()
    }

    /// The content types that the path of an rpc takes, joined with commas.
    pub(crate) fn accept_post(&self, info: &MethodInfo) -> String {
        let mut types = vec!["application/grpc", "application/grpc+proto"];
        if self.offers.grpc_web {
            types.extend(["application/grpc-web", "application/grpc-web+proto"]);
            types.extend(["application/grpc-web-text", "application/grpc-web-text+proto"]);
        }
        if self.offers.connect {
            types.extend(match info.streams() {
                true => ["application/connect+json", "application/connect+proto"],
                false => ["application/json", "application/proto"],
            });
        }
        types.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Offers = Offers { grpc_web: true, connect: true };
    use crate::method::{Access, Binding, Body, Idempotency, Policy};

    const fn binding(http_method: &'static str, template: &'static str) -> Binding {
        Binding { http_method, template, body: Body::None, response_body: None }
    }

    const fn method(name: &'static str, path: &'static str, bindings: &'static [Binding]) -> MethodInfo {
        MethodInfo {
            service: "t.v1.T",
            name,
            path,
            client_streaming: false,
            server_streaming: false,
            idempotency: Idempotency::Unknown,
            policy: Policy { access: Access::Denied, timeout: None, rate_limit: None, audit: false },
            bindings,
        }
    }

    static METHODS: [MethodInfo; 2] = [
        method("Get", "/t.v1.T/Get", &[binding("GET", "/v1/{name=things/*}")]),
        method("Delete", "/t.v1.T/Delete", &[binding("DELETE", "/v1/{name=things/*}")]),
    ];
    static CONFLICT: [MethodInfo; 1] =
        [method("Other", "/t.v1.O/Other", &[binding("GET", "/v1/things/{id}")])];

    static OWN_PATH: [MethodInfo; 1] = [method("Own", "/t.v1.T/Own", &[binding("POST", "/t.v1.T/Own")])];

    #[test]
    fn requests_find_their_method() {
        let tables: [&'static [MethodInfo]; 1] = [&METHODS];
        let router = Router::new(&tables, TrailingSlash::Strict, ALL).unwrap();
        assert_eq!(router.grpc("/t.v1.T/Get").unwrap().info.name, "Get");
        assert!(router.grpc("/t.v1.T/get").is_none());
        for (method, name) in [("GET", "Get"), ("HEAD", "Get"), ("DELETE", "Delete")] {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let Resolved::Found(route) = router.rest(&method, "/v1/things/a") else { panic!("{method}") };
            assert_eq!(route.target.info.name, name);
        }
        let Resolved::MethodNotAllowed(allow) = router.rest(&Method::PUT, "/v1/things/a") else { panic!() };
        assert_eq!(allow, ["DELETE", "GET", "HEAD", "OPTIONS"]);
        assert!(matches!(router.rest(&Method::OPTIONS, "/v1/things/a"), Resolved::Options(_)));
        assert!(matches!(router.rest(&Method::GET, "/t.v1.T/Get"), Resolved::MethodNotAllowed(_)));
        assert!(matches!(router.rest(&Method::GET, "/v1/other/a"), Resolved::NotFound));
        assert!(matches!(router.rest(&Method::GET, "/v1/things/%zz"), Resolved::BadPath(_)));
    }

    #[test]
    fn conflicts_name_both() {
        let tables: [&'static [MethodInfo]; 2] = [&METHODS, &CONFLICT];
        let error = Router::new(&tables, TrailingSlash::Strict, ALL).unwrap_err();
        assert!(error.contains("/t.v1.O/Other") && error.contains("/t.v1.T/Get"), "{error}");
        let own: [&'static [MethodInfo]; 1] = [&OWN_PATH];
        let error = Router::new(&own, TrailingSlash::Strict, ALL).unwrap_err();
        assert!(error.contains("/t.v1.T/Own"), "{error}");
        let twice: [&'static [MethodInfo]; 2] = [&METHODS, &METHODS];
        assert!(Router::new(&twice, TrailingSlash::Strict, ALL).unwrap_err().contains("mounted twice"));
    }
}
