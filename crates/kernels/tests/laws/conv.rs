use kernels::Exec;
use kernels::conv::{self, Convolution, extent, pieces};
use kernels::float::Float;

use crate::given::{bits, close, epsilon, execs, in_both_precisions, numbers, plain, wide};

in_both_precisions!(
    passes_are_those_of_the_definition,
    threads_and_instruction_sets_change_no_bit,
    a_bias_is_added_to_its_channel,
);

/// Sizes n, c, h, w, o, kh, kw, stride, padding: with and without shifts, sides, strides, and windows
/// that see nothing but padding.
const SIZES: [[usize; 9]; 10] = [
    [1, 1, 3, 3, 1, 2, 2, 1, 0],
    [2, 3, 5, 4, 4, 3, 3, 1, 1],
    [9, 2, 6, 7, 3, 3, 3, 1, 1],
    [17, 1, 4, 4, 2, 1, 1, 1, 0],
    [3, 2, 7, 5, 3, 3, 2, 2, 1],
    [2, 2, 8, 8, 2, 5, 5, 3, 2],
    [1, 2, 1, 1, 2, 3, 3, 1, 1],
    [2, 1, 2, 2, 1, 2, 2, 1, 4],
    [2, 2, 3, 9, 3, 1, 5, 1, 2],
    [2, 1, 3, 2, 2, 3, 9, 1, 4],
];

/// Output, and the gradients by input, weights and bias.
struct Passes<T> {
    out: Vec<T>,
    by_input: Vec<T>,
    by_weight: Vec<T>,
    by_bias: Vec<T>,
}

struct Case<T> {
    g: Convolution,
    pixels: [usize; 2],
    x: Vec<T>,
    weight: Vec<T>,
    upstream: Vec<T>,
}

impl<T: Float> Case<T> {
    fn of(sizes: &[usize; 9]) -> Self {
        let g = Convolution::of(sizes.each_ref());
        let pixels = [(g.h, g.kh), (g.w, g.kw)]
            .map(|(size, kernel)| extent(size, kernel, g.stride, g.padding));
        Self {
            g,
            pixels,
            x: numbers(1, g.n * g.c * g.h * g.w),
            weight: numbers(2, g.o * g.c * g.kh * g.kw),
            upstream: numbers(3, g.n * g.o * pixels[0] * pixels[1]),
        }
    }

    fn run(&self, exec: Exec) -> Passes<T> {
        let Self { g, pixels, x, weight, upstream } = self;
        let (taps, pixels) = (g.c * g.kh * g.kw, pixels[0] * pixels[1]);
        let nothing = |n: usize| vec![T::of(f64::NAN); n];
        let mut scratch = nothing(pieces(g.n) * taps * pixels);
        let mut sums = nothing(pieces(g.n) * weight.len());
        let mut passes = Passes {
            out: nothing(upstream.len()),
            by_input: nothing(x.len()),
            by_weight: nothing(weight.len()),
            by_bias: nothing(g.o),
        };
        conv::forward(exec, *g, [x, weight, &[]], &mut scratch, &mut passes.out);
        conv::by_input(exec, *g, [upstream, weight], &mut scratch, &mut passes.by_input);
        let memory = [&mut scratch[..], &mut sums];
        conv::by_weight(exec, *g, [x, upstream], memory, &mut passes.by_weight);
        conv::by_bias(exec, pixels, upstream, &mut passes.by_bias);
        passes
    }

    /// Every product of the definition, one by one.
    fn oracle(&self) -> Passes<f64> {
        let Self { g, pixels: [rows, columns], .. } = *self;
        let (x, weight, upstream) = (wide(&self.x), wide(&self.weight), wide(&self.upstream));
        let mut passes = Passes {
            out: vec![0.0; upstream.len()],
            by_input: vec![0.0; x.len()],
            by_weight: vec![0.0; weight.len()],
            by_bias: vec![0.0; g.o],
        };
        for (at, &dy) in upstream.iter().enumerate() {
            let (image, o) = (at / (rows * columns) / g.o, at / (rows * columns) % g.o);
            let (y, x0) = (at / columns % rows, at % columns);
            passes.by_bias[o] += dy;
            for tap in 0..g.c * g.kh * g.kw {
                let (c, i, j) = (tap / (g.kh * g.kw), tap / g.kw % g.kh, tap % g.kw);
                let row = (y * g.stride + i).checked_sub(g.padding).filter(|&row| row < g.h);
                let column = (x0 * g.stride + j).checked_sub(g.padding).filter(|&c| c < g.w);
                let (Some(row), Some(column)) = (row, column) else { continue };
                let (pixel, w) =
                    (((image * g.c + c) * g.h + row) * g.w + column, o * g.c * g.kh * g.kw + tap);
                passes.out[at] += x[pixel] * weight[w];
                passes.by_input[pixel] += dy * weight[w];
                passes.by_weight[w] += dy * x[pixel];
            }
        }
        passes
    }
}

fn passes_are_those_of_the_definition<T: Float>() {
    for sizes in &SIZES {
        let case = Case::<T>::of(sizes);
        let (got, exact) = (case.run(plain()), case.oracle());
        let pairs = [
            (&got.out, &exact.out),
            (&got.by_input, &exact.by_input),
            (&got.by_weight, &exact.by_weight),
            (&got.by_bias, &exact.by_bias),
        ];
        for (got, exact) in pairs {
            for (got, &exact) in got.iter().zip(exact) {
                close(got.f64(), exact, 200.0 * epsilon::<T>());
            }
        }
    }
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    // Enough multiply-adds to enter the pool.
    let case = Case::<T>::of(&[35, 8, 20, 20, 16, 3, 3, 1, 1]);
    let mut first = None;
    for exec in execs() {
        let Passes { out, by_input, by_weight, by_bias } = case.run(exec);
        let all = bits(&[out, by_input, by_weight, by_bias].concat());
        assert!(*first.get_or_insert_with(|| all.clone()) == all, "{exec:?}");
    }
}

fn a_bias_is_added_to_its_channel<T: Float>() {
    let g = Convolution::of([&2, &1, &2, &2, &2, &1, &1, &1, &0]);
    let [one, two] = [T::ONE, T::ONE + T::ONE];
    let (x, mut scratch, mut out) = (vec![one; 8], vec![one; 4], vec![T::ZERO; 16]);
    conv::forward(plain(), g, [&x, &[one, two], &[one, -one]], &mut scratch, &mut out);
    let image = [two, two, two, two, one, one, one, one];
    assert_eq!(bits(&out), bits(&[image, image].concat()));
}
