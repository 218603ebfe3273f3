//! One file per command, each with one `run`: arguments and terminal in, how it ended out.

pub(crate) mod baseline;
pub(crate) mod breaking;
pub(crate) mod build;
pub(crate) mod call;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod format;
pub(crate) mod generate;
pub(crate) mod lint;
pub(crate) mod new;
pub(crate) mod openapi;
pub(crate) mod routes;
pub(crate) mod rules;
pub(crate) mod token;
pub(crate) mod waive;
