use kernels::op::OPS;
use kernels::optimizer::{GROUP_WIDTH, OPTIMIZERS, ROW_WIDTH};
use program::{ABSENT, ARRAYS, Element, Program};

use crate::fuzz::Case;
use crate::fuzz::case::{Array, Over};
use crate::fuzz::code::{ARGUMENT, BOUND, Buffer, Code, Instruction, TEMPORARY};
use crate::fuzz::host::{GUARD, Host};

const F32: u32 = Element::F32 as u32;
const F64: u32 = Element::F64 as u32;
const I32: u32 = Element::I32 as u32;

fn op(name: &str) -> u32 {
    OPS.iter().position(|op| op.name == name).expect("it is in the table") as u32
}

fn optimizer(name: &str) -> u32 {
    let number = OPTIMIZERS.iter().position(|spec| spec.name == name).expect("there is one");
    (OPS.len() + number) as u32
}

fn instruction(op: u32, operands: &[u32], dims: &[u32], numbers: &[f64]) -> Instruction {
    let (operands, dims, numbers) = (operands.to_vec(), dims.to_vec(), numbers.to_vec());
    Instruction { op, operands, dims, numbers }
}

/// A bound array for each bound buffer, as the code says it.
fn over_its_arrays(code: &Code) -> Case {
    let buffers = code.buffers.iter().filter(|buffer| buffer.place == BOUND);
    let array = |buffer: &Buffer| Array {
        element: Element::ALL[buffer.element as usize],
        len: buffer.len as usize,
        over: None,
    };
    Case::of(code, buffers.map(array).collect(), 1)
}

fn refusal(case: &Case) -> Option<String> {
    let host = Host::new(case, GUARD);
    Program::new(&case.words, &case.constants, &host.bound).err().map(|why| why.to_string())
}

/// out = 2·(w + x) + 1: buffers w (bound), x (argument), the sum (temporary), out (bound).
fn sum() -> Code {
    let buffer = |place, number| Buffer { place, element: F32, len: 4, number };
    let buffers = [(BOUND, 0), (ARGUMENT, 0), (TEMPORARY, 0), (BOUND, 1)];
    Code {
        buffers: buffers.map(|(place, number)| buffer(place, number)).to_vec(),
        instructions: vec![
            instruction(op("add"), &[0, 1, 2], &[4], &[]),
            instruction(op("affine"), &[2, 3], &[4], &[2.0, 1.0]),
        ],
    }
}

/// Adam over one segment: control, w, g, m, v.
fn update() -> Code {
    let control = (GROUP_WIDTH + ROW_WIDTH) as u32;
    let mut buffers = vec![Buffer { place: BOUND, element: F64, len: control, number: 0 }];
    for number in 1..5 {
        buffers.push(Buffer { place: BOUND, element: F32, len: 3, number });
    }
    let operands = [0, 1, 2, 3, 4, ABSENT];
    Code { buffers, instructions: vec![instruction(optimizer("adam"), &operands, &[], &[])] }
}

fn changed(of: fn() -> Code, change: impl FnOnce(&mut Code)) -> Option<String> {
    let mut code = of();
    let bound = over_its_arrays(&code).bound;
    change(&mut code);
    refusal(&Case::of(&code, bound, 1))
}

#[test]
fn what_is_valid_is_not_refused() {
    assert_eq!(changed(sum, |_| {}), None);
    assert_eq!(changed(update, |_| {}), None);
    assert_eq!(changed(update, |code| code.instructions[0].operands[1..].fill(ABSENT)), None);
    // Two buffers may name one array as long as what is written is apart.
    assert_eq!(changed(sum, |code| code.instructions[0].operands[1] = 0), None);
}

#[test]
fn words_that_are_no_program_are_refused() {
    let valid = over_its_arrays(&sum());
    for end in 0..valid.words.len() {
        let cut = Case { words: valid.words[..end].to_vec(), ..valid.clone() };
        assert_eq!(refusal(&cut).as_deref(), Some("bytecode: cut off"), "{end} words");
    }
    let with = |change: &dyn Fn(&mut Case)| {
        let mut case = valid.clone();
        change(&mut case);
        refusal(&case)
    };
    let expected = |text: &str| Some(text.to_string());
    let of_another = expected("bytecode: of another version");
    assert_eq!(with(&|case| case.words[0] += 1), of_another);
    assert_eq!(with(&|case| case.words[1] += 1), of_another);
    let longer = expected("bytecode: longer than its instructions");
    assert_eq!(with(&|case| case.words.push(0)), longer);
    assert_eq!(with(&|case| case.constants.push(0.0)), longer);
    assert_eq!(with(&|case| case.constants.truncate(1)), expected("constants: cut off"));
    // Whatever a count says, no memory is asked for before the words are there.
    let beyond = expected("buffer: of no element type that there is"); // an instruction, read as one
    assert_eq!(with(&|case| case.words[2] = u32::MAX), beyond);
    assert_eq!(with(&|case| case.words[3] = u32::MAX), expected("bytecode: cut off"));
}

