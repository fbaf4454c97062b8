#![allow(unsafe_code, reason = "programs are run over memory of the test's own")]

use kernels::Exec;
use kernels::parallel::PARALLEL_FROM;
use program::{Cut, Fault, Program};
use proptest::prelude::*;

use crate::direct;
use crate::fuzz::code::Code;
use crate::fuzz::host::{self, GUARD, Given, Host, Outcome};
use crate::fuzz::{Case, Draw, draw, mutate};

/// The bits that two runs leave in arrays and arguments, and whether each ran to its end; `None` if an
/// operation of many dimensions asks for an argument of more than `most` elements.
fn left(
    case: &Case,
    most: usize,
    mut run: impl FnMut(&Host) -> bool,
) -> Option<(Vec<Vec<u8>>, [bool; 2])> {
    let code = Code::read(&case.words, &case.constants).expect("drawn whole");
    let mut host = Host::new(case, GUARD);
    host.give(case, &code, GUARD, Given { hostile: false, most })?;
    let ended = [run(&host), run(&host)];
    Some((host.contents(), ended))
}

fn cut_as(case: &Case, host: &Host, cut: Cut) -> Program {
    Program::cut(&case.words, &case.constants, &host.bound, cut).expect("drawn valid")
}

/// Whether it ran to its end.
fn ran(program: &mut Program, exec: Exec, host: &Host) -> bool {
    // SAFETY: arrays of this host, which nothing else writes.
    match unsafe { program.run(exec, &host.arguments) } {
        Ok(()) => true,
        Err(Fault::Op(..)) => false,
        Err(Fault::Arguments | Fault::Argument(_) | Fault::Alias(_)) => {
            panic!("the arguments are those that the program asks for")
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Nor is it seen how many threads share the blocks.
    #[test]
    fn long_operations_leave_the_bits_of_direct_calls(
        seed in any::<u64>(),
        threads in 1..9_usize,
        block in 1..100_000_usize,
        more in 0..5000_usize,
    ) {
        let case = draw::program(&mut Draw::new(seed), Some(PARALLEL_FROM + more));
        let code = Code::read(&case.words, &case.constants).expect("drawn whole");
        let direct = left(&case, usize::MAX, |host| direct::run(&code, host).is_ok());
        let captured = left(&case, usize::MAX, |host| {
            let mut program = cut_as(&case, host, Cut { block, ..Cut::default() });
            ran(&mut program, Exec { threads, ..direct::plain() }, host)
        });
        prop_assert!(direct.is_some(), "arrays are not too long to try");
        prop_assert!(direct == captured, "{:?}", code);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// So no temporary overlaps another that lives at the same time, for its numbers would be lost; and no
    /// instruction that runs block by block needs what another one writes elsewhere.
    #[test]
    fn a_program_leaves_the_bits_of_direct_calls(seed in any::<u64>(), cut in any::<u32>()) {
        let case = draw::program(&mut Draw::new(seed), None);
        let code = Code::read(&case.words, &case.constants).expect("drawn whole");
        let direct = left(&case, host::SMALL, |host| direct::run(&code, host).is_ok());
        let mut program: Option<Program> = None;
        let captured = left(&case, host::SMALL, |host| {
            let program = program.get_or_insert_with(|| cut_as(&case, host, host::cut(cut)));
            ran(program, direct::plain(), host)
        });
        prop_assert!(direct == captured, "{:?}", code);
    }

    /// Nor do temporaries side by side take more than those that are declared.
    #[test]
    fn a_plan_takes_no_more_than_temporaries_side_by_side(seed in any::<u64>(), cut in any::<u32>()) {
        let case = draw::program(&mut Draw::new(seed), None);
        let code = Code::read(&case.words, &case.constants).expect("drawn whole");
        let host = Host::new(&case, GUARD);
        let program = Program::cut(&case.words, &case.constants, &host.bound, host::cut(cut));
        let program = program.expect("drawn valid");
        let sizes = code.buffers.iter().filter(|buffer| buffer.place == 0).map(|buffer| {
            (buffer.len as usize * if buffer.element == 1 { 8 } else { 4 }).next_multiple_of(64)
        });
        let (planned, apart) = program.bytes();
        prop_assert!(planned <= apart && apart <= sizes.sum::<usize>());
    }

    /// The host panics if anything is written that must not be.
    #[test]
    fn a_mutant_is_refused_or_stays_within_its_arrays(seed in any::<u64>(), changes in 1..6_usize) {
        let mut random = Draw::new(seed);
        let (mut case, other) = (draw::program(&mut random, None), draw::program(&mut random, None));
        for _ in 0..changes {
            mutate::mutate(&mut random, &mut case, &other);
        }
        let outcome = host::run(&case, GUARD);
        let unexplained = Outcome::Refused(String::new());
        prop_assert_ne!(outcome, unexplained);
    }
}

#[test]
fn temporaries_that_do_not_live_together_share_memory() {
    let mut code = Code::default();
    for place in [1, 0, 0, 0, 0, 1] {
        code.buffers.push(crate::fuzz::code::Buffer { place, element: 0, len: 16, number: 0 });
    }
    code.buffers[5].number = 1;
    let relu = kernels::op::OPS.iter().position(|op| op.name == "relu").expect("is there") as u32;
    for i in 0..5 {
        code.instructions.push(crate::fuzz::code::Instruction {
            op: relu,
            operands: vec![i, i + 1],
            dims: vec![16],
            numbers: vec![],
        });
    }
    let array = crate::fuzz::case::Array { element: program::Element::F32, len: 16, over: None };
    let case = Case::of(&code, vec![array; 2], 0);
    let host = Host::new(&case, GUARD);
    let program = Program::new(&case.words, &case.constants, &host.bound).expect("is valid");
    // Of a chain, one is read while the next is written.
    assert_eq!(program.bytes(), (2 * 64, 4 * 64));
}
