//! REST as people call it: through `curl`.

use std::process::{Command, Stdio};

use serde_json::Value;

/// A request.
#[derive(Debug)]
pub struct Curl {
    command: Command,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Curl {
    pub fn new(method: &str, url: &str) -> Self {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--include", "--max-time", "20", "--request", method, url]);
        Self { command }
    }

    pub fn get(url: &str) -> Self {
        Self::new("GET", url)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.command.args(["--header", &format!("{name}: {value}")]);
        self
    }

    pub fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.content("application/json", &body.to_string())
    }

    pub fn content(mut self, media_type: &str, body: &str) -> Self {
        self.command.args(["--data-binary", body]);
        self.header("content-type", media_type)
    }

    /// Any further option of curl.
    pub fn option(mut self, option: &str) -> Self {
        self.command.arg(option);
        self
    }

    pub fn send(mut self) -> Answer {
        let output = self.command.stdin(Stdio::null()).output().expect("these tests call `curl`: install it");
        assert!(output.status.success(), "{:?}: {}", self.command, String::from_utf8_lossy(&output.stderr));
        parse(&String::from_utf8(output.stdout).unwrap())
    }

    /// `None` when no connection could be had.
    pub fn try_send(mut self) -> Option<Answer> {
        let output = self.command.stdin(Stdio::null()).output().expect("these tests call `curl`: install it");
        output.status.success().then(|| parse(&String::from_utf8(output.stdout).unwrap()))
    }

    /// Starts curl and leaves it running, its output readable line by line.
    pub fn spawn(mut self) -> std::process::Child {
        self.command.arg("--no-buffer").stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {self:?}"))
    }

    /// The detail of this type in an error answer.
    pub fn detail(&self, name: &str) -> Value {
        let body = self.json();
        let url = format!("type.googleapis.com/google.rpc.{name}");
        let details = body["details"].as_array().unwrap_or_else(|| panic!("no details: {body}"));
        details.iter().find(|it| it["@type"] == url.as_str()).cloned().unwrap_or(Value::Null)
    }
}

fn parse(text: &str) -> Answer {
    let mut rest = text;
    loop {
        let (head, body) = rest.split_once("\r\n\r\n").unwrap_or((rest, ""));
        let mut lines = head.lines();
        let status_line = lines.next().unwrap_or_default();
        let status = status_line.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
        if status == 100 {
            rest = body;
            continue;
        }
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        return Answer { status, headers, body: body.to_owned() };
    }
}
