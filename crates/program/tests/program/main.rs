//! What is refused and with which words, laws of valid programs, and cases that fuzzing kept.

#[path = "../../fuzz/mod.rs"]
mod fuzz;

mod corpus;
mod direct;
mod fusion;
mod laws;
mod refusal;
mod run;
