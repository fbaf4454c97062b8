use kernels::simd::Isa;
use kernels::vector::{Simd, Vectorized, Work, lanes};
use proptest::prelude::*;

/// a·b + c of some blocks.
struct Fused<'a, T> {
    factors: [&'a [T]; 2],
    sums: &'a mut [T],
}

impl<T> Work<T> for Fused<'_, T> {
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let [a, b] = self.factors;
        for (i, c) in self.sums.chunks_exact_mut(lanes::<T>()).enumerate() {
            let at = i * lanes::<T>();
            let sum = simd.mul_add(simd.load(&a[at..]), simd.load(&b[at..]), simd.load(c));
            simd.store(sum, c);
        }
    }
}

fn fused<T: Vectorized + Copy>(isa: Isa, a: &[T], b: &[T], c: &[T]) -> Vec<T> {
    let mut sums = c.to_vec();
    T::vectorize(isa, Fused { factors: [a, b], sums: &mut sums });
    sums
}

proptest! {
    /// Any numbers, and such as differ little, so that roundings meet their middle.
    #[test]
    fn products_are_added_with_one_rounding_on_every_instruction_set(
        any in prop::array::uniform3(prop::collection::vec(any::<u32>(), 64)),
        near in prop::array::uniform3(prop::collection::vec(0x3f7f_fff0_u32..0x3f80_0010, 64)),
        scales in prop::collection::vec(-30_i32..30, 64),
    ) {
        let of = |bits: &[u32]| bits.iter().map(|&bits| f32::from_bits(bits)).collect::<Vec<_>>();
        let small = |x: Vec<f32>| x.iter().zip(&scales).map(|(x, &k)| x * 2.0_f32.powi(k)).collect();
        let cases: [[Vec<f32>; 3]; 2] =
            [any.each_ref().map(|x| of(x)), [of(&near[0]), of(&near[1]), small(of(&near[2]))]];
        for [a, b, c] in cases {
            let exact: Vec<u32> = a.iter().zip(&b).zip(&c).map(|((a, b), &c)| {
                #[allow(clippy::disallowed_methods, reason = "the definition")]
                let sum = a.mul_add(*b, c);
                sum.to_bits()
            }).collect();
            for isa in Isa::all() {
                for ((got, &exact), i) in fused(isa, &a, &b, &c).iter().zip(&exact).zip(0..) {
                    let nan = got.is_nan() && f32::from_bits(exact).is_nan();
                    prop_assert!(nan || got.to_bits() == exact, "{:?}: {} · {} + {}", isa, a[i], b[i], c[i]);
                }
            }
        }
    }
}
