use kernels::Exec;

use kernels::optimizer::{self, MAX_STATE, Segment, Stats, Updates};
use kernels::parallel;

use crate::given::{bits, close, epsilon, execs, in_both_precisions, numbers, plain, wide};
use crate::optimizer::{Around, NEAR_ZERO, SETUPS, Setup, State};

in_both_precisions!(
    steps_are_those_of_the_formulas,
    steps_are_those_of_the_formulas_across_chunks,
    steps_of_random_groups_are_those_of_the_formulas,
    threads_and_instruction_sets_change_no_bit,
    a_weight_does_not_depend_on_its_neighbours,
    nan_and_infinity_show,
);

/// One parameter under an optimizer.
#[derive(Clone)]
struct Training<T> {
    setup: Setup,
    weights: Vec<T>,
    state: [Vec<T>; MAX_STATE],
    carried: f64,
}

impl<T: Updates> Training<T> {
    fn of(setup: Setup, n: usize) -> Self {
        let state = || vec![T::ZERO; n];
        Self { setup, weights: numbers(3, n), state: [state(), state(), state()], carried: 0.0 }
    }

    fn step(&mut self, exec: Exec, around: Around, step: u32, grads: &[T]) -> Stats {
        let mut given = self.setup.state.into_iter();
        let state = self.state.each_mut().map(|state| given.next()?.then_some(&mut state[..]));
        let segment = Segment { weights: &mut self.weights, grads, state };
        let mut group = self.setup.group(around, step, self.carried);
        let number = self.setup.number();
        let stats = parallel::run(exec, grads.len(), |threaded| {
            optimizer::step(exec, threaded, number, &mut group, segment)
        });
        self.carried = group.carried;
        stats
    }

    fn bits(&self) -> Vec<Vec<u64>> {
        self.state.iter().chain([&self.weights]).map(|x| bits(x)).collect()
    }
}

/// Every decay under every penalty and every way to apply it that has a meaning for `setup`.
fn arounds(setup: Setup) -> impl Iterator<Item = Around> + Clone {
    let penalties = [(0.0, 0.0), (0.3, 0.0), (0.0, 0.4), (0.3, 0.4)];
    let modes = (0..3).flat_map(|decay| (0..4).map(move |apply| (decay, apply)));
    modes.filter(move |&(_, apply)| setup.takes(apply)).flat_map(move |(decay, apply)| {
        penalties.into_iter().map(move |(l1, l2)| Around {
            lr: 0.05,
            weight_decay: 0.2,
            decay,
            schedule_multiplier: 0.6,
            l1,
            l2,
            apply,
            maximize: apply == 2 && decay == 1,
        })
    })
}

/// Every setup under all of them.
fn all() -> impl Iterator<Item = (Setup, Around)> {
    SETUPS.into_iter().flat_map(|setup| arounds(setup).map(move |around| (setup, around)))
}

/// Gradients of a step; every fifth weight never gets one.
fn gradients<T: Updates>(step: u32, n: usize) -> Vec<T> {
    let mut grads = numbers::<T>(u64::from(100 + step), n);
    for g in grads.iter_mut().step_by(5) {
        *g = T::ZERO;
    }
    grads
}

/// Steps a training and the formulas side by side, each step from the kernel's own numbers.
fn follow<T: Updates>(setup: Setup, around: Around, n: usize, steps: &[u32]) {
    let mut training = Training::<T>::of(setup, n);
    for &step in steps {
        let (before, grads) = (training.clone(), gradients::<T>(step, n));
        let stats = training.step(plain(), around, step, &grads);
        for i in 0..n {
            let arrays = before.state.each_ref().map(|state| state[i].f64());
            let (w, g) = (before.weights[i].f64(), grads[i].f64());
            let at = |g| {
                let mut state = State { arrays, carried: before.carried };
                (setup.step(around, step, w, g, &mut state), state)
            };
            // Adam turns what little is left of a gradient and its decay into a whole step.
            let unsure = 4.0 * epsilon::<T>() * (g.abs() + w.abs() + around.l1);
            let (low, (w, state), high) = (at(g - unsure), at(g), at(g + unsure));
            let slack = (high.0 - low.0).abs();
            close(training.weights[i].f64(), w, 32.0 * epsilon::<T>() + slack);
            for (a, exact) in state.arrays.into_iter().enumerate() {
                let slack = (high.1.arrays[a] - low.1.arrays[a]).abs();
                let tolerance = most(setup, around, exact) * epsilon::<T>() + slack;
                close(training.state[a][i].f64(), exact, tolerance);
            }
            close(training.carried, state.carried, 4.0 * f64::EPSILON);
        }
        check_figures(around, &before.weights, &grads, &training.weights, stats);
    }
}

/// Roundings of a number of state: FTRL's z adds what is divided by lr, the buffer of
/// `RMSprop` what is divided by a root.
fn most(setup: Setup, around: Around, exact: f64) -> f64 {
    let roundings = match setup.name {
        "ftrl" => 4.0 / around.lr,
        "rmsprop" => 16.0,
        _ => 4.0,
    };
    roundings * exact.abs().max(1.0)
}

