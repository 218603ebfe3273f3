//! From tokens to a tree: the grammar of proto2, proto3 and the editions, without what names mean.
//!
//! It accepts what compilers accept and a little more (types and numbers are not checked); at anything else it stops with a place,
//! because a file that is not understood must not be rewritten.

use super::Fault;
use super::token::{Kind, MAX_DEPTH, Token, too_deep};
use super::tree::{
    At, Body, Entry, Field, Options, Part, Path, PathPart, Section, Statement, Type, Types, Value,
};

/// What a statement stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    File,
    /// A message, a group, an `extend` or a `oneof`.
    Fields,
    Enum,
    Service,
    Method,
}

impl Place {
    fn wanted(self) -> &'static str {
        match self {
            Self::File => "a file holds `import`, `option`, `message`, `enum`, `service` and `extend`",
            Self::Fields => "expected a field, an option or a definition",
            Self::Enum => "expected a value, an option or `reserved`",
            Self::Service => "expected `rpc` or `option`",
            Self::Method => "expected `option`",
        }
    }
}

/// Reads all statements of a file. Pairs the angle brackets.
pub(super) fn parse(text: &str, tokens: &mut [Token]) -> Result<Vec<Statement>, Fault> {
    let mut parser = Parser { text, tokens, at: 0, depth: 0 };
    parser.skip_gap();
    parser.statements(Place::File, None)
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a mut [Token],
    /// The next token that is no gap, or the end.
    at: usize,
    depth: u32,
}

type Parsed<T> = Result<T, Fault>;

impl<'a> Parser<'a> {
    fn skip_gap(&mut self) {
        while self.tokens.get(self.at).is_some_and(|it| it.kind.is_gap()) {
            self.at += 1;
        }
    }

    fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.at).map(|it| it.kind)
    }

    fn text_of(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |it| &self.text[it.start as usize..it.end as usize])
    }

    fn word(&self) -> &'a str {
        if self.kind() == Some(Kind::Word) { self.text_of(self.at) } else { "" }
    }

    fn is_mark(&self, mark: u8) -> bool {
        self.kind() == Some(Kind::Mark(mark))
    }

    /// The token after the next.
    fn second(&self) -> usize {
        let after = (self.at + 1).min(self.tokens.len());
        after + self.tokens[after..].iter().take_while(|it| it.kind.is_gap()).count()
    }

    fn second_kind(&self) -> Option<Kind> {
        self.tokens.get(self.second()).map(|it| it.kind)
    }

    /// Takes the next token; of joined strings all.
    fn take(&mut self) -> At {
        let at = self.at;
        self.at = match self.tokens.get(at) {
            Some(token) if token.kind == Kind::Text => at.max(token.close as usize) + 1,
            _ => at + 1,
        };
        self.skip_gap();
        At::try_from(at).unwrap_or(At::MAX)
    }

    fn take_mark(&mut self, mark: u8, wanted: &str) -> Parsed<At> {
        if self.is_mark(mark) { Ok(self.take()) } else { Err(self.unexpected(wanted)) }
    }

    fn unexpected(&self, wanted: &str) -> Fault {
        let (range, found) = match self.tokens.get(self.at) {
            Some(token) => {
                let range = token.start as usize..token.end as usize;
                let shown: String = self.text[range.clone()].chars().take(40).collect();
                (range, format!("found `{}`", shown.escape_debug()))
            }
            None => (self.text.len()..self.text.len(), "the file ends".to_owned()),
        };
        Fault::new(range, format!("{found}, but {wanted}"), "a file that cannot be read is not formatted")
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(too_deep(self.tokens.get(self.at).map_or(0, |it| it.start as usize)));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Statements up to the closing bracket, or the end of the file.
    fn statements(&mut self, place: Place, close: Option<u8>) -> Parsed<Vec<Statement>> {
        let mut statements = Vec::new();
        while self.kind().is_some() && !close.is_some_and(|it| self.is_mark(it)) {
            statements.push(self.statement(place)?);
        }
        Ok(statements)
    }

    fn body(&mut self, place: Place) -> Parsed<Part> {
        let open = self.take_mark(b'{', "expected `{`")?;
        let statements = self.deeper(|it| it.statements(place, Some(b'}')))?;
        self.take_mark(b'}', place.wanted())?;
        Ok(Part::Body(Body { open, statements }))
    }

    fn statement(&mut self, place: Place) -> Parsed<Statement> {
        if self.is_mark(b';') {
            let parts = vec![Part::Nothing(self.take())];
            return Ok(Statement { section: Section::Rest, key: (0, String::new()), parts });
        }
        let mut section = Section::Rest;
        let mut key = (0, String::new());
        let follows_word = self.second_kind() == Some(Kind::Word);
        let follows_equals = self.second_kind() == Some(Kind::Mark(b'='));
        let starts_name = follows_word || matches!(self.second_kind(), Some(Kind::Mark(b'(' | b'.')));
        let parts = match (place, self.word()) {
            (Place::File, "syntax" | "edition") => {
                section = Section::Syntax;
                self.syntax()?
            }
            (Place::File, "package") => {
                section = Section::Package;
                let mut parts = vec![Part::Word(self.take()), Part::Path(self.path()?)];
                self.stop(&mut parts)?;
                parts
            }
            (Place::File, "import") => {
                section = Section::Import;
                self.import(&mut key)?
            }
            (_, "option") if starts_name => {
                if place == Place::File {
                    section = Section::Option;
                }
                self.option(&mut key)?
            }
            (Place::File | Place::Fields, "message" | "enum" | "oneof" | "export" | "local" | "service")
                if follows_word && self.starts_definition(place) =>
            {
                self.definition()?
            }
            (Place::File | Place::Fields, "extend") if starts_name => {
                let mut parts = vec![Part::Word(self.take()), Part::Path(self.path()?)];
                parts.push(self.body(Place::Fields)?);
                parts
            }
            (Place::Fields | Place::Enum, "reserved") if !follows_equals => self.ranges()?,
            (Place::Fields, "extensions") if !follows_equals => self.ranges()?,
            (Place::Fields, _) => self.field()?,
            (Place::Enum, word) if !word.is_empty() => {
                let mut parts = vec![Part::Path(self.path()?)];
                self.number(&mut parts)?;
                self.stop(&mut parts)?;
                parts
            }
            (Place::Service, "rpc") => self.method()?,
            _ => return Err(self.unexpected(place.wanted())),
        };
        Ok(Statement { section, key, parts })
    }

    /// Whether `message`, `enum` and the like are what they say, and not the type of a field.
    fn starts_definition(&self, place: Place) -> bool {
        if place == Place::File {
            return true;
        }
        let mut words = 0;
        for token in self.tokens[self.at..].iter().filter(|it| !it.kind.is_gap()) {
            match token.kind {
                Kind::Word if words < 3 => words += 1,
                kind => return kind == Kind::Mark(b'{'),
            }
        }
        false
    }

    fn syntax(&mut self) -> Parsed<Vec<Part>> {
        let mut parts = vec![Part::Word(self.take())];
        parts.push(Part::Word(self.take_mark(b'=', "expected `=`")?));
        if self.kind() != Some(Kind::Text) {
            return Err(self.unexpected("expected a version in quotes"));
        }
        parts.push(Part::Value(Value::Literal(self.take())));
        self.stop(&mut parts)?;
        Ok(parts)
    }

    fn import(&mut self, key: &mut (u8, String)) -> Parsed<Vec<Part>> {
        let mut parts = vec![Part::Word(self.take())];
        while matches!(self.word(), "public" | "weak" | "option") {
            key.0 |= u8::from(self.word() == "option");
            parts.push(Part::Word(self.take()));
        }
        if self.kind() != Some(Kind::Text) {
            return Err(self.unexpected("expected the name of a file in quotes"));
        }
        let last = (self.tokens[self.at].close as usize).max(self.at);
        key.1 = self.text[self.tokens[self.at].start as usize..self.tokens[last].end as usize].to_owned();
        parts.push(Part::Value(Value::Literal(self.take())));
        self.stop(&mut parts)?;
        Ok(parts)
    }

    fn option(&mut self, key: &mut (u8, String)) -> Parsed<Vec<Part>> {
        let mut parts = vec![Part::Word(self.take())];
        let path = self.path()?;
        key.0 = u8::from(matches!(path.parts.first(), Some(PathPart::Extension { .. })));
        self.write_path(&path, &mut key.1);
        parts.push(Part::Path(path));
        parts.push(Part::Word(self.take_mark(b'=', "expected `=`")?));
        parts.push(Part::OptionValue(self.value()?));
        self.stop(&mut parts)?;
        Ok(parts)
    }

    fn write_path(&self, path: &Path, out: &mut String) {
        for part in &path.parts {
            match part {
                PathPart::Separator(at) | PathPart::Name(at) => out.push_str(self.text_of(*at as usize)),
                PathPart::Extension { inner, .. } => {
                    out.push('(');
                    self.write_path(inner, out);
                    out.push(')');
                }
            }
        }
    }

    fn definition(&mut self) -> Parsed<Vec<Part>> {
        let mut parts = Vec::new();
        while matches!(self.word(), "export" | "local") {
            parts.push(Part::Word(self.take()));
        }
        let place = match self.word() {
            "message" | "oneof" => Place::Fields,
            "enum" => Place::Enum,
            "service" => Place::Service,
            _ => return Err(self.unexpected("expected `message` or `enum`")),
        };
        parts.push(Part::Word(self.take()));
        if self.kind() != Some(Kind::Word) {
            return Err(self.unexpected("expected a name"));
        }
        parts.push(Part::Path(self.path()?));
        parts.push(self.body(place)?);
        Ok(parts)
    }

    fn field(&mut self) -> Parsed<Vec<Part>> {
        let mut r#type = self.r#type(&["optional", "required", "repeated"])?;
        let is_group =
            matches!(&r#type.path.parts[..], [PathPart::Name(at)] if self.text_of(*at as usize) == "group");
        if self.kind() != Some(Kind::Word) {
            return Err(self.unexpected("expected the name of a field"));
        }
        let name = self.path()?;
        let mut rest = Vec::new();
        self.number(&mut rest)?;
        if is_group && self.is_mark(b'{') {
            // `group` is a keyword then, as are its labels.
            let mut parts: Vec<_> =
                std::mem::take(&mut r#type.prefixes).into_iter().map(Part::Word).collect();
            parts.extend(r#type.path.first().map(Part::Word));
            parts.push(Part::Path(name));
            parts.extend(rest);
            parts.push(self.body(Place::Fields)?);
            return Ok(parts);
        }
        let mut parts = vec![Part::Type(r#type), Part::Path(name)];
        parts.extend(rest);
        self.stop(&mut parts)?;
        Ok(parts)
    }

    /// `= 1 [options]`
    fn number(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        parts.push(Part::Word(self.take_mark(b'=', "expected `=` and a number")?));
        parts.push(Part::Value(self.single()?));
        if self.is_mark(b'[') {
            parts.push(Part::Options(self.options()?));
        }
        Ok(())
    }

    fn stop(&mut self, parts: &mut Vec<Part>) -> Parsed<()> {
        parts.push(Part::Stop(self.take_mark(b';', "expected `;`")?));
        Ok(())
    }

    fn method(&mut self) -> Parsed<Vec<Part>> {
        let mut parts = vec![Part::Word(self.take())];
        if self.kind() != Some(Kind::Word) {
            return Err(self.unexpected("expected the name of a method"));
        }
        // The name is one word: what follows in parentheses is no part of it.
        parts.push(Part::Path(Path { parts: vec![PathPart::Name(self.take())] }));
        parts.push(Part::Inputs(self.types(b'(', b')', &["stream"])?));
        if self.word() != "returns" {
            return Err(self.unexpected("expected `returns`"));
        }
        parts.push(Part::Word(self.take()));
        parts.push(Part::Outputs(self.types(b'(', b')', &["stream"])?));
        if self.is_mark(b'{') {
            parts.push(self.body(Place::Method)?);
        } else {
            self.stop(&mut parts)?;
        }
        Ok(parts)
    }

    fn ranges(&mut self) -> Parsed<Vec<Part>> {
        let mut parts = vec![Part::Word(self.take())];
        loop {
            let start = self.single()?;
            parts.push(Part::Value(if self.word() == "to" {
                let to = self.take();
                Value::Range(Box::new(start), to, Box::new(self.single()?))
            } else {
                start
            }));
            if !self.is_mark(b',') {
                break;
            }
            parts.push(Part::Stop(self.take()));
        }
        if self.is_mark(b'[') {
            parts.push(Part::Options(self.options()?));
        }
        self.stop(&mut parts)?;
        Ok(parts)
    }

    fn types(&mut self, open: u8, close: u8, modifiers: &[&str]) -> Parsed<Types> {
        let open = self.take_mark(open, "expected types in brackets")?;
        let mut types = Types { open, types: Vec::new(), commas: Vec::new() };
        types.types.push(self.deeper(|it| it.r#type(modifiers))?);
        while close == b'>' && self.is_mark(b',') {
            types.commas.push(self.take());
            types.types.push(self.deeper(|it| it.r#type(modifiers))?);
        }
        let close = self.take_mark(close, "expected a closing bracket")?;
        self.tokens[open as usize].close = close;
        Ok(types)
    }

    fn r#type(&mut self, modifiers: &[&str]) -> Parsed<Type> {
        let mut prefixes = Vec::new();
        while modifiers.contains(&self.word()) && self.is_modifier() {
            prefixes.push(self.take());
        }
        let path = self.path()?;
        let arguments = if self.is_mark(b'<') { Some(self.types(b'<', b'>', &[])?) } else { None };
        Ok(Type { prefixes, path, arguments })
    }

    /// Whether more of a type follows a modifier; else it is a name itself.
    fn is_modifier(&self) -> bool {
        match self.second_kind() {
            Some(Kind::Mark(b'.')) => true,
            Some(Kind::Word) => {
                let after = self.second() + 1;
                let next = self.tokens[after..].iter().find(|it| !it.kind.is_gap());
                next.is_none_or(|it| it.kind != Kind::Mark(b'='))
            }
            _ => false,
        }
    }

    fn path(&mut self) -> Parsed<Path> {
        let mut parts = Vec::new();
        if self.is_mark(b'.') {
            parts.push(PathPart::Separator(self.take()));
        }
        loop {
            match self.kind() {
                Some(Kind::Word) => parts.push(PathPart::Name(self.take())),
                Some(Kind::Mark(b'(')) => {
                    let open = self.take();
                    let inner = self.deeper(Self::path)?;
                    self.take_mark(b')', "expected `)`")?;
                    parts.push(PathPart::Extension { open, inner });
                }
                _ => return Err(self.unexpected("expected a name")),
            }
            match self.kind() {
                Some(Kind::Mark(b'.' | b'/')) => parts.push(PathPart::Separator(self.take())),
                _ => return Ok(Path { parts }),
            }
        }
    }

    fn options(&mut self) -> Parsed<Options> {
        let open = self.take();
        let mut options = Options { open, entries: Vec::new(), commas: Vec::new() };
        loop {
            let path = self.path()?;
            let equals = self.take_mark(b'=', "expected `=`")?;
            options.entries.push(Entry { path, equals, value: self.value()? });
            if !self.is_mark(b',') {
                break;
            }
            options.commas.push(self.take());
        }
        self.take_mark(b']', "expected `,` or `]`")?;
        Ok(options)
    }

    /// A number, a string or a name.
    fn single(&mut self) -> Parsed<Value> {
        match self.kind() {
            Some(Kind::Number | Kind::Text) => Ok(Value::Literal(self.take())),
            Some(Kind::Word) => Ok(Value::Path(self.path()?)),
            Some(Kind::Mark(b'-')) => {
                let minus = self.take();
                match self.kind() {
                    Some(Kind::Number) => Ok(Value::Minus(minus, Box::new(Value::Literal(self.take())))),
                    Some(Kind::Word) => Ok(Value::Minus(minus, Box::new(Value::Path(self.path()?)))),
                    _ => Err(self.unexpected("expected a number")),
                }
            }
            _ => Err(self.unexpected("expected a value")),
        }
    }

    fn value(&mut self) -> Parsed<Value> {
        match self.kind() {
            Some(Kind::Mark(b'{')) => self.deeper(|it| it.message(b'}')),
            Some(Kind::Mark(b'<')) => self.deeper(|it| it.message(b'>')),
            Some(Kind::Mark(b'[')) => self.deeper(Self::list),
            _ => self.single(),
        }
    }

    fn list(&mut self) -> Parsed<Value> {
        let open = self.take();
        let (mut items, mut commas) = (Vec::new(), Vec::new());
        while !self.is_mark(b']') {
            items.push(self.value()?);
            if !self.is_mark(b',') {
                break;
            }
            commas.push(self.take());
            if self.is_mark(b']') {
                return Err(self.unexpected("expected a value after `,`"));
            }
        }
        self.take_mark(b']', "expected `,` or `]`")?;
        Ok(Value::List { open, items, commas })
    }

    fn message(&mut self, close: u8) -> Parsed<Value> {
        let open = self.take();
        let mut fields = Vec::new();
        while !self.is_mark(close) {
            fields.push(self.message_field()?);
        }
        let close = self.take();
        self.tokens[open as usize].close = close;
        Ok(Value::Message { open, fields })
    }

    fn message_field(&mut self) -> Parsed<Field> {
        let key = match self.kind() {
            Some(Kind::Word) => Value::Path(Path { parts: vec![PathPart::Name(self.take())] }),
            // `[a.b]`, the name of an extension, or `[host/a.b]`, a packed message.
            Some(Kind::Mark(b'[')) => {
                let open = self.take();
                let items = vec![Value::Path(self.path()?)];
                self.take_mark(b']', "expected `]`")?;
                Value::List { open, items, commas: Vec::new() }
            }
            _ => return Err(self.unexpected("expected the name of a field of the message")),
        };
        let colon = if self.is_mark(b':') { Some(self.take()) } else { None };
        if colon.is_none() && !matches!(self.kind(), Some(Kind::Mark(b'{' | b'<' | b'['))) {
            return Err(self.unexpected("expected `:`"));
        }
        let value = self.value()?;
        let separator =
            if matches!(self.kind(), Some(Kind::Mark(b',' | b';'))) { Some(self.take()) } else { None };
        Ok(Field { key, colon, value, separator })
    }
}
