//! What does a source file say? A tree of token indexes: nothing is copied, nothing is lost, nothing has a meaning yet.

/// Index of a token.
pub(super) type At = u32;

/// `a.b`, `.a.b`, `(a.b).c`, `host/a.b`
#[derive(Debug)]
pub(super) struct Path {
    pub(super) parts: Vec<PathPart>,
}

#[derive(Debug)]
pub(super) enum PathPart {
    /// `.` or `/`
    Separator(At),
    Name(At),
    /// Name of an extension in parentheses.
    Extension {
        open: At,
        inner: Path,
    },
}

impl Path {
    pub(super) fn first(&self) -> Option<At> {
        self.parts.first().map(|it| match it {
            PathPart::Separator(at) | PathPart::Name(at) | PathPart::Extension { open: at, .. } => *at,
        })
    }

    /// Its last token, of an extension the opening bracket.
    pub(super) fn last(&self) -> Option<At> {
        self.parts.last().map(|it| match it {
            PathPart::Separator(at) | PathPart::Name(at) | PathPart::Extension { open: at, .. } => *at,
        })
    }
}

/// `repeated a.b`, `map<string, a.b>`, `stream a.b`
#[derive(Debug)]
pub(super) struct Type {
    pub(super) prefixes: Vec<At>,
    pub(super) path: Path,
    pub(super) arguments: Option<Types>,
}

/// Types in brackets.
#[derive(Debug)]
pub(super) struct Types {
    pub(super) open: At,
    pub(super) types: Vec<Type>,
    /// Between them.
    pub(super) commas: Vec<At>,
}

#[derive(Debug)]
pub(super) enum Value {
    /// A number, a string, or several strings.
    Literal(At),
    Path(Path),
    Minus(At, Box<Self>),
    Range(Box<Self>, At, Box<Self>),
    List {
        open: At,
        items: Vec<Self>,
        commas: Vec<At>,
    },
    Message {
        open: At,
        fields: Vec<Field>,
    },
}

impl Value {
    /// Whether it is a list or a message.
    pub(super) fn is_bracketed(&self) -> bool {
        matches!(self, Self::List { .. } | Self::Message { .. })
    }
}

/// A field of a message literal.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) key: Value,
    pub(super) colon: Option<At>,
    pub(super) value: Value,
    /// `,` or `;` after it.
    pub(super) separator: Option<At>,
}

/// `[a = 1, (b).c = 2]`
#[derive(Debug)]
pub(super) struct Options {
    pub(super) open: At,
    pub(super) entries: Vec<Entry>,
    /// Between them.
    pub(super) commas: Vec<At>,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: Path,
    pub(super) equals: At,
    pub(super) value: Value,
}

/// Statements in braces.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) open: At,
    pub(super) statements: Vec<Statement>,
}

/// Where in a file a statement belongs, in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Syntax,
    Package,
    Import,
    Option,
    Rest,
}

/// Anything that ends with `;` or `}`.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) section: Section,
    /// Order in the section.
    pub(super) key: (u8, String),
    pub(super) parts: Vec<Part>,
}

/// A piece of a statement.
#[derive(Debug)]
pub(super) enum Part {
    /// A keyword, a modifier or `=`.
    Word(At),
    Path(Path),
    Type(Type),
    /// A number or the like, after `=`.
    Value(Value),
    /// The value of an `option` statement.
    OptionValue(Value),
    Options(Options),
    /// What a method takes.
    Inputs(Types),
    /// What it returns.
    Outputs(Types),
    Body(Body),
    /// `;` or `,`
    Stop(At),
    /// A `;` of its own, which says nothing.
    Nothing(At),
}
