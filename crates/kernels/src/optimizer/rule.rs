use crate::float::Float;

/// What an optimizer makes of one gradient: where the weight goes, and in which metric.
#[derive(Clone, Copy)]
pub struct Move<T> {
    /// The weight after the step.
    pub weight: T,
    /// 1/D, the optimizer's own metric for this weight: what a prox inside it scales by.
    pub metric: T,
}

/// An optimizer's rule for one weight, with `N` numbers of state.
pub trait Rule<T: Float, const N: usize>: Copy + Send + Sync {
    /// Whether every way in which a penalty acts has a loop of its own: some 35 KB each, for rules that
    /// many run (bench/RESULTS.md). The others choose inside of one loop.
    const OFTEN: bool = false;
    /// Whether the rule itself holds a penalty that acts by prox in its metric.
    const PROXIMAL: bool = false;

    /// Advances the state by the gradient `g` at the weight `w`, which decay has already acted on,
    /// and says where the weight goes.
    fn advance(self, g: T, w: T, state: [&mut T; N]) -> Move<T>;
}

/// What happens to every weight around the rule, whatever the optimizer.
#[derive(Clone, Copy)]
pub(super) struct Schedule {
    /// Coupled decay: λ of g + λw.
    pub(super) coupled: f64,
    /// Decoupled decay: the factor on w.
    pub(super) factor: f64,
    /// Whether the incoming gradient is negated.
    pub(super) negate: bool,
    /// |w| below this counts as nearly zero.
    pub(super) near_zero: f64,
}

impl Schedule {
    /// Whether the rule sees the gradient as it came in.
    pub(super) fn is_plain(&self) -> bool {
        self.coupled == 0.0 && !self.negate
    }
}
