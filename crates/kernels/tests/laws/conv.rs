use kernels::Exec;
use kernels::conv::pooled::{self, Pooled};
use kernels::conv::{self, Convolution};
use kernels::elementwise::{relu, relu_gradient};
use kernels::float::Float;
use kernels::pool::{Pooling, max};
use kernels::simd::Level;
use proptest::prelude::*;

use crate::given::{bits, close, epsilon, execs, in_both_precisions, numbers, plain, wide};

in_both_precisions!(
    passes_are_those_of_the_definition,
    passes_of_any_sizes_are_those_of_the_definition,
    threads_and_instruction_sets_change_no_bit,
    a_bias_is_added_to_its_channel,
    what_is_not_finite_shows_where_it_is_seen,
    groups_that_do_not_divide_give_zeros,
    pooled_results_are_those_of_the_operations_one_by_one,
    gradients_of_no_maxima_are_zeros,
);

/// Sizes n, c, h, w, o, kh, kw, then strides, paddings and dilations both ways, groups: with and without
/// shifts, sides, strides, gaps, groups, bands, and windows that see nothing but padding.
const SIZES: [[usize; 14]; 19] = [
    [1, 1, 3, 3, 1, 2, 2, 1, 1, 0, 0, 1, 1, 1],
    [2, 3, 5, 4, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1],
    [9, 2, 6, 7, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1],
    [17, 1, 4, 4, 2, 1, 1, 1, 1, 0, 0, 1, 1, 1],
    [3, 2, 7, 5, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1],
    [2, 2, 8, 8, 2, 5, 5, 3, 3, 2, 2, 1, 1, 1],
    [1, 2, 1, 1, 2, 3, 3, 1, 1, 1, 1, 1, 1, 1],
    [2, 1, 2, 2, 1, 2, 2, 1, 1, 4, 4, 1, 1, 1],
    [2, 2, 3, 9, 3, 1, 5, 1, 1, 2, 2, 1, 1, 1],
    [2, 1, 3, 2, 2, 3, 9, 1, 1, 4, 4, 1, 1, 1],
    // Rows and columns apart.
    [2, 2, 9, 7, 3, 3, 2, 2, 1, 0, 1, 1, 2, 1],
    [2, 2, 7, 9, 3, 2, 3, 1, 2, 1, 0, 2, 1, 1],
    [1, 2, 11, 10, 5, 3, 3, 1, 1, 2, 2, 2, 2, 1],
    // Groups, and a channel each.
    [3, 6, 5, 5, 4, 3, 3, 1, 1, 1, 1, 1, 1, 2],
    [2, 5, 6, 6, 10, 3, 3, 2, 2, 1, 1, 1, 1, 5],
    // Tiles of every kind: many channels, long rows.
    [2, 3, 9, 30, 39, 3, 3, 1, 1, 1, 1, 1, 1, 1],
    [1, 19, 13, 13, 13, 1, 1, 1, 1, 0, 0, 1, 1, 1],
    [1, 2, 14, 14, 23, 5, 7, 1, 1, 2, 3, 1, 1, 1],
    // Several bands.
    [1, 24, 70, 90, 2, 3, 3, 1, 1, 1, 1, 1, 1, 1],
];

/// Output, and the gradients by input, weights and bias.
struct Passes<T> {
    out: Vec<T>,
    by_input: Vec<T>,
    by_weight: Vec<T>,
    by_bias: Vec<T>,
}

/// Memory as a call may find it.
fn nothing<T: Float>(n: usize) -> Vec<T> {
    vec![T::of(f64::NAN); n]
}

struct Case<T> {
    g: Convolution,
    x: Vec<T>,
    weight: Vec<T>,
    upstream: Vec<T>,
}

impl<T: Float> Case<T> {
    fn of(sizes: &[usize; 14]) -> Self {
        let g = Convolution::of(sizes);
        Self {
            g,
            x: numbers(1, g.n * g.c * g.rows.size * g.columns.size),
            weight: numbers(2, g.o * g.channels() * g.rows.kernel * g.columns.kernel),
            upstream: numbers(3, g.n * g.o * g.windows()),
        }
    }

