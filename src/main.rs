//! The `mashang` binary.

fn main() {}
