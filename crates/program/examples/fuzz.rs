//! `cargo run --release -p program --example fuzz -- 10000000 [seed] [folder]`: valid programs and
//! mutants of them, validated and run between guard zones. Into the folder go the first case of each
//! refusal, fault and operation. A panic is written to `crash.words` and ends it; files of words as
//! arguments are run again.
#![allow(clippy::print_stdout, reason = "a command for people")]

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

use kernels::op::OPS;
use kernels::optimizer::OPTIMIZERS;

#[path = "../fuzz/mod.rs"]
mod fuzz;

use fuzz::code::Code;
use fuzz::host::{self, GUARD, Outcome};
use fuzz::{Case, Draw, draw, mutate};

/// Words of a program from which it is left out of the pool: mutants of mutants would grow.
const LONG: usize = 400;
/// Cases that mutants are made of.
const POOL: usize = 512;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let guard = if std::env::var_os("FUZZ_UNGUARDED").is_some() { 0 } else { GUARD };
    let number = |i: usize| arguments.get(i).map(|text| text.parse::<u64>());
    let Ok(runs) = number(0).unwrap_or(Ok(100_000)) else { return replay(&arguments, guard) };
    let seed = number(1).and_then(Result::ok).unwrap_or(0);
    let folder = arguments.get(2).cloned();
    let started = Instant::now();
    let mut seen = Seen::default();
    let mut random = Draw::new(seed);
    let mut pool: Vec<Case> = (0..POOL).map(|_| draw::program(&mut random, None)).collect();
    for i in 1..=runs {
        let case = next(&mut random, &pool);
        let Ok(outcome) = catch_unwind(AssertUnwindSafe(|| host::run(&case, guard))) else {
            std::fs::write("crash.words", case.text()).expect("this folder can be written");
            println!("run {i} of seed {seed} panicked; see crash.words");
            std::process::exit(1);
        };
        if let Outcome::Ran(_) = outcome
            && case.words.len() < LONG
            && random.once_in(4)
        {
            let at = random.below(POOL);
            pool[at] = case.clone();
        }
        seen.count(&case, &outcome, folder.as_deref());
        if i % 1_000_000 == 0 {
            println!("{i} runs in {:.0} s", started.elapsed().as_secs_f64());
        }
    }
    for (outcome, count) in &seen.outcomes {
        println!("{count:>10} {outcome}");
    }
    println!("{runs} runs in {:.0} s, no crash", started.elapsed().as_secs_f64());
}

/// Runs the cases of these files, and says what became of each.
fn replay(files: &[String], guard: usize) {
    for file in files {
        let text = std::fs::read_to_string(file).expect("a file of words");
        let case = Case::read(&text).expect("words from beginning to end");
        println!("{file}: {:?}", host::run(&case, guard));
    }
}

/// A new program, one of the pool, or a mutant of it.
fn next(random: &mut Draw, pool: &[Case]) -> Case {
    if random.once_in(8) {
        return draw::program(random, None);
    }
    let mut case = pool[random.below(POOL)].clone();
    case.seed = random.word();
    for _ in 0..random.below(5) {
        let other = random.below(POOL);
        mutate::mutate(random, &mut case, &pool[other]);
    }
    case
}

/// How often each thing happened.
#[derive(Default)]
struct Seen {
    outcomes: BTreeMap<String, u64>,
    kept: BTreeSet<String>,
}

impl Seen {
    fn count(&mut self, case: &Case, outcome: &Outcome, folder: Option<&str>) {
        let (name, labels) = match outcome {
            Outcome::Refused(why) => {
                // Without the operation, of which there are many.
                let why = why.rsplit(": ").next().unwrap_or(why);
                (format!("refused: {why}"), vec![why.to_string()])
            }
            Outcome::Large => ("too large to run".to_string(), vec!["large".to_string()]),
            Outcome::Ran(ended) => {
                let names = names(case).into_iter().map(|name| format!("runs {name}"));
                let ended = (*ended).to_string();
                let labels =
                    if ended == "to its end" { names.collect() } else { vec![ended.clone()] };
                (format!("ran {ended}"), labels)
            }
        };
        *self.outcomes.entry(name).or_default() += 1;
        let Some(folder) = folder else { return };
        for label in labels {
            let file = label.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            if self.kept.insert(label) {
                let path = Path::new(folder).join(file).with_extension("words");
                std::fs::write(path, case.text()).expect("the folder can be written");
            }
        }
    }
}

/// The names of the operations and optimizers of `case`.
fn names(case: &Case) -> Vec<&'static str> {
    let Some(code) = Code::read(&case.words, &case.constants) else { return vec![] };
    let operations: Vec<&str> =
        OPS.iter().map(|op| op.name).chain(OPTIMIZERS.iter().map(|spec| spec.name)).collect();
    let numbers = code.instructions.iter().map(|instruction| instruction.op as usize);
    numbers.filter_map(|number| operations.get(number).copied()).collect()
}
