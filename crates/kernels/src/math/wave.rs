//! sin x and cos x, as one function: the sine of x and some quarter turns.

use super::wide::ROUND;

/// π/2 = HIGH + LOW, HIGH of 25 bits: its product with a number of turns is exact.
const HIGH: f64 = 1.570_796_310_901_641_8;
const LOW: f64 = 1.589_325_477_352_819_7e-8;

/// From here on [`near_wave_f32`] is no longer exact enough.
pub const FAR: f32 = 1_048_576.0;

/// The sine of r plus `quadrant` quarter turns, |r| ≤ π/4; polynomials to 2⁻³⁷ of the result.
#[inline(always)]
fn turned(r: f64, quadrant: u64) -> f32 {
    let z = r * r;
    let p = 2.718_304_244_767_935_8e-6;
    let p = p * z - 1.983_933_408_590_739e-4;
    let p = p * z + 8.333_329_383_599_548e-3;
    let p = p * z - 0.166_666_666_416_073_6;
    let sine = r * (p * z + 1.0);
    let p = -2.721_016_932_995_268_5e-7;
    let p = p * z + 2.479_951_919_090_646e-5;
    let p = p * z - 1.388_888_375_035_322e-3;
    let p = p * z + 4.166_666_662_279_311_4e-2;
    let cosine = (p * z - 0.5) * z + 1.0;
    let y = if quadrant & 1 == 0 { sine } else { cosine };
    (if quadrant & 2 == 0 { y } else { -y }) as f32
}

/// sin(x + `quarters`·π/2) of |x| < [`FAR`] within 1 unit in the last place: a plain loop of it is vector code.
#[inline(always)]
pub fn near_wave_f32(x: f32, quarters: u64) -> f32 {
    let x = f64::from(x);
    let shifted = x * std::f64::consts::FRAC_2_PI + ROUND;
    let n = shifted - ROUND;
    turned((x - n * HIGH) - n * LOW, shifted.to_bits().wrapping_add(quarters))
}

/// sin(x + `quarters`·π/2) within 1 unit in the last place; NaN of ±∞.
pub fn wave_f32(x: f32, quarters: u64) -> f32 {
    if x.abs() < FAR {
        near_wave_f32(x, quarters)
    } else if x.is_finite() {
        let (r, turns) = far_reduced(x);
        turned(r, turns.wrapping_add(quarters))
    } else {
        f32::NAN
    }
}

/// x − n·π/2 and n, of |x| ≥ [`FAR`]: |x| = m·2ᵉ times the 128 bits of 2/π that matter (Payne and Hanek 1983).
fn far_reduced(x: f32) -> (f64, u64) {
    /// 2/π, behind a word of zeros.
    const WORDS: [u64; 5] = [
        0,
        0xa2f9_836e_4e44_1529,
        0xfc27_57d1_f534_ddc0,
        0xdb62_9599_3c43_9041,
        0xfe51_63ab_debb_c561,
    ];
    let bits = x.to_bits();
    let (m, e) = (bits & 0x7f_ffff | 0x80_0000, (bits >> 23 & 0xff) + 64 - 2 - 150);
    let (word, shift) = ((e / 64) as usize, e % 64);
    let [high, middle, low] = [0, 1, 2].map(|i| u128::from(WORDS[word + i]));
    let window = (high << 64 | middle) << shift | low << shift >> 64;
    // Two bits of quarter turns, then 126 of their fraction.
    let product = window.wrapping_mul(u128::from(m));
    let turns = (product >> 125).wrapping_add(1) >> 1;
    let fraction = (product.wrapping_sub(turns << 126) >> 64) as i64;
    let r = fraction as f64 * (std::f64::consts::FRAC_PI_2 / (1_u64 << 62) as f64);
    if x < 0.0 { (-r, (turns as u64).wrapping_neg()) } else { (r, turns as u64) }
}

/// sin(x + `quarters`·π/2), by the standard library: within 1 unit in the last place.
#[inline(always)]
pub fn wave_f64(x: f64, quarters: u64) -> f64 {
    match quarters & 3 {
        0 => x.sin(),
        1 => x.cos(),
        2 => -x.sin(),
        _ => -x.cos(),
    }
}
