/// βᵗ, or 0 where 1 − βᵗ rounds to 1 anyway, for βᵗ ≤ exp(−(1 − β)t): a power is a quarter of a
/// call on 16 elements, and half of one when it underflows.
pub(super) fn power(beta: f64, step: f64) -> f64 {
    // A call, or the compiler computes the power first and then chooses.
    #[inline(never)]
    fn computed(beta: f64, step: f64) -> f64 {
        beta.powf(step)
    }
    if step * (1.0 - beta) > 45.0 { 0.0 } else { computed(beta, step) }
}
