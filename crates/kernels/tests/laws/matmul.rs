use faer::linalg::matmul::matmul as whole;
use faer::{Accum, MatMut, MatRef, Par};
use kernels::Exec;
use kernels::float::Float;
use kernels::matmul::{Shape, matmul};
use proptest::prelude::*;

use crate::given::{bits, close, epsilon, execs, in_both_precisions, numbers, plain, wide};

in_both_precisions!(
    products_of_all_shapes_are_those_of_double_precision,
    large_products_are_those_of_double_precision,
    threads_change_no_bit,
    a_product_in_pieces_is_the_whole_product,
    vectors_take_any_number_of_threads,
    nothing_to_sum_gives_zeros,
);

/// Products that are cut into pieces of columns or rows, some with a last piece of few.
const CUT: [[usize; 3]; 22] = [
    [64, 128, 784],
    [128, 784, 64],
    [2, 1000, 1000],
    [8, 2049, 65],
    [33, 145, 300],
    [256, 1024, 100],
    [64, 128, 128],
    [65, 128, 128],
    [72, 512, 512],
    [97, 130, 127],
    [128, 128, 128],
    [255, 64, 65],
    [257, 70, 90],
    [281, 64, 64],
    [282, 61, 67],
    [512, 10, 784],
    [561, 48, 300],
    [784, 10, 512],
    [1000, 2, 1000],
    [1000, 1000, 2],
    [4096, 17, 16],
    [100_001, 4, 4],
];

const TRANSPOSES: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

fn shapes([m, n, k]: [usize; 3]) -> impl Iterator<Item = Shape> {
    TRANSPOSES.into_iter().map(move |(transpose_a, transpose_b)| Shape {
        m,
        n,
        k,
        transpose_a,
        transpose_b,
    })
}

fn operands<T: Float>(Shape { m, n, k, .. }: Shape) -> (Vec<T>, Vec<T>, Vec<T>) {
    (numbers(1, m * k), numbers(2, k * n), vec![T::of(f64::NAN); m * n])
}

fn product<T: Float>(exec: Exec, shape: Shape, a: &[T], b: &[T]) -> Vec<T> {
    let mut out = vec![T::of(f64::NAN); shape.m * shape.n];
    matmul(exec, shape, a, b, &mut out);
    out
}

/// Element [i, j] in double precision, and Σ|a·b|, which bounds its rounding.
fn element(shape: Shape, a: &[f64], b: &[f64], i: usize, j: usize) -> (f64, f64) {
    let Shape { m, n, k, transpose_a, transpose_b } = shape;
    let terms = (0..k).map(|l| {
        let x = if transpose_a { a[l * m + i] } else { a[i * k + l] };
        let y = if transpose_b { b[j * k + l] } else { b[l * n + j] };
        x * y
    });
    terms.fold((0.0, 0.0), |(sum, size), term| (sum + term, size + term.abs()))
}

fn check<T: Float>(shape: Shape, elements: impl Iterator<Item = (usize, usize)>) {
    let (a, b, _) = operands::<T>(shape);
    let out = product(plain(), shape, &a, &b);
    let (a, b) = (wide(&a), wide(&b));
    for (i, j) in elements {
        let (exact, size) = element(shape, &a, &b, i, j);
        close(out[i * shape.n + j].f64(), exact, shape.k as f64 * epsilon::<T>() * size);
    }
}

fn products_of_all_shapes_are_those_of_double_precision<T: Float>() {
    let length = || prop_oneof![Just(0_usize), Just(1), 2..40_usize, 60..70_usize];
    proptest!(|(m in length(), n in length(), k in length())| {
        for shape in shapes([m, n, k]) {
            check::<T>(shape, (0..m).flat_map(|i| (0..n).map(move |j| (i, j))));
        }
    });
}

fn large_products_are_those_of_double_precision<T: Float>() {
    for [m, n, k] in CUT {
        for shape in shapes([m, n, k]) {
            let samples = (0..500).map(|i| (i * 7919 % m, i * 104_729 % n));
            check::<T>(shape, samples.chain([(0, 0), (m - 1, n - 1)]));
        }
    }
}

fn threads_change_no_bit<T: Float>() {
    for shape in CUT.into_iter().flat_map(shapes) {
        let (a, b, _) = operands::<T>(shape);
        let mut first = None;
        for exec in (1..=8).map(|threads| Exec { threads, ..plain() }) {
            let out = bits(&product(exec, shape, &a, &b));
            assert!(*first.get_or_insert_with(|| out.clone()) == out, "{shape:?}, {exec:?}");
        }
    }
}

/// Where rows are cut changes nothing: each is summed in the order of the uncut product.
fn a_product_in_pieces_is_the_whole_product<T: Float>() {
    for shape in CUT.into_iter().flat_map(shapes) {
        let Shape { m, n, k, transpose_a, transpose_b } = shape;
        let (a, b, mut out) = operands::<T>(shape);
        let stored = |x, rows, columns, transposed| {
            if transposed {
                MatRef::from_row_major_slice(x, columns, rows).transpose()
            } else {
                MatRef::from_row_major_slice(x, rows, columns)
            }
        };
        let (left, right) = (stored(&a[..], m, k, transpose_a), stored(&b[..], k, n, transpose_b));
        let target = MatMut::from_row_major_slice_mut(&mut out, m, n);
        whole(target, Accum::Replace, left, right, T::ONE, Par::Seq);
        assert!(bits(&out) == bits(&product(plain(), shape, &a, &b)), "{shape:?}");
    }
}

/// A matrix and a vector, on either side, in every instruction set.
fn vectors_take_any_number_of_threads<T: Float>() {
    let columns = [[1000, 1, 1000], [300_001, 1, 3], [300_001, 1, 1], [2, 1, 300_000]];
    for [m, n, k] in columns.into_iter().flat_map(|[m, n, k]| [[m, n, k], [n, m, k]]) {
        for shape in shapes([m, n, k]) {
            let (a, b, _) = operands::<T>(shape);
            let mut first = None;
            for exec in execs() {
                let out = bits(&product(exec, shape, &a, &b));
                assert!(*first.get_or_insert_with(|| out.clone()) == out, "{shape:?}, {exec:?}");
            }
            check::<T>(shape, (0..m).flat_map(|i| (0..n).map(move |j| (i, j))));
        }
    }
}

fn nothing_to_sum_gives_zeros<T: Float>() {
    for shape in [[3, 4, 0], [1, 4, 0], [4, 1, 0], [1, 1, 0]].into_iter().flat_map(shapes) {
        assert_eq!(bits(&product::<T>(plain(), shape, &[], &[])), vec![0; shape.m * shape.n]);
    }
}
