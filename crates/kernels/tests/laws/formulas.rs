//! The rules of the optimizers for one weight, in double precision, as their papers and `PyTorch`'s
//! documentation write them: step by step, nothing rearranged.

use crate::optimizer::{Setup, State};

/// Where a rule stands: the weight after decay, the gradient that it sees, and what a penalty that
/// the rule itself applies weighs.
#[derive(Clone, Copy)]
pub(crate) struct At {
    pub(crate) lr: f64,
    pub(crate) t: f64,
    pub(crate) w: f64,
    pub(crate) g: f64,
    pub(crate) l1: f64,
    pub(crate) l2: f64,
}

/// The weight after the rule, and its denominator D; `state` is advanced.
pub(crate) fn rule(setup: Setup, at: At, state: &mut State) -> (f64, f64) {
    match setup.name {
        "sgd" => sgd(setup, at, state),
        "adam" => adam(setup, at, state),
        "nadam" => nadam(setup, at, state),
        "radam" => radam(setup, at, state),
        "adamax" => adamax(setup, at, state),
        "adagrad" => adagrad(setup, at, state),
        "adadelta" => adadelta(setup, at, state),
        "rmsprop" => rmsprop(setup, at, state),
        "lion" => lion(setup, at, state),
        "ftrl" => ftrl(setup, at, state),
        other => panic!("no formula for {other}"),
    }
}

fn sgd(setup: Setup, At { lr, t, w, g, .. }: At, state: &mut State) -> (f64, f64) {
    let [momentum, dampening] = ["momentum", "dampening"].map(|name| setup.own(name));
    if !setup.state[0] {
        return (w - lr * g, 1.0);
    }
    let b = &mut state.arrays[0];
    if setup.own("lrInBuffer") == 1.0 {
        // Keras: the velocity is what is subtracted.
        *b = if t == 1.0 { lr * g } else { momentum * *b + (1.0 - dampening) * lr * g };
        let nesterov = setup.own("nesterov") == 1.0;
        let step = if nesterov { momentum * *b + lr * g } else { *b };
        return (
            w - step,
            if nesterov { 1.0 - momentum } else { (1.0 - momentum) / (1.0 - dampening) },
        );
    }
    *b = if t == 1.0 { g } else { momentum * *b + (1.0 - dampening) * g };
    if setup.own("nesterov") == 1.0 {
        (w - lr * (g + momentum * *b), 1.0 - momentum)
    } else {
        (w - lr * *b, (1.0 - momentum) / (1.0 - dampening))
    }
}

/// m and v after `g`.
fn moments(setup: Setup, g: f64, state: &mut State) -> (f64, f64) {
    let [beta1, beta2] = ["beta1", "beta2"].map(|name| setup.own(name));
    let [m, v, _] = &mut state.arrays;
    *m = beta1 * *m + (1.0 - beta1) * g;
    *v = beta2 * *v + (1.0 - beta2) * g * g;
    (*m, *v)
}

/// `d`, or 1 where nothing was ever seen.
fn seen(v: f64, d: f64) -> f64 {
    if v == 0.0 { 1.0 } else { d }
}

fn adam(setup: Setup, At { lr, t, w, g, .. }: At, state: &mut State) -> (f64, f64) {
    let [beta1, beta2, eps] = ["beta1", "beta2", "eps"].map(|name| setup.own(name));
    let (m, mut v) = moments(setup, g, state);
    if setup.state[2] {
        state.arrays[2] = state.arrays[2].max(v);
        v = state.arrays[2];
    }
    if setup.own("epsHat") == 1.0 {
        let alpha = lr * (1.0 - beta2.powf(t)).sqrt() / (1.0 - beta1.powf(t));
        let d = (v.sqrt() + eps) / (1.0 - beta2.powf(t)).sqrt();
        return (w - m * alpha / (v.sqrt() + eps), seen(v, d));
    }
    let m_hat = m / (1.0 - beta1.powf(t));
    let v_hat = v / (1.0 - beta2.powf(t));
    let d = v_hat.sqrt() + eps;
    (w - lr * m_hat / d, seen(v, d))
}

fn nadam(setup: Setup, At { lr, t, w, g, .. }: At, state: &mut State) -> (f64, f64) {
    let [beta1, beta2, eps] = ["beta1", "beta2", "eps"].map(|name| setup.own(name));
    let psi = setup.own("momentumDecay");
    let mu = beta1 * (1.0 - 0.5 * 0.96_f64.powf(t * psi));
    let mu_next = beta1 * (1.0 - 0.5 * 0.96_f64.powf((t + 1.0) * psi));
    state.carried = if t == 1.0 { mu } else { state.carried * mu };
    let (m, v) = moments(setup, g, state);
    let m_hat =
        mu_next * m / (1.0 - state.carried * mu_next) + (1.0 - mu) * g / (1.0 - state.carried);
    let v_hat = v / (1.0 - beta2.powf(t));
    let d = v_hat.sqrt() + eps;
    (w - lr * m_hat / d, seen(v, d))
}

