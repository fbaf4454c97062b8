use super::rule::Move;
use super::spec::{EPS, Own, Range};
use super::update::update;
use super::{Group, Rule, Run, Segment, Spec, Stats};
use crate::float::Float;

pub(super) const SPEC: Spec = Spec {
    name: "rmsprop",
    state: &["squareAvg", "gradAvg", "momentumBuffer"],
    required: 1,
    options: &[
        Own::new("alpha", 0.99, Range::Share),
        EPS,
        Own::new("momentum", 0.0, Range::Momentum),
        Own::new("epsInside", 0.0, Range::Flag),
        Own::new("lrInBuffer", 0.0, Range::Flag),
    ],
    ..Spec::USUAL
};

/// v ← αv + (1 − α)g², and the weight moves by lr·g/D with D = √v + ε; with momentum b ← μb + g/D, and
/// it moves by lr·b, in the metric 1/((1 − μ)D).
///
/// Tieleman & Hinton 2012, lecture 6.5, in `PyTorch`'s form. As in Keras, `epsInside` puts ε under the
/// root and `lrInBuffer` the learning rate into b. Where v is exactly 0, D counts as 1 for a prox.
#[derive(Clone, Copy)]
struct RmsProp<T> {
    alpha: T,
    rest: T,
    eps_inside: T,
    eps_outside: T,
    mu: T,
    /// What a gradient is multiplied by before the buffer, and what the buffer is.
    lr_before: T,
    lr_after: T,
    /// 1/(1 − μ).
    steady: T,
}

impl<T: Float> RmsProp<T> {
    fn of(group: &Group, buffered: bool) -> Self {
        let [alpha, eps, momentum, inside, before, ..] = group.own;
        let (inside, outside) = if inside == 0.0 { (0.0, eps) } else { (eps, 0.0) };
        let (before, after) = if before == 0.0 { (1.0, group.lr) } else { (group.lr, 1.0) };
        Self {
            alpha: T::of(alpha),
            rest: T::of(1.0 - alpha),
            eps_inside: T::of(inside),
            eps_outside: T::of(outside),
            mu: T::of(momentum),
            lr_before: T::of(before),
            lr_after: T::of(after),
            steady: T::of(if buffered { 1.0 / (1.0 - momentum) } else { 1.0 }),
        }
    }

    /// g/D and the metric, after v has been told of `g`.
    #[inline(always)]
    fn scaled(self, g: T, v: &mut T) -> (T, T) {
        *v = (self.alpha * *v + self.rest * (g * g)).settled();
        self.by(g, *v, *v)
    }

    /// As [`Self::scaled`], D being that of the variance v − ḡ²; where rounding makes it negative it
    /// counts as 0, where `PyTorch` has NaN.
    #[inline(always)]
    fn centered(self, g: T, v: &mut T, mean: &mut T) -> (T, T) {
        *v = (self.alpha * *v + self.rest * (g * g)).settled();
        *mean = (self.alpha * *mean + self.rest * g).settled();
        let variance = *v - *mean * *mean;
        self.by(g, *v, if variance < T::ZERO { T::ZERO } else { variance })
    }

    #[inline(always)]
    fn by(self, g: T, v: T, spread: T) -> (T, T) {
        let inverse = T::ONE / ((spread + self.eps_inside).root() + self.eps_outside);
        let metric = self.steady * if v == T::ZERO { T::ONE } else { inverse };
        (g * inverse, metric)
    }

    #[inline(always)]
    fn go(self, w: T, (direction, metric): (T, T)) -> Move<T> {
        Move { weight: w - self.lr_after * (self.lr_before * direction), metric }
    }

    #[inline(always)]
    fn buffered(self, w: T, (direction, metric): (T, T), buffer: &mut T) -> Move<T> {
        *buffer = (self.mu * *buffer + self.lr_before * direction).settled();
        Move { weight: w - self.lr_after * *buffer, metric }
    }
}

impl<T: Float> Rule<T, 1> for RmsProp<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [v]: [&mut T; 1]) -> Move<T> {
        self.go(w, self.scaled(g, v))
    }
}

impl<T: Float> Rule<T, 2> for RmsProp<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [v, buffer]: [&mut T; 2]) -> Move<T> {
        self.buffered(w, self.scaled(g, v), buffer)
    }
}

/// [`RmsProp`] by the variance of the gradient (Graves 2013, arXiv:1308.0850, equation 38).
#[derive(Clone, Copy)]
struct Centered<T>(RmsProp<T>);

impl<T: Float> Rule<T, 2> for Centered<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [v, mean]: [&mut T; 2]) -> Move<T> {
        self.0.go(w, self.0.centered(g, v, mean))
    }
}

impl<T: Float> Rule<T, 3> for Centered<T> {
    #[inline(always)]
    fn advance(self, g: T, w: T, [v, mean, buffer]: [&mut T; 3]) -> Move<T> {
        self.0.buffered(w, self.0.centered(g, v, mean), buffer)
    }
}

pub(super) fn step<T: Float>(run: Run, group: &mut Group, segment: Segment<'_, T>) -> Stats {
    let Segment { weights, grads, state } = segment;
    let rule = RmsProp::of(group, state[2].is_some());
    match state {
        [Some(v), None, None] => update(run, group, rule, weights, grads, [v]),
        [Some(v), None, Some(buffer)] => update(run, group, rule, weights, grads, [v, buffer]),
        [Some(v), Some(mean), None] => {
            update(run, group, Centered(rule), weights, grads, [v, mean])
        }
        [Some(v), Some(mean), Some(buffer)] => {
            update(run, group, Centered(rule), weights, grads, [v, mean, buffer])
        }
        [None, ..] => unreachable!("the caller gives RMSprop an array of state"),
    }
}
