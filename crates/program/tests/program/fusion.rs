#![allow(unsafe_code, reason = "programs are run over memory of the test's own")]

use kernels::Exec;
use kernels::op::OPS;
use program::{Cut, Element, Program};

use crate::direct::{self, plain};
use crate::fuzz::Case;
use crate::fuzz::case::{Array, Over};
use crate::fuzz::code::{BOUND, Buffer, Code, Instruction, TEMPORARY};
use crate::fuzz::host::{GUARD, Host};

/// What a program is made of, buffer by buffer and call by call.
#[derive(Default)]
struct Written {
    code: Code,
    bound: Vec<Array>,
}

impl Written {
    fn buffer(&mut self, place: u32, element: Element, len: usize, over: Option<Over>) -> u32 {
        let number = self.bound.len() as u32;
        if place == BOUND {
            self.bound.push(Array { element, len, over });
        }
        self.code.buffers.push(Buffer { place, element: element as u32, len: len as u32, number });
        self.code.buffers.len() as u32 - 1
    }

    fn bound(&mut self, len: usize) -> u32 {
        self.buffer(BOUND, Element::F32, len, None)
    }

    fn over(&mut self, len: usize, array: usize, start: usize) -> u32 {
        self.buffer(BOUND, Element::F32, len, Some(Over { array, start }))
    }

    fn temporary(&mut self, len: usize) -> u32 {
        self.buffer(TEMPORARY, Element::F32, len, None)
    }

    fn call(&mut self, name: &str, operands: &[u32], dims: &[usize], numbers: &[f64]) {
        let op = OPS.iter().position(|op| op.name == name).expect("it is in the table") as u32;
        let dims = dims.iter().map(|&dim| dim as u32).collect();
        let (operands, numbers) = (operands.to_vec(), numbers.to_vec());
        self.code.instructions.push(Instruction { op, operands, dims, numbers });
    }

    /// The numbers of the instructions that run together, and the bytes of the temporaries; the bits are
    /// those of direct calls, whatever the number of threads.
    fn fused(&self, cut: Cut) -> (Vec<Vec<usize>>, usize) {
        let case = Case::of(&self.code, self.bound.clone(), 5);
        let expected = Host::new(&case, GUARD);
        direct::run(&self.code, &expected).expect("there are no labels");
        let mut found = None;
        for threads in [1, 2, 3, 5, 8] {
            let host = Host::new(&case, GUARD);
            let program = Program::cut(&case.words, &case.constants, &host.bound, cut);
            let mut program = program.expect("is valid");
            // SAFETY: arrays of this host, which nothing else writes.
            let ran = unsafe { program.run(Exec { threads, ..plain() }, &host.arguments) };
            assert!(ran.is_ok());
            assert!(expected.contents() == host.contents(), "{threads} threads");
            found = Some((program.fused().collect(), program.bytes().0));
        }
        found.expect("it ran")
    }
}

/// Blocks of one row.
const SMALL: Cut = Cut { from: 1, block: 1 };

#[test]
fn a_chain_runs_together_and_its_temporaries_are_as_long_as_a_block_of_each_piece() {
    let mut program = Written::default();
    let n = 1 << 19;
    let (x, out) = (program.bound(n), program.bound(n));
    let [a, b] = [0, 1].map(|_| program.temporary(n));
    program.call("affine", &[x, a], &[n], &[2.0, 1.0]);
    program.call("tanh", &[a, b], &[n], &[]);
    program.call("mul", &[b, x, out], &[n], &[]);
    let (fused, bytes) = program.fused(Cut::default());
    assert_eq!(fused, [[0, 1, 2]]);
    assert_eq!(bytes, 2 * 16 * 2048 * 4); // four arrays of 2,048 elements a block
}

#[test]
fn bias_and_activation_run_together_by_rows() {
    for (m, n) in [(64, 128), (1000, 10), (31, 257), (3, 5000), (40_000, 1)] {
        let mut program = Written::default();
        let (bias, y, out) = (program.bound(n), program.bound(m * n), program.bound(m * n));
        program.call("add_bias", &[bias, y], &[m, n], &[]);
        program.call("relu", &[y, out], &[m * n], &[]);
        assert_eq!(program.fused(SMALL).0, [[0, 1]]);
        assert_eq!(program.fused(Cut { from: 1, ..Cut::default() }).0, [[0, 1]]);
    }
}