#[test]
fn buffers_that_there_are_not_are_refused() {
    let buffer =
        |change: fn(&mut Buffer), i: usize| changed(sum, |code| change(&mut code.buffers[i]));
    let another = "buffer: bound to an array of another type or length";
    for (i, change, expected) in [
        (0, (|b| b.place = 3) as fn(&mut Buffer), "buffer: in no place that there is"),
        (0, |b| b.element = 3, "buffer: of no element type that there is"),
        (0, |b| b.number = 2, "buffer: bound to no array"),
        (0, |b| b.number = u32::MAX, "buffer: bound to no array"),
        (0, |b| b.len = 5, another),
        (0, |b| b.element = F64, another),
        (1, |b| b.number = 4, "argument: of a number beyond those that there are"),
        (1, |b| b.number = u32::MAX, "argument: of a number beyond those that there are"),
    ] {
        assert_eq!(buffer(change, i).as_deref(), Some(expected));
    }
    let two = changed(sum, |code| {
        code.buffers.push(Buffer { place: ARGUMENT, element: F64, len: 4, number: 0 });
    });
    assert_eq!(two.as_deref(), Some("argument: of two types or lengths"));
}

#[test]
fn operations_that_the_table_does_not_have_are_refused() {
    let first =
        |change: fn(&mut Instruction)| changed(sum, |code| change(&mut code.instructions[0]));
    let no_operation = "instruction: no operation that there is";
    for (change, expected) in [
        ((|i| i.op = (OPS.len() + OPTIMIZERS.len()) as u32) as fn(&mut Instruction), no_operation),
        (|i| i.op = u32::MAX, no_operation),
        (|i| i.operands[0] = 4, "operand: no buffer that there is"),
        (|i| i.operands[0] = ABSENT, "add: an operand is absent"),
        (|i| i.operands.truncate(2), "add: another number of operands"),
        (|i| i.operands.push(0), "add: another number of operands"),
        (|i| i.dims.push(1), "add: another number of dimensions or numbers"),
        (|i| i.dims.clear(), "add: another number of dimensions or numbers"),
        (|i| i.numbers.push(1.0), "add: another number of dimensions or numbers"),
        (|i| i.dims[0] = 5, "add: an operand of another length"),
        (|i| i.dims[0] = u32::MAX, "add: an operand of another length"),
        (|i| i.operands[2] = 1, "add: an argument is written"),
        (|i| i.operands[2] = 0, "add: an operand that is written is shared"),
        (|i| i.operands[0] = 2, "add: a temporary is read before it is written"),
    ] {
        assert_eq!(first(change).as_deref(), Some(expected));
    }
}

#[test]
fn operands_of_another_type_are_refused() {
    for (i, element) in [(0, F64), (0, I32), (1, F64), (1, I32), (2, F64), (2, I32)] {
        let mut code = sum();
        code.buffers[i].element = element;
        let why = refusal(&over_its_arrays(&code));
        assert_eq!(why.as_deref(), Some("add: an operand of another type"), "{i} {element}");
    }
    // Labels are whole numbers, figures and state are double, whatever the rest is.
    for (name, dims) in [("cross_entropy", vec![4, 1]), ("sparsity", vec![4]), ("uniform", vec![4])]
    {
        let spec = &OPS[op(name) as usize];
        let mut code = Code::default();
        let sizes: Vec<usize> = dims.iter().map(|&dim| dim as usize).collect();
        for (number, parameter) in spec.parameters.iter().enumerate() {
            let len = (parameter.len)(&sizes).expect("short") as u32;
            code.buffers.push(Buffer { place: BOUND, element: F32, len, number: number as u32 });
        }
        let operands: Vec<u32> = (0..spec.parameters.len() as u32).collect();
        let numbers = vec![0.0; spec.numbers.len()];
        code.instructions.push(instruction(op(name), &operands, &dims, &numbers));
        let expected = format!("{name}: an operand of another type");
        assert_eq!(refusal(&over_its_arrays(&code)), Some(expected));
    }
}

/// An update in which `i` of the operands is what `operand` says.
fn with_operand(i: usize, operand: u32) -> Option<String> {
    changed(update, |code| code.instructions[0].operands[i] = operand)
}

