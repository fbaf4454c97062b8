//! The formulas of the optimizers for one weight, in double precision, step by step.

use kernels::optimizer::{COMMON_OPTIONS, GROUP_WIDTH, Group, MAX_STATE, OPTIMIZERS};

/// How an optimizer is set up: its name, its options, how many arrays of state it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) name: &'static str,
    pub(crate) own: [f64; 3],
    pub(crate) state: usize,
}

pub(crate) const SETUPS: [Setup; 6] = [
    Setup { name: "sgd", own: [0.0, 0.0, 0.0], state: 0 },
    Setup { name: "sgd", own: [0.9, 0.0, 0.0], state: 1 },
    Setup { name: "sgd", own: [0.8, 0.3, 0.0], state: 1 },
    Setup { name: "sgd", own: [0.7, 0.0, 1.0], state: 1 },
    Setup { name: "adam", own: [0.9, 0.99, 1e-8], state: 2 },
    Setup { name: "adam", own: [0.8, 0.95, 1e-3], state: 3 },
];

/// Where decay and penalty act, as in CONVENTIONS.md.
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

    /// The group of options that the kernel reads.
    pub(crate) fn group(self, around: Around, step: u32) -> Group {
        let mut numbers = [0.0; GROUP_WIDTH];
        let Around { lr, weight_decay, schedule_multiplier, l1, l2, .. } = around;
        let [decay, apply] = [around.decay, around.apply].map(|mode| mode as f64);
        let maximize = f64::from(u8::from(around.maximize));
        let common =
            [lr, weight_decay, decay, schedule_multiplier, l1, l2, apply, NEAR_ZERO, maximize];
        numbers[..common.len()].copy_from_slice(&common);
        numbers[COMMON_OPTIONS.len()..][..3].copy_from_slice(&self.own);
        Group::read(&numbers, f64::from(step))
    }

    /// The weight after a step; `state` is advanced.
    pub(crate) fn step(
        self,
        around: Around,
        step: u32,
        w: f64,
        g: f64,
        state: &mut [f64; MAX_STATE],
    ) -> f64 {
        let Around { lr, weight_decay, l1, l2, .. } = around;
        let pull = if w == 0.0 { 0.0 } else { l1 * w.signum() } + 2.0 * l2 * w;
        let mut g = if around.maximize { -g } else { g };
        g += if around.decay == 0 { weight_decay * w } else { 0.0 };
        g += if around.apply == 0 { pull } else { 0.0 };
        let (delta, d) = match self.name {
            "sgd" => self.sgd(lr, step, g, state),
            _ => self.adam(lr, step, g, state),
        };
        let mut w = match around.decay {
            1 => w * (1.0 - lr * weight_decay),
            2 => w * (1.0 - around.schedule_multiplier * weight_decay),
            _ => w,
        };
        w -= delta;
        match around.apply {
            1 => w - lr * pull,
            2 => soft(w, lr * l1 / d) / (1.0 + 2.0 * lr * l2 / d),
            3 => soft(w, lr * l1) / (1.0 + 2.0 * lr * l2),
            _ => w,
        }
    }

    fn sgd(self, lr: f64, step: u32, g: f64, [b, ..]: &mut [f64; MAX_STATE]) -> (f64, f64) {
        let [momentum, dampening, nesterov] = self.own;
        if self.state == 0 {
            return (lr * g, 1.0);
        }
        *b = if step == 1 { g } else { momentum * *b + (1.0 - dampening) * g };
        if nesterov == 1.0 {
            (lr * (g + momentum * *b), 1.0 - momentum)
        } else {
            (lr * *b, (1.0 - momentum) / (1.0 - dampening))
        }
    }

    fn adam(self, lr: f64, step: u32, g: f64, [m, v, v_max]: &mut [f64; MAX_STATE]) -> (f64, f64) {
        let [beta1, beta2, eps] = self.own;
        *m = beta1 * *m + (1.0 - beta1) * g;
        *v = beta2 * *v + (1.0 - beta2) * g * g;
        *v_max = v_max.max(*v);
        let v = if self.state == 3 { *v_max } else { *v };
        let m_hat = *m / (1.0 - beta1.powf(f64::from(step)));
        let v_hat = v / (1.0 - beta2.powf(f64::from(step)));
        let d = v_hat.sqrt() + eps;
        (lr * m_hat / d, if v == 0.0 { 1.0 } else { d })
    }
}

fn soft(w: f64, threshold: f64) -> f64 {
    if w.abs() <= threshold { 0.0 } else { w - threshold * w.signum() }
}
