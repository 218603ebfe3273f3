//! Rules engine: schemas and configuration in, a report out
