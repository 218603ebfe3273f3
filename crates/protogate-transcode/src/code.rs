//! Canonical status codes: number, names and HTTP status, in the one table that everybody reads.
//!
//! The codes are those of `google/rpc/code.proto`, and so is the mapping to HTTP. Messages, details and how
//! a status is rendered to a caller are the runtime's.

/// A canonical status code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum Code {
    /// No error.
    Ok = 0,
    /// The caller gave up.
    Cancelled = 1,
    /// An error without a better code.
    Unknown = 2,
    /// The request is wrong whatever the state of the system.
    InvalidArgument = 3,
    /// The deadline passed first.
    DeadlineExceeded = 4,
    /// The thing asked for does not exist.
    NotFound = 5,
    /// The thing to create exists.
    AlreadyExists = 6,
    /// The caller is known and may not do this.
    PermissionDenied = 7,
    /// A quota or a size limit is used up.
    ResourceExhausted = 8,
    /// The system is not in the state that the operation needs.
    FailedPrecondition = 9,
    /// A concurrent change won; retry at a higher level.
    Aborted = 10,
    /// Past the valid range.
    OutOfRange = 11,
    /// Not offered by this service.
    Unimplemented = 12,
    /// An invariant of the service is broken.
    Internal = 13,
    /// Not now; retry with back-off.
    Unavailable = 14,
    /// Data is lost for good.
    DataLoss = 15,
    /// The caller is not known.
    Unauthenticated = 16,
}

/// Code, name, lower-case name (as the Connect protocol spells it), HTTP status; ordered by number.
const TABLE: [(Code, &str, &str, u16); 17] = [
    (Code::Ok, "OK", "ok", 200),
    (Code::Cancelled, "CANCELLED", "canceled", 499),
    (Code::Unknown, "UNKNOWN", "unknown", 500),
    (Code::InvalidArgument, "INVALID_ARGUMENT", "invalid_argument", 400),
    (Code::DeadlineExceeded, "DEADLINE_EXCEEDED", "deadline_exceeded", 504),
    (Code::NotFound, "NOT_FOUND", "not_found", 404),
    (Code::AlreadyExists, "ALREADY_EXISTS", "already_exists", 409),
    (Code::PermissionDenied, "PERMISSION_DENIED", "permission_denied", 403),
    (Code::ResourceExhausted, "RESOURCE_EXHAUSTED", "resource_exhausted", 429),
    (Code::FailedPrecondition, "FAILED_PRECONDITION", "failed_precondition", 400),
    (Code::Aborted, "ABORTED", "aborted", 409),
    (Code::OutOfRange, "OUT_OF_RANGE", "out_of_range", 400),
    (Code::Unimplemented, "UNIMPLEMENTED", "unimplemented", 501),
    (Code::Internal, "INTERNAL", "internal", 500),
    (Code::Unavailable, "UNAVAILABLE", "unavailable", 503),
    (Code::DataLoss, "DATA_LOSS", "data_loss", 500),
    (Code::Unauthenticated, "UNAUTHENTICATED", "unauthenticated", 401),
];

impl Code {
    /// Every code, by number.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// The code of a number; `None` for numbers outside the table, which callers treat as
    /// [`Code::Unknown`] (gRPC) and answer with HTTP 500.
    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        usize::try_from(number).ok().and_then(|index| TABLE.get(index)).map(|row| row.0)
    }

    /// The code of a name in upper case, such as `NOT_FOUND`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// The code of a name in lower case, such as `not_found`; both `canceled` and `cancelled`.
    #[must_use]
    pub fn from_lower_name(name: &str) -> Option<Self> {
        if name == "cancelled" {
            return Some(Self::Cancelled);
        }
        TABLE.iter().find(|row| row.2 == name).map(|row| row.0)
    }

    /// The code that an HTTP status of the table most likely stands for: the general one where several
    /// share it (400 `INVALID_ARGUMENT`, 409 `ABORTED`, 500 `INTERNAL`). `None` for other statuses.
    #[must_use]
    pub fn from_http_status(status: u16) -> Option<Self> {
        match status {
            400 => Some(Self::InvalidArgument),
            409 => Some(Self::Aborted),
            500 => Some(Self::Internal),
            _ => TABLE.iter().find(|row| row.3 == status).map(|row| row.0),
        }
    }

    /// The number on the wire, 0 to 16.
    #[must_use]
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The name in upper case: `NOT_FOUND`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// The name in lower case as the Connect protocol writes it: `not_found`, and `canceled` with one `l`.
    #[must_use]
    pub const fn lower_name(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// The HTTP status of a reply with this code.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        TABLE[self as usize].3
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