    fn run(&self, exec: Exec) -> Passes<T> {
        let Self { g, x, weight, upstream } = self;
        let mut passes = Passes {
            out: nothing(upstream.len()),
            by_input: nothing(x.len()),
            by_weight: nothing(weight.len()),
            by_bias: nothing(g.o),
        };
        let mut scratch = nothing(g.forward_scratch());
        conv::forward(exec, *g, [x, weight, &[]], &mut scratch, &mut passes.out);
        let mut scratch = nothing(g.by_input_scratch());
        conv::by_input(exec, *g, [upstream, weight], &mut scratch, &mut passes.by_input);
        let mut scratch = nothing(g.by_weight_scratch());
        conv::by_weight(exec, *g, [x, upstream], &mut scratch, &mut passes.by_weight);
        conv::by_bias(exec, g.windows(), upstream, &mut passes.by_bias);
        passes
    }

    /// Every product of the definition, one by one: padding is zeros.
    fn oracle(&self) -> Passes<f64> {
        let g = &self.g;
        let (rows, columns) = (g.rows, g.columns);
        let (x, weight, upstream) = (wide(&self.x), wide(&self.weight), wide(&self.upstream));
        let mut passes = Passes {
            out: vec![0.0; upstream.len()],
            by_input: vec![0.0; x.len()],
            by_weight: vec![0.0; weight.len()],
            by_bias: vec![0.0; g.o],
        };
        let taps = rows.kernel * columns.kernel;
        for (at, &dy) in upstream.iter().enumerate() {
            let (image, o) = (at / g.windows() / g.o, at / g.windows() % g.o);
            let (y, x0) = (at / columns.windows % rows.windows, at % columns.windows);
            passes.by_bias[o] += dy;
            for tap in 0..g.channels() * taps {
                let (c, i, j) =
                    (tap / taps, tap / columns.kernel % rows.kernel, tap % columns.kernel);
                let c = o / (g.o / g.groups) * g.channels() + c;
                let row = (y * rows.stride + i * rows.dilation)
                    .checked_add_signed(-rows.before)
                    .filter(|&row| row < rows.size);
                let column = (x0 * columns.stride + j * columns.dilation)
                    .checked_add_signed(-columns.before)
                    .filter(|&column| column < columns.size);
                let w = o * g.channels() * taps + tap;
                let (Some(row), Some(column)) = (row, column) else {
                    passes.out[at] += 0.0 * weight[w];
                    passes.by_weight[w] += dy * 0.0;
                    continue;
                };
                let pixel = ((image * g.c + c) * rows.size + row) * columns.size + column;
                passes.out[at] += x[pixel] * weight[w];
                passes.by_input[pixel] += dy * weight[w];
                passes.by_weight[w] += dy * x[pixel];
            }
        }
        passes
    }

    #[track_caller]
    fn check(&self, exec: Exec) {
        let (got, exact) = (self.run(exec), self.oracle());
        let pairs = [
            (&got.out, &exact.out),
            (&got.by_input, &exact.by_input),
            (&got.by_weight, &exact.by_weight),
            (&got.by_bias, &exact.by_bias),
        ];
        for (got, exact) in pairs {
            for (got, &exact) in got.iter().zip(exact) {
                close(got.f64(), exact, 200.0 * epsilon::<T>() * (1.0 + exact.abs()));
            }
        }
    }
}

fn passes_are_those_of_the_definition<T: Float>() {
    for sizes in &SIZES {
        let case = Case::<T>::of(sizes);
        for exec in execs().filter(|exec| exec.threads == 1) {
            case.check(exec);
        }
    }
}

