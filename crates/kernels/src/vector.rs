//! Registers, for kernels whose sums must stay in them: convolutions.
//!
//! A kernel is a [`Work`], written once over a [`Simd`]. As plain loops over arrays, which serve
//! everything else, the compiler made gathers of it: 1.3 against 81 billion multiply-adds a second
//! (bench/RESULTS.md). Products are added fused, rounded once, so that a result is the same on all of
//! them: a CPU without such an instruction (before 2013) takes its time.
#![allow(unsafe_code, reason = "the one file with vector instructions")]

use crate::simd::{Isa, Level};

/// Bytes of a block: one AVX-512 register, two of AVX2, four of others.
const BLOCK: usize = 64;

/// Numbers in a block.
pub const fn lanes<T>() -> usize {
    BLOCK / size_of::<T>()
}

/// An instruction set, held only where the CPU has it. Its blocks are of [`lanes`] numbers.
pub trait Simd<T>: Copy {
    /// A block in registers.
    type Block: Copy;

    /// How many blocks of sums leave enough registers for the rest.
    const SUMS: usize;

    /// `x` in each lane.
    fn splat(self, x: T) -> Self::Block;

    /// The first numbers of `x`, of which there are enough for a block.
    fn load(self, x: &[T]) -> Self::Block;

    /// The numbers of `x`, fewer than a block, then zeros.
    fn load_part(self, x: &[T]) -> Self::Block;

    /// Writes the first numbers of `out`, which has enough for a block.
    fn store(self, block: Self::Block, out: &mut [T]);

    /// Writes all of `out`, fewer numbers than a block.
    fn store_part(self, block: Self::Block, out: &mut [T]);

    /// a·b + c.
    fn mul_add(self, a: Self::Block, b: Self::Block, c: Self::Block) -> Self::Block;
}

/// A kernel over registers of `T`.
pub trait Work<T> {
    /// Runs it. To be inlined, so that it is compiled for the instruction set.
    fn run<S: Simd<T>>(self, simd: S);
}

/// A number type that has registers.
pub trait Vectorized: Sized {
    /// Runs `work`, compiled for `isa`.
    fn vectorize(isa: Isa, work: impl Work<Self>);
}

/// AVX-512.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Avx512(());

/// AVX2 and FMA.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy)]
struct Avx2(());

/// What the target has anyway: plain loops, which the compiler makes NEON of on 64-bit Arm.
#[derive(Clone, Copy)]
struct Plain;

