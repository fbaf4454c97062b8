use kernels::Exec;
use kernels::float::Float;
use kernels::optimizer::{self, MAX_STATE, Segment, Stats};
use kernels::parallel;

use crate::given::{bits, close, epsilon, execs, in_both_precisions, numbers, plain, wide};
use crate::optimizer::{Around, NEAR_ZERO, SETUPS, Setup};

in_both_precisions!(
    steps_are_those_of_the_formulas,
    steps_are_those_of_the_formulas_across_chunks,
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
}

impl<T: Float> Training<T> {
    fn of(setup: Setup, n: usize) -> Self {
        let state = || vec![T::ZERO; n];
        Self { setup, weights: numbers(3, n), state: [state(), state(), state()] }
    }

    fn step(&mut self, exec: Exec, around: Around, step: u32, grads: &[T]) -> Stats {
        let mut given = 0;
        let state = self.state.each_mut().map(|state| {
            given += 1;
            (given <= self.setup.state).then_some(&mut state[..])
        });
        let segment = Segment { weights: &mut self.weights, grads, state };
        let (number, group) = (self.setup.number(), self.setup.group(around, step));
        parallel::run(exec, grads.len(), |threaded| {
            optimizer::step(exec, threaded, number, &group, segment)
        })
    }

    fn bits(&self) -> Vec<Vec<u64>> {
        self.state.iter().chain([&self.weights]).map(|x| bits(x)).collect()
    }
}

/// Every decay under every penalty and every way to apply it.
fn arounds() -> impl Iterator<Item = Around> + Clone {
    let penalties = [(0.0, 0.0), (0.3, 0.0), (0.0, 0.4), (0.3, 0.4)];
    let modes = (0..3).flat_map(|decay| (0..4).map(move |apply| (decay, apply)));
    modes.flat_map(move |(decay, apply)| {
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

/// Gradients of a step; every fifth weight never gets one.
fn gradients<T: Float>(step: u32, n: usize) -> Vec<T> {
    let mut grads = numbers::<T>(u64::from(100 + step), n);
    for g in grads.iter_mut().step_by(5) {
        *g = T::ZERO;
    }
    grads
}

/// Steps a training and the formulas side by side, each step from the kernel's own numbers.
fn follow<T: Float>(setup: Setup, around: Around, n: usize, steps: u32) {
    let mut training = Training::<T>::of(setup, n);
    for step in 1..=steps {
        let (before, grads) = (training.clone(), gradients::<T>(step, n));
        let stats = training.step(plain(), around, step, &grads);
        for i in 0..n {
            let mut state = before.state.each_ref().map(|state| state[i].f64());
            let (w, g) = (before.weights[i].f64(), grads[i].f64());
            // Adam turns what little is left of a gradient and its decay into a whole step.
            let unsure = 4.0 * epsilon::<T>() * (g.abs() + w.abs() + around.l1);
            let at = |g| setup.step(around, step, w, g, &mut { state });
            let slack = (at(g + unsure) - at(g - unsure)).abs();
            let w = setup.step(around, step, w, g, &mut state);
            close(training.weights[i].f64(), w, 32.0 * epsilon::<T>() + slack);
            for (got, exact) in training.state.iter().zip(state).take(setup.state) {
                close(got[i].f64(), exact, 4.0 * epsilon::<T>());
            }
        }
        check_figures(around, &before.weights, &grads, &training.weights, stats);
    }
}

fn check_figures<T: Float>(around: Around, before: &[T], grads: &[T], after: &[T], stats: Stats) {
    let sum = |x: &[T], f: fn(f64) -> f64| wide(x).into_iter().map(f).sum::<f64>();
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

fn steps_are_those_of_the_formulas<T: Float>() {
    for (setup, around) in SETUPS.into_iter().flat_map(|s| arounds().map(move |a| (s, a))) {
        for n in 0..70 {
            follow::<T>(setup, around, n, 4);
        }
    }
}

fn steps_are_those_of_the_formulas_across_chunks<T: Float>() {
    for (i, setup) in SETUPS.into_iter().enumerate() {
        for (j, around) in arounds().skip(i).step_by(6).enumerate() {
            follow::<T>(setup, around, 16_383 + j % 3, 2);
        }
        for around in arounds().skip(7 * i + 3).take(1) {
            follow::<T>(setup, around, (3 << 18) + 5, 2);
        }
    }
}

fn threads_and_instruction_sets_change_no_bit<T: Float>() {
    for (n, some) in [(70, 1), (16_385, 7), ((1 << 18) + 1, 29), ((3 << 18) + 5, 48)] {
        let grads = [1, 2].map(|step| (step, gradients::<T>(step, n)));
        for (i, setup) in SETUPS.into_iter().enumerate() {
            for around in arounds().cycle().skip(7 * i + 3).step_by(some).take(48 / some) {
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
fn a_weight_does_not_depend_on_its_neighbours<T: Float>() {
    for (setup, around) in SETUPS.into_iter().flat_map(|s| arounds().map(move |a| (s, a))) {
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
fn nan_and_infinity_show<T: Float>() {
    for (setup, around) in SETUPS.into_iter().flat_map(|s| arounds().map(move |a| (s, a))) {
        for broken in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let (mut training, mut grads) = (Training::<T>::of(setup, 37), gradients::<T>(1, 37));
            grads[20] = T::of(broken);
            let stats = training.step(plain(), around, 1, &grads);
            let finite = |w: &T| w.f64().is_finite();
            let places: Vec<_> = (0..37).filter(|&i| !finite(&training.weights[i])).collect();
            assert_eq!(places, [20], "{broken}, {setup:?}, {around:?}");
            assert!(!stats.grad_squares.is_finite() && !stats.weight_squares.is_finite());
        }
    }
}