fn passes_of_any_sizes_are_those_of_the_definition<T: Float>() {
    let channels = (1..4_usize, 1..5_usize, 1..21_usize);
    let sides =
        prop::array::uniform2((1..20_usize, 1..8_usize, 1..4_usize, 0..4_usize, 1..4_usize));
    proptest!(|((groups, c, o) in channels, [rows, columns] in sides, n in 1..11_usize)| {
        let ((h, kh, sh, ph, dh), (w, kw, sw, pw, dw)) = (rows, columns);
        Case::<T>::of(&[n, c * groups, h, w, o * groups, kh, kw, sh, sw, ph, pw, dh, dw, groups])
            .check(plain());
    });
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    // Enough multiply-adds to enter the pool; strides go another way back.
    for sizes in [
        [35, 8, 20, 20, 16, 3, 3, 1, 1, 1, 1, 1, 1, 1],
        [35, 8, 40, 40, 16, 3, 3, 2, 2, 1, 1, 1, 1, 1],
    ] {
        let case = Case::<T>::of(&sizes);
        let mut first = None;
        // Without an instruction for it, a product is added slowly.
        let slow = |exec: &Exec| exec.isa.level() == Level::Scalar && exec.threads % 3 != 1;
        for exec in execs().filter(|exec| !slow(exec)) {
            let Passes { out, by_input, by_weight, by_bias } = case.run(exec);
            let all = bits(&[out, by_input, by_weight, by_bias].concat());
            assert!(*first.get_or_insert_with(|| all.clone()) == all, "{exec:?}");
        }
    }
}

fn a_bias_is_added_to_its_channel<T: Float>() {
    let g = Convolution::of(&[2, 1, 2, 2, 2, 1, 1, 1, 1, 0, 0, 1, 1, 1]);
    let [one, two] = [T::ONE, T::ONE + T::ONE];
    let (mut scratch, mut out) = (nothing(g.forward_scratch()), nothing(16));
    let arrays = [&[one; 8][..], &[one, two], &[one, -one]];
    conv::forward(plain(), g, arrays, &mut scratch, &mut out);
    let image = [two, two, two, two, one, one, one, one];
    assert_eq!(bits(&out), bits(&[image, image].concat()));
}

/// One number that is not finite, at each place: only sums that it belongs to know of it.
fn what_is_not_finite_shows_where_it_is_seen<T: Float>() {
    for sizes in [
        [1, 2, 5, 5, 2, 3, 3, 1, 1, 1, 1, 1, 1, 1],
        [2, 1, 4, 5, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1],
        [1, 2, 3, 6, 4, 2, 3, 1, 1, 0, 0, 1, 2, 2],
    ] {
        let case = Case::<T>::of(&sizes);
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            for place in 0..case.x.len() {
                let mut x = case.x.clone();
                x[place] = T::of(bad);
                let upstream = case.upstream.clone();
                Case { x, weight: case.weight.clone(), upstream, ..case }.check(plain());
            }
            for place in 0..case.upstream.len() {
                let mut upstream = case.upstream.clone();
                upstream[place] = T::of(bad);
                let x = case.x.clone();
                Case { x, weight: case.weight.clone(), upstream, ..case }.check(plain());
            }
        }
    }
}

fn groups_that_do_not_divide_give_zeros<T: Float>() {
    for groups in [0, 2, 7] {
        let case = Case::<T>::of(&[2, 3, 4, 4, 5, 2, 2, 1, 1, 0, 0, 1, 1, groups]);
        let Passes { out, by_input, by_weight, .. } = case.run(plain());
        assert!([out, by_input, by_weight].concat().iter().all(|&x| x == T::ZERO));
    }
}

fn pooled_results_are_those_of_the_operations_one_by_one<T: Float>() {
    for (sizes, [kernel, stride]) in [
        ([9, 1, 8, 9, 5, 3, 3, 1, 1, 1, 1, 1, 1, 1], [2, 2]),
        ([2, 3, 12, 33, 18, 3, 3, 1, 1, 1, 1, 1, 1, 1], [2, 2]),
        ([2, 4, 9, 9, 6, 2, 3, 2, 1, 1, 0, 1, 2, 2], [3, 1]),
        ([1, 2, 6, 5, 2, 1, 1, 1, 1, 0, 0, 1, 1, 1], [2, 3]),
        ([1, 24, 70, 90, 2, 3, 3, 1, 1, 1, 1, 1, 1, 1], [2, 2]),
    ] {
        for (exec, nan) in execs().filter(|exec| exec.threads < 3).zip([false, true].iter().cycle())
        {
            let mut case = Case::<T>::of(&sizes);
            if *nan {
                case.x[3] = T::of(f64::NAN);
            }
            let all = Pooled::of(&[&sizes[..], &[kernel, stride]].concat());
            same_as_one_by_one(exec, &case, all);
        }
    }
}

