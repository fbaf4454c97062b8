use super::apply::{
    Acts, Chosen, Coupled, Decoupled, Nothing, Proximal, ProximalDecoupled, ProximalL1,
};
use super::group::Apply;
use super::rule::{Rule, Schedule};
use super::stats::{Lanes, Stats};
use super::{Group, Run};
use crate::float::Float;
use crate::penalty::ElasticNet;
use crate::simd::{AHEAD, LANES, prefetch};
use crate::{kernel, parallel, reduce};

/// Updates `weights` by `rule`, with the penalty of `group` acting as it says.
pub(super) fn update<T: Float, const N: usize, R: Rule<T, N>>(
    run: Run,
    group: &Group,
    rule: R,
    weights: &mut [T],
    grads: &[T],
    state: [&mut [T]; N],
) -> Stats {
    let update = Update { run, schedule: group.schedule(), rule };
    if !group.penalized() {
        return update.acting(Nothing, weights, grads, state);
    }
    let penalty = ElasticNet::of(group.l1, group.l2);
    let (lr_l1, lr_2l2) = (T::of(group.lr * group.l1), T::of(2.0 * group.lr * group.l2));
    if !R::OFTEN {
        let by_rule = R::PROXIMAL && group.apply == Apply::Proximal;
        let apply = (!by_rule).then_some(group.apply);
        let acts = Chosen { penalty, lr: T::of(group.lr), lr_l1, lr_2l2, apply };
        return update.acting(acts, weights, grads, state);
    }
    match group.apply {
        Apply::Coupled => update.acting(Coupled(penalty), weights, grads, state),
        Apply::Decoupled => {
            update.acting(Decoupled { penalty, lr: T::of(group.lr) }, weights, grads, state)
        }
        Apply::Proximal if group.l2 == 0.0 => {
            update.acting(ProximalL1 { lr_l1 }, weights, grads, state)
        }
        Apply::Proximal => update.acting(Proximal { lr_l1, lr_2l2 }, weights, grads, state),
        Apply::ProximalDecoupled => {
            let shrink = T::of(1.0 / (1.0 + 2.0 * group.lr * group.l2));
            update.acting(ProximalDecoupled { lr_l1, shrink }, weights, grads, state)
        }
    }
}

#[derive(Clone, Copy)]
struct Update<R> {
    run: Run,
    schedule: Schedule,
    rule: R,
}

impl<R> Update<R> {
    fn acting<T: Float, const N: usize>(
        self,
        acts: impl Acts<T>,
        weights: &mut [T],
        grads: &[T],
        state: [&mut [T]; N],
    ) -> Stats
    where
        R: Rule<T, N>,
    {
        if R::OFTEN && self.schedule.is_plain() {
            self.each::<T, N, _, true>(acts, weights, grads, state)
        } else {
            self.each::<T, N, _, false>(acts, weights, grads, state)
        }
    }

    fn each<T: Float, const N: usize, A: Acts<T>, const PLAIN: bool>(
        self,
        acts: A,
        weights: &mut [T],
        grads: &[T],
        state: [&mut [T]; N],
    ) -> Stats
    where
        R: Rule<T, N>,
    {
        let Run { exec, threaded } = self.run;
        let each = Each::<T, R, A, PLAIN>::of(self.schedule, self.rule, acts);
        let len = weights.len();
        parallel::fold_here(threaded, len, (weights, grads, state), &|(weights, grads, state)| {
            let stats = chunk(exec.isa, each, weights, grads, state);
            if stats.grad_squares.is_finite() {
                return stats;
            }
            // Squares beyond single precision: once more in double, so that the norm is right.
            Stats { grad_squares: reduce::squares(exec.isa, grads), ..stats }
        })
    }
}

/// One weight's whole update. `PLAIN` leaves out what only coupled decay and maximizing need: as
/// choices in the loop they would be computed for every weight and then thrown away.
#[derive(Clone, Copy)]
struct Each<T, R, A, const PLAIN: bool> {
    coupled: T,
    factor: T,
    negate: bool,
    near_zero: T,
    rule: R,
    acts: A,
}

