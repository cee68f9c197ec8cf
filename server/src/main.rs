//! `allotment`: the one binary.

fn main() {}
