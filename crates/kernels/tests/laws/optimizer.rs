//! One update of one weight: decay and penalty around a rule, in double precision.

use kernels::optimizer::{COMMON_OPTIONS, GROUP_WIDTH, Group, MAX_STATE, OPTIMIZERS, Spec};

use crate::formulas::{At, rule};

/// How an optimizer is set up: its name, the options that are not the defaults, which of its arrays
/// of state it is given.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) name: &'static str,
    pub(crate) own: &'static [(&'static str, f64)],
    pub(crate) state: [bool; MAX_STATE],
}

/// What one weight keeps from step to step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    pub(crate) arrays: [f64; MAX_STATE],
    pub(crate) carried: f64,
}

const fn setup(
    name: &'static str,
    own: &'static [(&'static str, f64)],
    state: [u8; MAX_STATE],
) -> Setup {
    Setup { name, own, state: [state[0] == 1, state[1] == 1, state[2] == 1] }
}

pub(crate) const SETUPS: [Setup; 26] = [
    setup("sgd", &[], [0, 0, 0]),
    setup("sgd", &[("momentum", 0.9)], [1, 0, 0]),
    setup("sgd", &[("momentum", 0.8), ("dampening", 0.3)], [1, 0, 0]),
    setup("sgd", &[("momentum", 0.7), ("nesterov", 1.0)], [1, 0, 0]),
    setup("sgd", &[("momentum", 0.7), ("nesterov", 1.0), ("lrInBuffer", 1.0)], [1, 0, 0]),
    setup("adam", &[("beta2", 0.99)], [1, 1, 0]),
    setup("adam", &[("beta1", 0.8), ("beta2", 0.95), ("eps", 1e-3)], [1, 1, 1]),
    setup("adam", &[("beta2", 0.99), ("eps", 1e-3), ("epsHat", 1.0)], [1, 1, 0]),
    setup("nadam", &[("beta2", 0.99)], [1, 1, 0]),
    setup("nadam", &[("momentumDecay", 1.0), ("eps", 1e-3)], [1, 1, 0]),
    setup("radam", &[("beta2", 0.99)], [1, 1, 0]),
    setup("radam", &[("beta1", 0.7), ("beta2", 0.9), ("eps", 1e-3)], [1, 1, 0]),
    setup("adamax", &[("beta2", 0.7)], [1, 1, 0]),
    setup("adamax", &[("eps", 1e-2), ("epsOutside", 1.0)], [1, 1, 0]),
    setup("adagrad", &[("lrDecay", 0.1)], [1, 0, 0]),
    setup("adagrad", &[("eps", 1e-2), ("epsInside", 1.0)], [1, 0, 0]),
    setup("adadelta", &[], [1, 1, 0]),
    setup("adadelta", &[("rho", 0.5), ("eps", 1e-2)], [1, 1, 0]),
    setup("rmsprop", &[("alpha", 0.9)], [1, 0, 0]),
    setup("rmsprop", &[("alpha", 0.9), ("momentum", 0.6)], [1, 0, 1]),
    setup("rmsprop", &[("alpha", 0.9), ("eps", 1e-3), ("epsInside", 1.0)], [1, 1, 0]),
    setup("rmsprop", &[("alpha", 0.8), ("momentum", 0.9), ("lrInBuffer", 1.0)], [1, 1, 1]),
    setup("lion", &[], [1, 0, 0]),
    setup("lion", &[("beta1", 0.5), ("beta2", 0.8)], [1, 0, 0]),
    setup("ftrl", &[("beta", 0.1), ("l1RegularizationStrength", 0.3)], [1, 1, 0]),
    setup(
        "ftrl",
        &[
            ("learningRatePower", -0.8),
            ("l2RegularizationStrength", 0.2),
            ("l2ShrinkageRegularizationStrength", 0.1),
        ],
        [1, 1, 0],
    ),
];

/// Where decay and penalty act, as in docs/conventions.md.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    pub(crate) lr: f64,
    pub(crate) weight_decay: f64,
    /// `coupled`, `decoupled`, `independent`.
    pub(crate) decay: usize,
    pub(crate) schedule_multiplier: f64,
    pub(crate) l1: f64,
    pub(crate) l2: f64,
    /// `coupled`, `decoupled`, `proximal`, `proximal-decoupled`.
    pub(crate) apply: usize,
    pub(crate) maximize: bool,
}

/// What counts as nearly zero.
pub(crate) const NEAR_ZERO: f64 = 0.1;

impl Setup {
    /// Its number in the table.
    pub(crate) fn number(self) -> usize {
        OPTIMIZERS.iter().position(|spec| spec.name == self.name).expect("it is in the table")
    }

    pub(crate) fn spec(self) -> &'static Spec {
        &OPTIMIZERS[self.number()]
    }

    /// The value of an option of its own.
    pub(crate) fn own(self, name: &str) -> f64 {
        let given = self.own.iter().find(|(given, _)| *given == name);
        let default = || self.spec().options.iter().find(|own| own.name == name);
        given.map_or_else(|| default().expect("it is an option").default, |(_, value)| *value)
    }

    /// Whether a penalty may act on it in this way.
    pub(crate) fn takes(self, apply: usize) -> bool {
        self.spec().applies.0.iter().any(|&mode| mode as usize == apply)
    }

    /// The group of options that the kernel reads.
    pub(crate) fn group(self, around: Around, step: u32, carried: f64) -> Group {
        let mut numbers = [0.0; GROUP_WIDTH];
        let Around { lr, weight_decay, schedule_multiplier, l1, l2, .. } = around;
        let [decay, apply] = [around.decay, around.apply].map(|mode| mode as f64);
        let maximize = f64::from(u8::from(around.maximize));
        let common =
            [lr, weight_decay, decay, schedule_multiplier, l1, l2, apply, NEAR_ZERO, maximize];
        numbers[..common.len()].copy_from_slice(&common);
        for (number, own) in numbers[COMMON_OPTIONS.len()..].iter_mut().zip(self.spec().options) {
            *number = self.own(own.name);
        }
        Group::read(&numbers, f64::from(step), carried)
    }

    /// The weight after a step; `state` is advanced.
    pub(crate) fn step(self, around: Around, step: u32, w: f64, g: f64, state: &mut State) -> f64 {
        let Around { lr, weight_decay, l1, l2, .. } = around;
        let pull = if w == 0.0 { 0.0 } else { l1 * w.signum() } + 2.0 * l2 * w;
        let mut g = if around.maximize { -g } else { g };
        g += if around.decay == 0 { weight_decay * w } else { 0.0 };
        g += if around.apply == 0 { pull } else { 0.0 };
        let w = match around.decay {
            1 => w * (1.0 - lr * weight_decay),
            2 => w * (1.0 - around.schedule_multiplier * weight_decay),
            _ => w,
        };
        let by_rule = self.name == "ftrl" && around.apply == 2;
        let (l1_of_rule, l2_of_rule) = if by_rule { (l1, l2) } else { (0.0, 0.0) };
        let at = At { lr, t: f64::from(step), w, g, l1: l1_of_rule, l2: l2_of_rule };
        let (w, d) = rule(self, at, state);
        match around.apply {
            1 => w - lr * pull,
            2 if !by_rule => soft(w, lr * l1 / d) / (1.0 + 2.0 * lr * l2 / d),
            3 => soft(w, lr * l1) / (1.0 + 2.0 * lr * l2),
            _ => w,
        }
    }
}

fn soft(w: f64, threshold: f64) -> f64 {
    if w.abs() <= threshold { 0.0 } else { w - threshold * w.signum() }
}