#[test]
fn updates_that_are_wrong_are_refused() {
    assert_eq!(with_operand(0, ABSENT).as_deref(), Some("adam: no control block"));
    assert_eq!(with_operand(1, ABSENT).as_deref(), Some("adam: a segment without weights"));
    for absent in [2, 3, 4] {
        assert_eq!(
            with_operand(absent, ABSENT).as_deref(),
            Some("adam: an array of state is absent")
        );
    }
    let shared = Some("adam: an operand that is written is shared".to_string());
    assert_eq!(with_operand(2, 1), shared); // the gradient is the weights
    assert_eq!(with_operand(4, 3), shared);
    let first =
        |change: fn(&mut Instruction)| changed(update, |code| change(&mut code.instructions[0]));
    let size = "adam: a control block of another size or type";
    for (change, expected) in [
        ((|i| i.operands.truncate(5)) as fn(&mut Instruction), "adam: a segment is cut off"),
        (|i| i.operands.clear(), "adam: no control block"),
        (|i| i.dims.push(1), "update: with dimensions or numbers"),
        (|i| i.numbers.push(1.0), "update: with dimensions or numbers"),
        (|i| i.operands.extend([ABSENT; ARRAYS]), size),
        (|i| i.operands[0] = 1, size),
    ] {
        let why = changed(update, |code| {
            change(&mut code.instructions[0]);
        });
        assert_eq!(why.as_deref(), Some(expected));
        assert_eq!(first(change), why);
    }
    let many = changed(update, |code| {
        code.instructions[0].op = optimizer("sgd");
    });
    assert_eq!(many.as_deref(), Some("sgd: one array of state too many"));
}

#[test]
fn arrays_of_an_update_that_differ_are_refused() {
    let with = |i: usize, element: u32, len: u32| {
        let mut code = update();
        code.buffers[i].element = element;
        code.buffers[i].len = len;
        refusal(&over_its_arrays(&code))
    };
    let size = "adam: a control block of another size or type";
    for len in [0, ROW_WIDTH, GROUP_WIDTH + ROW_WIDTH - 1, GROUP_WIDTH + ROW_WIDTH + 1] {
        assert_eq!(with(0, F64, len as u32).as_deref(), Some(size), "{len}");
    }
    assert_eq!(with(0, F32, (GROUP_WIDTH + ROW_WIDTH) as u32).as_deref(), Some(size));
    assert_eq!(with(0, F64, (2 * GROUP_WIDTH + ROW_WIDTH) as u32), None);
    assert_eq!(with(1, I32, 3).as_deref(), Some("adam: weights of whole numbers"));
    for i in 2..5 {
        let differ = "adam: arrays of different types or lengths";
        assert_eq!(with(i, F32, 4).as_deref(), Some(differ), "{i}");
        assert_eq!(with(i, F64, 3).as_deref(), Some(differ), "{i}");
    }
}

#[test]
fn arrays_that_overlap_are_refused_where_one_is_written() {
    let mut case = over_its_arrays(&sum());
    case.bound[1].over = Some(Over { array: 0, start: 0 }); // of two instructions: each by itself is right
    assert_eq!(refusal(&case), None);
    let mut case = over_its_arrays(&update());
    case.bound[2].over = Some(Over { array: 1, start: 0 });
    let shared = "adam: an operand that is written is shared";
    assert_eq!(refusal(&case).as_deref(), Some(shared));
    let mut case = over_its_arrays(&update());
    case.bound[1].over = Some(Over { array: 0, start: 0 }); // weights in the control block
    assert_eq!(refusal(&case).as_deref(), Some(shared));
}

#[test]
fn temporaries_beyond_memory_are_refused() {
    let mut code = Code::default();
    for i in 0..40 {
        code.buffers.push(Buffer { place: TEMPORARY, element: F64, len: u32::MAX, number: 0 });
        code.instructions.push(instruction(op("set"), &[i], &[u32::MAX], &[0.0]));
    }
    for i in 0..39 {
        code.instructions.push(instruction(op("accumulate"), &[i, i + 1], &[u32::MAX], &[]));
    }
    // Somebody sees the end of it, or all of it would be left out.
    code.buffers.push(Buffer { place: BOUND, element: F64, len: 1, number: 0 });
    code.instructions.push(instruction(op("sum"), &[39, 40], &[u32::MAX], &[1.0]));
    let why = refusal(&over_its_arrays(&code));
    assert_eq!(why.as_deref(), Some("temporaries: of more bytes than there are"));
}
