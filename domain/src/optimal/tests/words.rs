//! What is said of problems that make no sense or have no solution.

