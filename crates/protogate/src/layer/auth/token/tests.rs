//! Placeholder until the table of cases is there.