#[test]
fn short_arrays_run_one_by_one() {
    let mut program = Written::default();
    let (x, y) = (program.bound(100), program.bound(100));
    program.call("abs", &[x, y], &[100], &[]);
    program.call("accumulate", &[x, y], &[100], &[]);
    assert_eq!(program.fused(SMALL).0, [[0, 1]]);
    assert!(program.fused(Cut { from: 101, ..SMALL }).0.is_empty());
    assert!(program.fused(Cut::default()).0.is_empty());
}

#[test]
fn another_number_of_elements_ends_what_runs_together() {
    let mut program = Written::default();
    let (x, y) = (program.bound(60), program.bound(60));
    let (z, bias) = (program.bound(40), program.bound(6));
    program.call("abs", &[x, y], &[60], &[]);
    program.call("accumulate", &[x, y], &[60], &[]);
    program.call("add_bias", &[bias, y], &[10, 6], &[]);
    program.call("set", &[z], &[40], &[1.0]);
    program.call("abs", &[y, x], &[60], &[]);
    program.call("relu", &[x, y], &[60], &[]);
    assert_eq!(program.fused(SMALL).0, [vec![0, 1, 2], vec![4, 5]]);
}

#[test]
fn rows_of_widths_of_which_none_divides_the_other_run_apart() {
    let mut program = Written::default();
    let (y, four, six) = (program.bound(48), program.bound(4), program.bound(6));
    let two = program.bound(2);
    program.call("add_bias", &[four, y], &[12, 4], &[]);
    program.call("add_bias", &[six, y], &[8, 6], &[]);
    program.call("add_bias", &[two, y], &[24, 2], &[]);
    assert_eq!(program.fused(SMALL).0, [[1, 2]]);
}

#[test]
fn what_is_read_whole_is_not_written_in_the_same_run() {
    // A bias of as many elements as there are, of one row; and a row that is written element by element.
    let mut program = Written::default();
    let (x, bias, y) = (program.bound(32), program.bound(32), program.bound(32));
    program.call("abs", &[x, bias], &[32], &[]);
    program.call("add_bias", &[bias, y], &[1, 32], &[]);
    program.call("relu", &[y, x], &[32], &[]);
    assert_eq!(program.fused(SMALL).0, [[1, 2]]);

    // The same where the bias lies inside of what is written.
    let mut program = Written::default();
    let (x, y, z) = (program.bound(32), program.bound(32), program.bound(32));
    let inside = program.over(4, 1, 3);
    program.call("abs", &[x, y], &[32], &[]);
    program.call("add_bias", &[inside, z], &[8, 4], &[]);
    assert!(program.fused(SMALL).0.is_empty());
}

#[test]
fn arrays_that_overlap_elsewhere_than_row_by_row_end_what_runs_together() {
    let shifted = |start: usize| {
        let mut program = Written::default();
        let (x, whole, out) = (program.bound(40), program.bound(50), program.bound(40));
        let (first, other) = (program.over(40, 1, 0), program.over(40, 1, start));
        program.call("abs", &[x, first], &[40], &[]);
        program.call("accumulate", &[x, other], &[40], &[]);
        program.call("relu", &[first, out], &[40], &[]);
        let _ = whole;
        program.fused(SMALL).0
    };
    assert_eq!(shifted(0), [[0, 1, 2]]); // the same elements under two names
    for start in [1, 5, 8, 10] {
        assert!(shifted(start).is_empty(), "{start} further on");
    }
}

#[test]
fn what_only_reads_may_overlap_as_it_likes() {
    let mut program = Written::default();
    let (x, y, z) = (program.bound(41), program.bound(40), program.bound(40));
    let (first, second) = (program.over(40, 0, 0), program.over(40, 0, 1));
    let _ = x;
    program.call("abs", &[first, y], &[40], &[]);
    program.call("relu", &[second, z], &[40], &[]);
    assert_eq!(program.fused(SMALL).0, [[0, 1]]);
}

#[test]
fn a_temporary_that_is_read_later_keeps_its_length() {
    let mut program = Written::default();
    let (n, x, out) = (4096, program.bound(4096), program.bound(4096));
    let (total, a, b) = (program.bound(1), program.temporary(4096), program.temporary(4096));
    program.call("abs", &[x, a], &[n], &[]);
    program.call("affine", &[a, b], &[n], &[2.0, 0.0]);
    program.call("add", &[b, x, out], &[n], &[]);
    program.call("sum", &[a, total], &[n], &[1.0]);
    let (fused, bytes) = program.fused(SMALL);
    assert_eq!(fused, [[0, 1, 2]]);
    assert_eq!(bytes, 4 * 4096 + 16 * 4); // one row of each of 16 pieces
}