/// Blocks that are one register.
#[cfg(target_arch = "x86_64")]
macro_rules! avx512 {
    ($t:ty, $block:ident, $splat:ident, $load:ident, $load_part:ident, $store:ident, $store_part:ident,
        $mul_add:ident, $mask:ty) => {
        impl Simd<$t> for Avx512 {
            type Block = std::arch::x86_64::$block;
            const SUMS: usize = 24;

            #[inline(always)]
            fn splat(self, x: $t) -> Self::Block {
                // SAFETY: an `Avx512` exists only where the CPU has it.
                unsafe { std::arch::x86_64::$splat(x) }
            }

            #[inline(always)]
            fn load(self, x: &[$t]) -> Self::Block {
                let x = &x[..lanes::<$t>()];
                // SAFETY: as above; the slice holds a block, which need not be aligned.
                unsafe { std::arch::x86_64::$load(x.as_ptr()) }
            }

            #[inline(always)]
            fn load_part(self, x: &[$t]) -> Self::Block {
                assert!(x.len() < lanes::<$t>());
                // SAFETY: as above; the mask leaves out what lies beyond the slice, which is not read.
                unsafe { std::arch::x86_64::$load_part((1 << x.len()) - 1, x.as_ptr()) }
            }

            #[inline(always)]
            fn store(self, block: Self::Block, out: &mut [$t]) {
                let out = &mut out[..lanes::<$t>()];
                // SAFETY: as above; the slice holds a block, which need not be aligned.
                unsafe { std::arch::x86_64::$store(out.as_mut_ptr(), block) }
            }

            #[inline(always)]
            fn store_part(self, block: Self::Block, out: &mut [$t]) {
                assert!(out.len() < lanes::<$t>());
                let mask: $mask = (1 << out.len()) - 1;
                // SAFETY: as above; the mask leaves out what lies beyond the slice.
                unsafe { std::arch::x86_64::$store_part(out.as_mut_ptr(), mask, block) }
            }

            #[inline(always)]
            fn mul_add(self, a: Self::Block, b: Self::Block, c: Self::Block) -> Self::Block {
                // SAFETY: an `Avx512` exists only where the CPU has it.
                unsafe { std::arch::x86_64::$mul_add(a, b, c) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
avx512!(
    f32,
    __m512,
    _mm512_set1_ps,
    _mm512_loadu_ps,
    _mm512_maskz_loadu_ps,
    _mm512_storeu_ps,
    _mm512_mask_storeu_ps,
    _mm512_fmadd_ps,
    u16
);
#[cfg(target_arch = "x86_64")]
avx512!(
    f64,
    __m512d,
    _mm512_set1_pd,
    _mm512_loadu_pd,
    _mm512_maskz_loadu_pd,
    _mm512_storeu_pd,
    _mm512_mask_storeu_pd,
    _mm512_fmadd_pd,
    u8
);

/// Blocks that are two registers.
#[cfg(target_arch = "x86_64")]
macro_rules! avx2 {
    ($t:ty, $half:ident, $splat:ident, $load:ident, $store:ident, $mul_add:ident) => {
        impl Simd<$t> for Avx2 {
            type Block = [std::arch::x86_64::$half; 2];
            const SUMS: usize = 6;

            #[inline(always)]
            fn splat(self, x: $t) -> Self::Block {
                // SAFETY: an `Avx2` exists only where the CPU has it.
                [unsafe { std::arch::x86_64::$splat(x) }; 2]
            }

            #[inline(always)]
            fn load(self, x: &[$t]) -> Self::Block {
                let (low, high) = x[..lanes::<$t>()].split_at(lanes::<$t>() / 2);
                // SAFETY: as above; each half holds a register, which need not be aligned.
                unsafe {
                    [
                        std::arch::x86_64::$load(low.as_ptr()),
                        std::arch::x86_64::$load(high.as_ptr()),
                    ]
                }
            }

            #[inline(always)]
            fn load_part(self, x: &[$t]) -> Self::Block {
                let mut whole = [0.0; lanes::<$t>()];
                whole[..x.len()].copy_from_slice(x);
                self.load(&whole)
            }

            #[inline(always)]
            fn store(self, [first, second]: Self::Block, out: &mut [$t]) {
                let (low, high) = out[..lanes::<$t>()].split_at_mut(lanes::<$t>() / 2);
                // SAFETY: as above; each half holds a register, which need not be aligned.
                unsafe {
                    std::arch::x86_64::$store(low.as_mut_ptr(), first);
                    std::arch::x86_64::$store(high.as_mut_ptr(), second);
                }
            }

            #[inline(always)]
            fn store_part(self, block: Self::Block, out: &mut [$t]) {
                let mut whole = [0.0; lanes::<$t>()];
                self.store(block, &mut whole);
                out.copy_from_slice(&whole[..out.len()]);
            }

            #[inline(always)]
            fn mul_add(self, a: Self::Block, b: Self::Block, c: Self::Block) -> Self::Block {
                // SAFETY: an `Avx2` exists only where the CPU has it, and FMA.
                unsafe {
                    [
                        std::arch::x86_64::$mul_add(a[0], b[0], c[0]),
                        std::arch::x86_64::$mul_add(a[1], b[1], c[1]),
                    ]
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
avx2!(f32, __m256, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_fmadd_ps);
#[cfg(target_arch = "x86_64")]
avx2!(f64, __m256d, _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_fmadd_pd);

/// a·b + c, rounded once.
#[inline(always)]
#[allow(
    clippy::disallowed_methods,
    reason = "fused on every instruction set, or bits would differ"
)]
fn fused_f64(a: f64, b: f64, c: f64) -> f64 {
    a.mul_add(b, c)
}

/// a·b + c, rounded once. Where that is no instruction, `mul_add` would call a function.
#[inline(always)]
#[allow(clippy::disallowed_methods, reason = "only where it is one instruction")]
fn fused_f32(a: f32, b: f32, c: f32) -> f32 {
    if cfg!(target_arch = "aarch64") {
        return a.mul_add(b, c);
    }
    // The product is exact. Their sum is rounded to odd, after which a second rounding is right
    // (Boldo & Melquiond 2008, DOI 10.1109/TC.2007.70819): one unit towards the error of an even one.
    let (product, c) = (f64::from(a) * f64::from(b), f64::from(c));
    let sum = product + c;
    let back = sum - product;
    let error = (product - (sum - back)) + (c - back);
    let even = sum.to_bits();
    let unit = if (error > 0.0) == (sum > 0.0) { 1 } else { u64::MAX };
    // Not where it is no number: that of an infinite sum.
    let inexact = error != 0.0 && !error.is_nan();
    let odd = if inexact && even & 1 == 0 { even.wrapping_add(unit) } else { even };
    f64::from_bits(odd) as f32
}

macro_rules! plain {
    ($t:ty, $fused:path) => {
        impl Simd<$t> for Plain {
            type Block = [$t; lanes::<$t>()];
            const SUMS: usize = if cfg!(target_arch = "aarch64") { 6 } else { 2 };

            #[inline(always)]
            fn splat(self, x: $t) -> Self::Block {
                [x; lanes::<$t>()]
            }

            #[inline(always)]
            fn load(self, x: &[$t]) -> Self::Block {
                let mut block = [0.0; lanes::<$t>()];
                block.copy_from_slice(&x[..lanes::<$t>()]);
                block
            }

            #[inline(always)]
            fn load_part(self, x: &[$t]) -> Self::Block {
                let mut block = [0.0; lanes::<$t>()];
                block[..x.len()].copy_from_slice(x);
                block
            }

            #[inline(always)]
            fn store(self, block: Self::Block, out: &mut [$t]) {
                out[..lanes::<$t>()].copy_from_slice(&block);
            }

            #[inline(always)]
            fn store_part(self, block: Self::Block, out: &mut [$t]) {
                out.copy_from_slice(&block[..out.len()]);
            }

            #[inline(always)]
            #[allow(
                clippy::disallowed_methods,
                reason = "fused on every instruction set, or bits would differ"
            )]
            fn mul_add(self, a: Self::Block, b: Self::Block, mut c: Self::Block) -> Self::Block {
                for ((c, a), b) in c.iter_mut().zip(a).zip(b) {
                    *c = $fused(a, b, *c);
                }
                c
            }
        }

        impl Vectorized for $t {
            fn vectorize(isa: Isa, work: impl Work<Self>) {
                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
                fn avx512(work: impl Work<$t>) {
                    work.run(Avx512(()));
                }

                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2,fma")]
                fn avx2(work: impl Work<$t>) {
                    work.run(Avx2(()));
                }

                match isa.level() {
                    // SAFETY: an `Isa` exists only for an instruction set that this CPU has.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512 => unsafe { avx512(work) },
                    // SAFETY: as above.
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2 => unsafe { avx2(work) },
                    _ => work.run(Plain),
                }
            }
        }
    };
}

plain!(f32, fused_f32);
plain!(f64, fused_f64);