impl<T: Float, R, A: Acts<T>, const PLAIN: bool> Each<T, R, A, PLAIN> {
    fn of(schedule: Schedule, rule: R, acts: A) -> Self {
        Self {
            coupled: T::of(schedule.coupled),
            factor: T::of(schedule.factor),
            negate: schedule.negate,
            near_zero: T::of(schedule.near_zero),
            rule,
            acts,
        }
    }

    /// The incoming gradient, turned round if the objective is maximized, with coupled decay.
    #[inline(always)]
    fn decay(self, g: T, w: T) -> T {
        let ascent = if self.negate { -g } else { g };
        // Not 0·w: an infinite weight without decay is infinite, not NaN.
        if self.coupled == T::ZERO { ascent } else { ascent + self.coupled * w }
    }

    #[inline(always)]
    fn weight<const N: usize>(
        self,
        w: &mut T,
        g: T,
        state: [&mut T; N],
        lanes: &mut Lanes<T>,
        l: usize,
    ) where
        R: Rule<T, N>,
    {
        let before = *w;
        let decayed = if PLAIN { g } else { self.decay(g, before) };
        let seen = self.acts.gradient(decayed, before);
        let step = self.rule.advance(seen, before * self.factor, state);
        let after = self.acts.prox(self.acts.pull(step.weight, before), step.metric);
        *w = after;

        if A::PENALIZED {
            lanes.abs_sum[l] += before.magnitude();
            lanes.square_sum[l] += before * before;
        }
        let change = after - before;
        lanes.grad_squares[l] += g * g;
        lanes.update_squares[l] += change * change;
        lanes.weight_squares[l] += after * after;
        lanes.zeros[l] += if after == T::ZERO { T::ONE } else { T::ZERO };
        lanes.near_zeros[l] += if after.magnitude() < self.near_zero { T::ONE } else { T::ZERO };
    }
}

kernel! {
    fn chunk[T: Float, const N: usize, R: Rule<T, N>, A: Acts<T>, const PLAIN: bool](
        each: Each<T, R, A, PLAIN>,
        weights: &mut [T],
        grads: &[T],
        state: [&mut [T]; N],
    ) -> Stats {
        let mut lanes = Lanes::new();
        let (weights, weights_tail) = weights.as_chunks_mut::<LANES>();
        let (grads, grads_tail) = grads.as_chunks::<LANES>();
        let mut state = state.map(|s| s.as_chunks_mut::<LANES>());
        for (b, (weights, grads)) in weights.iter_mut().zip(grads).enumerate() {
            prefetch(weights, AHEAD);
            prefetch(grads, AHEAD);
            for state in &state {
                prefetch(&state.0[b], AHEAD);
            }
            // On copies: the compiler must assume that views of the caller's arrays overlap, and
            // would keep a slow loop for it (a quarter of the time under a prox).
            let (mut w, g) = (*weights, *grads);
            let mut s: [[T; LANES]; N] = std::array::from_fn(|i| state[i].0[b]);
            for l in 0..LANES {
                // One number of each, by value: of a single array of state by reference the compiler
                // makes a scalar loop, 40 times slower.
                let mut one: [T; N] = std::array::from_fn(|i| s[i][l]);
                each.weight(&mut w[l], g[l], one.each_mut(), &mut lanes, l);
                for (s, one) in s.iter_mut().zip(one) {
                    s[l] = one;
                }
            }
            *weights = w;
            for (state, s) in state.iter_mut().zip(s) {
                state.0[b] = s;
            }
        }
        for (l, (w, &g)) in weights_tail.iter_mut().zip(grads_tail).enumerate() {
            each.weight(w, g, state.each_mut().map(|(_, tail)| &mut tail[l]), &mut lanes, l);
        }
        lanes.join()
    }
}
