//! Dynamic gRPC client over descriptors
