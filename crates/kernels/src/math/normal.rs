//! The error function, and density and distribution of the normal distribution.

use super::exponential::exp_f32;
use super::wide;

/// Σ cᵢ·xⁱ, the coefficients from the last to the first.
#[inline(always)]
fn polynomial<const N: usize>(x: f64, coefficients: [f64; N]) -> f64 {
    coefficients.into_iter().fold(0.0, |sum, c| sum * x + c)
}

/// erf x within 2 units in the last place; NaN passes, and −0.
///
/// A minimax polynomial times x below 1, from there on 1 − exp of one: that of ln erfc.
#[inline(always)]
pub fn erf_f32(x: f32) -> f32 {
    let a = x.abs();
    let z = a * a;
    let p = 7.853_858e-5;
    let p = p * z - 8.010_193e-4;
    let p = p * z + 5.188_327_6e-3;
    let p = p * z - 2.685_381_2e-2;
    let p = p * z + 0.112_835_854;
    let p = p * z - 0.376_126_26;
    let p = p * z + 0.128_379_17;
    let near = p * a + a;
    let a = if a > 4.0 { 4.0 } else { a };
    let q = 1.863_767e-4;
    let q = q * a - 2.947_635_2e-3;
    let q = q * a + 2.183_797_3e-2;
    let q = q * a - 0.103_106_566;
    let q = q * a - 0.638_145;
    let q = q * a - 1.127_089_1;
    let q = q * a - 3.415_538e-4;
    let far = 1.0 - exp_f32(q);
    let y = if a < 1.0 { near } else { far };
    y.copysign(x)
}

/// exp(−`sharpness`·x²) within 1 unit in the last place; NaN passes. The square is exact in double precision:
/// rounded to single, it would leave 40 wrong units where the result is small.
#[inline(always)]
pub fn gaussian_f32(x: f32, sharpness: f64) -> f32 {
    let x = f64::from(x);
    let t = -sharpness * (x * x);
    wide::exp(if t < -120.0 { -120.0 } else { t }) as f32
}

/// The distribution function of the normal distribution within 1 unit in the last place, its small values
/// far below 0 included; NaN passes.
///
/// As exp(−a²/2) times a rational minimax approximation, a = |x|, of the rest (its error is 2⁻²⁷).
#[inline(always)]
pub fn normal_cdf_f32(x: f32) -> f32 {
    let a = f64::from(x.abs());
    let a = if a > 15.0 { 15.0 } else { a };
    let p = 0.004_152_779_682_239_403;
    let p = p * a + 0.040_879_084_159_496_7;
    let p = p * a + 0.183_964_374_816_608_27;
    let p = p * a + 0.439_278_941_423_680_7;
    let p = p * a + 0.500_000_002_980_509_7;
    let q = 0.010_409_363_378_518_232;
    let q = q * a + 0.102_474_781_941_028_17;
    let q = q * a + 0.471_395_667_919_374_76;
    let q = q * a + 1.205_531_647_261_042_4;
    let q = q * a + 1.676_442_878_142_354_6;
    let q = q * a + 1.0;
    let tail = wide::exp(-0.5 * (a * a)) * p / q;
    (if x > 0.0 { 1.0 - tail } else { tail }) as f32
}

/// The upper half of the digits of x: the product of two such numbers is exact.
fn high(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & !0x7ff_ffff)
}

/// exp(−`sharpness`·x²), for a sharpness that is a power of two, as a value and the relative rest, below 2⁻¹⁴.
fn split_gaussian(x: f64, sharpness: f64) -> (f64, f64) {
    let h = high(x);
    ((-sharpness * (h * h)).exp(), small_expm1(-sharpness * ((x - h) * (x + h))))
}

/// exp(−`sharpness`·x²) within 2 units in the last place, for a sharpness that is a power of two; NaN passes.
/// The exponential is the standard library's.
pub fn gaussian_f64(x: f64, sharpness: f64) -> f64 {
    let (e, rest) = split_gaussian(if x.abs() > 40.0 { 40.0 } else { x }, sharpness);
    e + e * rest
}

/// eˣ − 1 of |x| < 2⁻¹⁴, where it is multiplied by something larger than its error.
fn small_expm1(x: f64) -> f64 {
    x + x * x * (0.5 + x / 6.0)
}

/// The distribution function of the normal distribution within 2 units in the last place, its small values
/// far below 0 included; NaN passes. The exponential is the standard library's.
///
/// As exp(−a²/2)·(k + w(a))/(a + d): w is a rational minimax approximation (to 2⁻⁵⁵ of the result) that is
/// never more than a tenth of k, so that its own roundings hardly count.
pub fn normal_cdf_f64(x: f64) -> f64 {
    let a = x.abs();
    let a = if a > 40.0 { 40.0 } else { a };
    let numerator = polynomial(
        a,
        [
            -1.523_018_441_538_434_4e-7,
            -2.728_622_801_595_697_6e-6,
            -2.020_340_928_868_465_6e-5,
            -4.158_954_125_630_008e-5,
            5.089_499_005_044_25e-4,
            5.386_784_697_245_436e-3,
            2.645_222_167_796_190_3e-2,
            7.750_665_313_619_338e-2,
            0.131_133_254_950_999_06,
            9.219_443_105_520_173e-2,
            -0.037_499_999_999_999_99,
        ],
    );
    let denominator = polynomial(
        a,
        [
            3.949_970_219_627_331e-6,
            1.034_623_142_981_075_5e-4,
            1.339_498_106_362_875e-3,
            1.106_287_800_374_070_2e-2,
            6.377_800_435_018_48e-2,
            0.265_961_408_638_201_45,
            0.807_474_503_266_450_4,
            1.753_985_975_506_779_7,
            2.598_753_000_343_346,
            2.364_046_523_297_326,
            1.0,
        ],
    );
    let (e, rest) = split_gaussian(a, 0.5);
    // The quotient (k + w)/(a + d) in two parts, and its product with e rounded once.
    let (k, w, d) = (0.4375, numerator / denominator, a + 0.8);
    let lost = if a < 0.8 { a - (d - 0.8) } else { 0.8 - (d - a) };
    let s = k + w;
    let q = s / d;
    let (first, d_high, e_high) = (high(q), high(d), high(e));
    let left = (s - first * d_high) - first * (d - d_high + lost) + (w - (s - k));
    let second = left / d + q * rest;
    let tail = e_high * first + ((e - e_high) * first + e * second);
    if x > 0.0 { 1.0 - tail } else { tail }
}

/// erf x within 2 units in the last place; NaN passes, and −0. A minimax polynomial times x below .75, from
/// there on by [`normal_cdf_f64`].
pub fn erf_f64(x: f64) -> f64 {
    let a = x.abs();
    let near = polynomial(
        a * a,
        [
            1.147_537_581_290_328_6e-8,
            -1.594_087_595_346_262_5e-7,
            1.643_078_091_721_685e-6,
            -1.492_420_270_909_617_4e-5,
            1.205_528_982_369_730_4e-4,
            -8.548_326_195_101_666e-4,
            5.223_977_615_516_125e-3,
            -2.686_617_064_443_676e-2,
            0.112_837_916_709_526_32,
            -0.376_126_389_031_837_15,
            0.128_379_167_095_512_6,
        ],
    );
    let y = if a < 0.75 {
        near * a + a
    } else {
        1.0 - 2.0 * normal_cdf_f64(-std::f64::consts::SQRT_2 * a)
    };
    y.copysign(x)
}
