//! Revisioned resource store: optimistic concurrency, change log, watch with resume