fn check_figures<T: Updates>(around: Around, before: &[T], grads: &[T], after: &[T], stats: Stats) {
    // Chunk by chunk, or the sum of the law is the one that is off.
    let sum = |x: &[T], f: fn(f64) -> f64| {
        wide(x).chunks(1024).map(|x| x.iter().copied().map(f).sum::<f64>()).sum::<f64>()
    };
    let same = |got: f64, exact: f64| close(got, exact, 256.0 * epsilon::<T>() * exact);
    let penalized = around.l1 != 0.0 || around.l2 != 0.0;
    same(stats.abs_sum, if penalized { sum(before, f64::abs) } else { 0.0 });
    same(stats.square_sum, if penalized { sum(before, |w| w * w) } else { 0.0 });
    same(stats.grad_squares, sum(grads, |g| g * g));
    same(stats.weight_squares, sum(after, |w| w * w));
    let change: Vec<T> = after.iter().zip(before).map(|(&after, &before)| after - before).collect();
    same(stats.update_squares, sum(&change, |d| d * d));
    assert_eq!(stats.zeros, after.iter().filter(|&&w| w == T::ZERO).count() as f64);
    let near = after.iter().filter(|w| w.magnitude() < T::of(NEAR_ZERO)).count();
    assert_eq!(stats.near_zeros, near as f64);
}

fn steps_are_those_of_the_formulas<T: Updates>() {
    for (setup, around) in all() {
        for n in 0..70 {
            follow::<T>(setup, around, n, &[1, 2, 3, 40]);
        }
    }
}

fn steps_are_those_of_the_formulas_across_chunks<T: Updates>() {
    for (i, setup) in SETUPS.into_iter().enumerate() {
        for (j, around) in arounds(setup).skip(i % 6).step_by(6).enumerate() {
            follow::<T>(setup, around, 16_383 + j % 3, &[1, 7]);
        }
        for around in arounds(setup).cycle().skip(7 * i + 3).take(1) {
            follow::<T>(setup, around, (3 << 18) + 5, &[1, 7]);
        }
    }
}

fn steps_of_random_groups_are_those_of_the_formulas<T: Updates>() {
    for seed in 0..1500 {
        let setup = SETUPS[seed % SETUPS.len()];
        let [lr, weight_decay, schedule_multiplier, l1, l2, maximize, mode, n] =
            *numbers::<f64>(seed as u64, 8).first_chunk().expect("there are eight");
        let modes: Vec<_> = arounds(setup).collect();
        let around = Around {
            lr: 1e-3 + 0.2 * lr.abs(),
            weight_decay: 0.5 * weight_decay.abs(),
            schedule_multiplier: schedule_multiplier.abs(),
            l1: 0.5 * l1.abs(),
            l2: l2.abs(),
            maximize: maximize < 0.0,
            ..modes[(modes.len() as f64 * mode.abs()) as usize]
        };
        follow::<T>(setup, around, (300.0 * n.abs()) as usize, &[1, 2, 3, 11]);
    }
}

fn threads_and_instruction_sets_change_no_bit<T: Updates>() {
    for (n, some) in [(70, 1), (16_385, 7), ((1 << 18) + 1, 29), ((3 << 18) + 5, 48)] {
        let grads = [1, 2].map(|step| (step, gradients::<T>(step, n)));
        for (i, setup) in SETUPS.into_iter().enumerate() {
            for around in arounds(setup).cycle().skip(7 * i + 3).step_by(some).take(48 / some) {
                let mut first = None;
                for exec in execs() {
                    let mut training = Training::<T>::of(setup, n);
                    let steps = grads.each_ref();
                    let stats = steps.map(|(t, g)| training.step(exec, around, *t, g).numbers());
                    let all = (training.bits(), stats);
                    let same = *first.get_or_insert_with(|| all.clone()) == all;
                    assert!(same, "{setup:?}, {around:?}, {exec:?}, {n} weights");
                }
            }
        }
    }
}

/// In a vector's block or in the tail: the same bits.
fn a_weight_does_not_depend_on_its_neighbours<T: Updates>() {
    for (setup, around) in all() {
        let (mut all, grads) = (Training::<T>::of(setup, 37), gradients::<T>(1, 37));
        let mut alone: Vec<_> = (0..37)
            .map(|i| Training { weights: vec![all.weights[i]], ..Training::of(setup, 1) })
            .collect();
        all.step(plain(), around, 1, &grads);
        for (i, alone) in alone.iter_mut().enumerate() {
            alone.step(plain(), around, 1, &grads[i..=i]);
            assert_eq!(bits(&alone.weights), bits(&all.weights[i..=i]), "{setup:?}, {around:?}");
        }
    }
}

/// A broken gradient breaks its own weight, visibly, and no other.
fn nan_and_infinity_show<T: Updates>() {
    for (setup, around) in all() {
        for broken in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let (mut training, mut grads) = (Training::<T>::of(setup, 37), gradients::<T>(1, 37));
            grads[20] = T::of(broken);
            let stats = training.step(plain(), around, 1, &grads);
            // A step of one size does not tell infinity from 1: Lion's state does.
            let shows = setup.name != "lion" || broken.is_nan();
            let shown = if shows { &training.weights } else { &training.state[0] };
            let places: Vec<_> = (0..37).filter(|&i| !shown[i].f64().is_finite()).collect();
            assert_eq!(places, [20], "{broken}, {setup:?}, {around:?}");
            assert!(!stats.grad_squares.is_finite());
            assert!(!shows || !stats.weight_squares.is_finite());
        }
    }
}
