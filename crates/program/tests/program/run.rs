#![allow(unsafe_code, reason = "programs are run over memory of the test's own")]

use kernels::op;
use program::{Element, Fault, MAGIC, Memory, Program, VERSION};

use crate::direct::plain;

fn memory(array: &mut [f32]) -> Memory {
    Memory::new(Element::F32, array.len(), array.as_mut_ptr().cast())
}

fn number(name: &str) -> u32 {
    op::OPS.iter().position(|op| op.name == name).expect("it is in the table") as u32
}

/// y ← y + x, y bound and x an argument of three numbers.
fn accumulating(y: &mut [f32]) -> Program {
    let buffers = [[1, 0, 3, 0], [2, 0, 3, 0]].concat();
    let instruction = [number("accumulate"), 2, 1, 0, 1, 3, 0];
    let words = [&[MAGIC, VERSION, 2, 1], &buffers[..], &instruction].concat();
    Program::new(&words, &[], &[memory(y)]).expect("is valid")
}

fn run(program: &mut Program, arguments: &[Memory]) -> &'static str {
    // SAFETY: arrays of these tests, which nothing else writes.
    match unsafe { program.run(plain(), arguments) } {
        Ok(()) => "ran",
        Err(Fault::Arguments) => "another number of arguments",
        Err(Fault::Argument(0)) => "another argument",
        Err(Fault::Alias(0)) => "an alias",
        Err(_) => "another fault",
    }
}

#[test]
fn a_program_written_by_hand_runs_as_often_as_it_is_asked_to() {
    let (mut y, mut x) = ([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]);
    let mut program = accumulating(&mut y);
    assert_eq!(program.arguments(), 1);
    assert_eq!(run(&mut program, &[memory(&mut x)]), "ran");
    assert_eq!(run(&mut program, &[memory(&mut x)]), "ran");
    assert_eq!(y, [21.0, 42.0, 63.0]);
}

#[test]
fn arguments_that_are_wrong_stop_it_before_it_runs() {
    let (mut y, mut x) = ([1.0, 2.0, 3.0, 4.0], [10.0; 4]);
    let mut program = accumulating(&mut y[..3]);
    let good = memory(&mut x[..3]);
    assert_eq!(run(&mut program, &[]), "another number of arguments");
    assert_eq!(run(&mut program, &[good, good]), "another number of arguments");
    assert_eq!(run(&mut program, &[memory(&mut x)]), "another argument");
    assert_eq!(run(&mut program, &[Memory::EMPTY]), "another argument");
    let integers = Memory::new(Element::I32, 3, good.start());
    assert_eq!(run(&mut program, &[integers]), "another argument");
    let overlapping = memory(&mut y[1..]);
    assert_eq!(run(&mut program, &[overlapping]), "an alias");
    assert_eq!(y, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(run(&mut program, &[good]), "ran");
}

#[test]
fn an_array_that_moved_is_found_again() {
    let (mut y, mut moved, mut x) = ([1.0, 2.0, 3.0], [5.0, 6.0, 7.0], [1.0; 3]);
    let mut program = accumulating(&mut y);
    program.bound_mut()[0] = memory(&mut moved);
    assert_eq!(run(&mut program, &[memory(&mut x)]), "ran");
    assert_eq!((y, moved), ([1.0, 2.0, 3.0], [6.0, 7.0, 8.0]));
    // Aliases are looked for where the arrays are now.
    assert_eq!(run(&mut program, &[memory(&mut moved)]), "an alias");
    assert_eq!(run(&mut program, &[memory(&mut y)]), "ran");
}

#[test]
fn a_label_that_is_none_is_told_with_its_operation() {
    let (mut x, mut out) = ([1.0, 2.0, 3.0], [0.0; 3]);
    let mut order = [0, 1, 3];
    let buffers = [[1, 0, 3, 0], [2, 2, 3, 0], [1, 0, 3, 1]].concat();
    let gather = [number("gather_rows"), 3, 0, 1, 2, 3, 3, 1, 3, 0];
    let words = [&[MAGIC, VERSION, 3, 1], &buffers[..], &gather].concat();
    let bound = [memory(&mut x), memory(&mut out)];
    let mut program = Program::new(&words, &[], &bound).expect("is valid");
    let order = Memory::new(Element::I32, 3, order.as_mut_ptr().cast());
    // SAFETY: arrays of this test, which nothing else writes.
    let Err(Fault::Op(op, op::Fault::Label(bad))) = (unsafe { program.run(plain(), &[order]) })
    else {
        panic!("there is no row 3")
    };
    assert_eq!((op.name, bad.row, bad.label, bad.classes), ("gather_rows", 2, 3, 3));
    assert_eq!(out, [0.0; 3]);
}
