//! Runtime of generated services: one port, one stack, every protocol