fn same_as_one_by_one<T: Float>(exec: Exec, case: &Case<T>, all: Pooled) {
    let (g, bias) = (case.g, numbers::<T>(4, case.g.o));
    let pooling = Pooling::square([g.rows.windows, g.columns.windows], all.kernel, all.stride);
    let (n, arrays) = (g.n * g.o * all.maxima(), [&case.x[..], &case.weight, &bias]);
    let mut scratch = nothing(g.forward_scratch());
    let mut plane = nothing(case.upstream.len());
    conv::forward(exec, g, arrays, &mut scratch, &mut plane);
    let (mut order, mut out) = (vec![-1; n], nothing(n));
    max::forward(exec, pooling, &plane, &mut order, &mut out);
    let maxima: Vec<T> = out.iter().map(|&x| relu(x)).collect();

    let mut scratch = nothing(all.forward_scratch());
    let (mut found, mut result) = (vec![-1; n], nothing(n));
    pooled::forward(exec, all, true, arrays, &mut scratch, (&mut found, &mut result));
    assert_eq!((&found, bits(&result)), (&order, bits(&maxima)));
    pooled::forward(exec, all, false, arrays, &mut scratch, (&mut found, &mut result));
    assert_eq!((&found, bits(&result)), (&order, bits(&out)));

    let given = numbers::<T>(5, n);
    let upstream: Vec<T> = given.iter().zip(&out).map(|(&g, &x)| relu_gradient(x, g)).collect();
    let mut whole = nothing(plane.len());
    max::backward(exec, [g.windows(), all.maxima()], &upstream, &order, &mut whole)
        .expect("the places are there");
    let mut scratch = nothing(g.by_input_scratch());
    let mut expected = [nothing(case.x.len()), nothing(case.weight.len())];
    conv::by_input(exec, g, [&whole, &case.weight], &mut scratch, &mut expected[0]);
    let mut scratch = nothing(g.by_weight_scratch());
    conv::by_weight(exec, g, [&case.x, &whole], &mut scratch, &mut expected[1]);

    let mut got = [nothing(case.x.len()), nothing(case.weight.len())];
    let mut scratch = nothing(all.by_input_scratch());
    pooled::by_input(exec, all, [&upstream, &case.weight], &order, &mut scratch, &mut got[0])
        .expect("the places are there");
    let mut scratch = nothing(all.by_weight_scratch());
    pooled::by_weight(exec, all, [&case.x, &upstream], &order, &mut scratch, &mut got[1])
        .expect("the places are there");
    assert_eq!(got.map(|got| bits(&got)), expected.map(|expected| bits(&expected)));
}

fn gradients_of_no_maxima_are_zeros<T: Float>() {
    let all = Pooled::of(&[2, 2, 4, 4, 3, 3, 3, 1, 1, 0, 0, 1, 1, 1, 3, 1]);
    let (x, weight) = (numbers::<T>(1, 64), numbers::<T>(2, 54));
    let (mut by_input, mut by_weight) = (nothing(64), nothing(54));
    let mut scratch = nothing(all.by_input_scratch());
    let done = pooled::by_input(plain(), all, [&[], &weight], &[], &mut scratch, &mut by_input);
    assert_eq!(done, Ok(()));
    let mut scratch = nothing(all.by_weight_scratch());
    let done = pooled::by_weight(plain(), all, [&x, &[]], &[], &mut scratch, &mut by_weight);
    assert_eq!(done, Ok(()));
    assert!([by_input, by_weight].concat().iter().all(|&x| x == T::ZERO));
}