fn radam(setup: Setup, At { lr, t, w, g, .. }: At, state: &mut State) -> (f64, f64) {
    let [beta1, beta2, eps] = ["beta1", "beta2", "eps"].map(|name| setup.own(name));
    let (m, v) = moments(setup, g, state);
    let m_hat = m / (1.0 - beta1.powf(t));
    let rho_inf = 2.0 / (1.0 - beta2) - 1.0;
    let rho = rho_inf - 2.0 * t * beta2.powf(t) / (1.0 - beta2.powf(t));
    if rho <= 5.0 {
        return (w - lr * m_hat, 1.0);
    }
    let l = (1.0 - beta2.powf(t)).sqrt() / (v.sqrt() + eps);
    let r =
        ((rho - 4.0) * (rho - 2.0) * rho_inf / ((rho_inf - 4.0) * (rho_inf - 2.0) * rho)).sqrt();
    (w - lr * m_hat * r * l, seen(v, 1.0 / (r * l)))
}

fn adamax(setup: Setup, At { lr, t, w, g, .. }: At, state: &mut State) -> (f64, f64) {
    let [beta1, beta2, eps] = ["beta1", "beta2", "eps"].map(|name| setup.own(name));
    let outside = setup.own("epsOutside") == 1.0;
    let [m, u, _] = &mut state.arrays;
    *m = beta1 * *m + (1.0 - beta1) * g;
    *u = f64::max(beta2 * *u, g.abs() + if outside { 0.0 } else { eps });
    let d = if outside { *u + eps } else { *u };
    let floor = if outside { 0.0 } else { eps };
    (w - lr / (1.0 - beta1.powf(t)) * *m / d, if *u <= floor { 1.0 } else { d })
}

fn adagrad(setup: Setup, At { lr, t, w, g, .. }: At, state: &mut State) -> (f64, f64) {
    let [lr_decay, eps] = ["lrDecay", "eps"].map(|name| setup.own(name));
    let clr = lr / (1.0 + (t - 1.0) * lr_decay);
    let sum = &mut state.arrays[0];
    *sum += g * g;
    let inside = setup.own("epsInside") == 1.0;
    let d = if inside { (*sum + eps).sqrt() } else { sum.sqrt() + eps };
    (w - clr * g / d, seen(*sum, d) * lr / clr)
}

fn adadelta(setup: Setup, At { lr, w, g, .. }: At, state: &mut State) -> (f64, f64) {
    let [rho, eps] = ["rho", "eps"].map(|name| setup.own(name));
    let [v, u, _] = &mut state.arrays;
    *v = rho * *v + (1.0 - rho) * g * g;
    let d = (*v + eps).sqrt() / (*u + eps).sqrt();
    let delta = g / d;
    *u = rho * *u + (1.0 - rho) * delta * delta;
    (w - lr * delta, seen(*v, d))
}

fn rmsprop(setup: Setup, At { lr, w, g, .. }: At, state: &mut State) -> (f64, f64) {
    let [alpha, eps, momentum] = ["alpha", "eps", "momentum"].map(|name| setup.own(name));
    let [v, mean, b] = &mut state.arrays;
    *v = alpha * *v + (1.0 - alpha) * g * g;
    let mut spread = *v;
    if setup.state[1] {
        *mean = alpha * *mean + (1.0 - alpha) * g;
        spread = (*v - *mean * *mean).max(0.0);
    }
    let inside = setup.own("epsInside") == 1.0;
    let d = if inside { (spread + eps).sqrt() } else { spread.sqrt() + eps };
    if !setup.state[2] {
        return (w - lr * g / d, seen(*v, d));
    }
    let d_steady = (1.0 - momentum) * seen(*v, d);
    if setup.own("lrInBuffer") == 1.0 {
        *b = momentum * *b + lr * g / d;
        return (w - *b, d_steady);
    }
    *b = momentum * *b + g / d;
    (w - lr * *b, d_steady)
}

fn lion(setup: Setup, At { lr, w, g, .. }: At, state: &mut State) -> (f64, f64) {
    let [beta1, beta2] = ["beta1", "beta2"].map(|name| setup.own(name));
    let m = &mut state.arrays[0];
    let c = beta1 * *m + (1.0 - beta1) * g;
    *m = beta2 * *m + (1.0 - beta2) * g;
    let sign = if c == 0.0 { 0.0 } else { c.signum() };
    (w - lr * sign, 1.0)
}

/// Keras' formulas; a penalty of the objective has been paid at each of the t steps.
fn ftrl(setup: Setup, At { lr, t, w, g, l1, l2 }: At, state: &mut State) -> (f64, f64) {
    let own = |name| setup.own(name);
    let power = own("learningRatePower");
    let l1 = own("l1RegularizationStrength") + t * l1;
    let l2 = own("l2RegularizationStrength") + own("beta") / (2.0 * lr) + t * l2;
    let [z, n, _] = &mut state.arrays;
    let shrunken = g + 2.0 * own("l2ShrinkageRegularizationStrength") * w;
    let new_n = *n + g * g;
    let sigma = (new_n.powf(-power) - n.powf(-power)) / lr;
    *z += shrunken - sigma * w;
    *n = new_n;
    let quadratic = new_n.powf(-power) / lr + 2.0 * l2;
    (if z.abs() <= l1 { 0.0 } else { (l1 * z.signum() - *z) / quadratic }, 1.0)
}
