use super::rule::Schedule;

/// Names of the options that every optimizer takes, in the order of their numbers in a group.
pub const COMMON_OPTIONS: &[&str] = &[
    "lr",
    "weightDecay",
    "decay",
    "scheduleMultiplier",
    "l1",
    "l2",
    "apply",
    "nearZero",
    "maximize",
];

/// Numbers in a group: the common options, then the optimizer's own.
pub const GROUP_WIDTH: usize = 16;

/// Where weight decay acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decay {
    /// In the gradient: g ← g + λw (`PyTorch`'s SGD and Adam).
    Coupled,
    /// On the weight, per unit of learning rate: w ← w(1 − lr·λ) (`PyTorch`'s `AdamW`).
    Decoupled,
    /// On the weight, by the schedule's multiplier alone: w ← w(1 − s·λ) (Loshchilov & Hutter
    /// 2019, arXiv:1711.05101, algorithm 2).
    Independent,
}

/// How a penalty acts; the order is that of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Apply {
    /// By gradient, in the optimizer's own metric.
    Coupled,
    /// By gradient, outside it.
    Decoupled,
    /// By prox, in the optimizer's own metric: threshold lr·l1/D.
    Proximal,
    /// By prox, outside it: threshold lr·l1.
    ProximalDecoupled,
}

impl Apply {
    /// All of them: an index here is the mode's number.
    pub const ALL: [Self; 4] =
        [Self::Coupled, Self::Decoupled, Self::Proximal, Self::ProximalDecoupled];
}

/// Options of one group of parameters, as numbers, and where one segment of it stands: what
/// TypeScript has checked and named.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Steps taken, with this one: from 1.
    pub step: f64,
    /// What the rule carries from step to step beside arrays, if its `Spec` names it; 0 at the start.
    pub carried: f64,
    /// Learning rate.
    pub lr: f64,
    /// λ of ½λw².
    pub weight_decay: f64,
    /// Where the decay acts.
    pub decay: Decay,
    /// s of independent decay: lr over its initial value.
    pub schedule_multiplier: f64,
    /// Strength of Σ|w|.
    pub l1: f64,
    /// Strength of Σw².
    pub l2: f64,
    /// How the penalty acts.
    pub apply: Apply,
    /// What counts as nearly zero: |w| below it.
    pub near_zero: f64,
    /// Whether the objective is maximized: the incoming gradient is negated.
    pub maximize: bool,
    /// The optimizer's own options.
    pub own: [f64; GROUP_WIDTH - COMMON_OPTIONS.len()],
}

impl Group {
    /// Reads a group from its numbers, for a segment at `step` that carries `carried`; a number that
    /// names no mode is read as the first one.
    pub fn read(numbers: &[f64; GROUP_WIDTH], step: f64, carried: f64) -> Self {
        let [lr, weight_decay, decay, schedule_multiplier, l1, l2, apply, near, maximize, own @ ..] =
            *numbers;
        Self {
            step,
            carried,
            lr,
            weight_decay,
            decay: match decay {
                1.0 => Decay::Decoupled,
                2.0 => Decay::Independent,
                _ => Decay::Coupled,
            },
            schedule_multiplier,
            l1,
            l2,
            apply: match apply {
                1.0 => Apply::Decoupled,
                2.0 => Apply::Proximal,
                3.0 => Apply::ProximalDecoupled,
                _ => Apply::Coupled,
            },
            near_zero: near,
            maximize: maximize != 0.0,
            own,
        }
    }

    /// Whether a penalty acts at all.
    pub fn penalized(&self) -> bool {
        self.l1 != 0.0 || self.l2 != 0.0
    }

    /// What weight decay does around the rule: λ added to the gradient, and the factor on w.
    pub(super) fn schedule(&self) -> Schedule {
        let factor = match self.decay {
            Decay::Coupled => 1.0,
            Decay::Decoupled => 1.0 - self.lr * self.weight_decay,
            Decay::Independent => 1.0 - self.schedule_multiplier * self.weight_decay,
        };
        let coupled = if self.decay == Decay::Coupled { self.weight_decay } else { 0.0 };
        Schedule { coupled, factor, negate: self.maximize, near_zero: self.near_zero }
    }
}
