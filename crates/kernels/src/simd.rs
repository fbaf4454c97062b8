//! The one file that knows about instruction sets.
//!
//! A kernel is a plain loop. [`kernel!`](crate::kernel) compiles it once for each instruction set
//! and picks one at run time from an [`Isa`], which only exists for what this CPU has. Loops keep
//! [`LANES`] partial sums whatever the width of a register, and nothing contracts `a * b + c`, so
//! a result is the same on AVX-512, AVX2 and the baseline.

use std::sync::OnceLock;

/// Partial sums in every reduction: one AVX-512 register of `f32`.
pub const LANES: usize = 16;

/// The instruction sets that kernels are compiled for, widest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// AVX-512 F, BW, DQ and VL.
    Avx512,
    /// AVX2 and FMA.
    Avx2,
    /// NEON, the baseline of 64-bit Arm.
    Neon,
    /// What every CPU of the target has (SSE2 on x86-64).
    Scalar,
}

impl Level {
    /// All levels, widest first: an index here is the level's number for callers outside Rust.
    pub const ALL: [Self; 4] = [Self::Avx512, Self::Avx2, Self::Neon, Self::Scalar];

    /// `avx512`, `avx2`, `neon` or `scalar`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Scalar => "scalar",
        }
    }

    fn runs_here(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "aarch64")]
            Self::Neon => true,
            #[cfg(not(target_arch = "aarch64"))]
            Self::Scalar => true,
            #[allow(unreachable_patterns, reason = "which arms exist depends on the target")]
            _ => false,
        }
    }
}

/// An instruction set that this CPU has: a proof, so that choosing it is sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(Level);

impl Isa {
    /// The widest instruction set of this CPU.
    pub fn widest() -> Self {
        static WIDEST: OnceLock<Isa> = OnceLock::new();
        *WIDEST.get_or_init(|| Self::all().next().unwrap_or(Self(Level::Scalar)))
    }

    /// Every instruction set of this CPU, widest first.
    pub fn all() -> impl Iterator<Item = Self> {
        Level::ALL.into_iter().filter(|level| level.runs_here()).map(Self)
    }

    /// The instruction set called `name`, if this CPU has it.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|isa| isa.0.name() == name)
    }

    /// Which one it is.
    pub const fn level(self) -> Level {
        self.0
    }
}

/// How many blocks of [`LANES`] elements ahead the memory of a long loop is asked for.
pub(crate) const AHEAD: usize = 32;

/// Asks for the memory `ahead` elements behind `here`, which may lie beyond its slice.
#[inline(always)]
pub(crate) fn prefetch<T>(here: &T, ahead: usize) {
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code, reason = "a hint, of an address that is never followed")]
    // SAFETY: a prefetch faults at no address, and SSE is in every x86-64.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(here).wrapping_add(ahead).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (here, ahead);
}

/// Says that the upper halves of wide registers hold nothing any more. The products of faer leave them in
/// use, and then each instruction of the baseline waits for what they hold: a quarter of a microsecond
/// for the operation that came next (bench/RESULTS.md).
#[inline(always)]
pub(crate) fn release_registers() {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx") {
        #[allow(unsafe_code, reason = "an instruction that not every CPU has")]
        // SAFETY: this CPU has it.
        unsafe {
            std::arch::x86_64::_mm256_zeroupper();
        }
    }
}

/// Declares a kernel: `kernel! { pub fn name[T: Float](x: &[T]) -> f64 { … } }` becomes
/// `pub fn name<T: Float>(isa: Isa, x: &[T]) -> f64`, compiled once per instruction set.
#[macro_export]
macro_rules! kernel {
    (
        $(#[$meta:meta])*
        $vis:vis fn $name:ident [$($generics:tt)*] ($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block
    ) => {
        $(#[$meta])*
        #[allow(clippy::too_many_arguments, reason = "the instruction set is an argument too")]
        $vis fn $name<$($generics)*>(isa: $crate::simd::Isa, $($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            fn body<$($generics)*>($($arg: $ty),*) $(-> $ret)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
            fn avx512<$($generics)*>($($arg: $ty),*) $(-> $ret)? { body($($arg),*) }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn avx2<$($generics)*>($($arg: $ty),*) $(-> $ret)? { body($($arg),*) }

            match isa.level() {
                // SAFETY: an `Isa` exists only for an instruction set that this CPU has.
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code, reason = "the one place where an instruction set is chosen")]
                $crate::simd::Level::Avx512 => unsafe { avx512($($arg),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                #[allow(unsafe_code, reason = "the one place where an instruction set is chosen")]
                $crate::simd::Level::Avx2 => unsafe { avx2($($arg),*) },
                _ => body($($arg),*),
            }
        }
    };
}
