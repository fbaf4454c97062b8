use super::group::Apply;

/// What callers know an optimizer by.
#[derive(Debug)]
pub struct Spec {
    /// `sgd`, `adam`, …
    pub name: &'static str,
    /// Names of its arrays of state, the optional ones last.
    pub state: &'static [&'static str],
    /// How many of these, from the first, it does not run without.
    pub required: usize,
    /// The name of the number that a segment carries from step to step, if the rule has one.
    pub carried: Option<&'static str>,
    /// What its learning rate may be.
    pub lr: Range,
    /// Its own options, in the order of their numbers behind [`super::COMMON_OPTIONS`].
    pub options: &'static [Own],
    /// The ways in which a penalty may act on it, and why not in others.
    pub applies: (&'static [Apply], &'static str),
}

impl Spec {
    /// What most optimizers have in common.
    pub(super) const USUAL: Self = Self {
        name: "",
        state: &[],
        required: 0,
        carried: None,
        lr: Range::NonNegative,
        options: &[],
        applies: (&Apply::ALL, ""),
    };
}

/// An option that one optimizer has beside the common ones.
#[derive(Clone, Copy, Debug)]
pub struct Own {
    /// `beta1`, `eps`, …
    pub name: &'static str,
    /// Its value where none is given: `PyTorch`'s.
    pub default: f64,
    /// What it may be.
    pub range: Range,
}

impl Own {
    /// An option of this range.
    pub(super) const fn new(name: &'static str, default: f64, range: Range) -> Self {
        Self { name, default, range }
    }
}

/// What an option may be; whoever fills a group checks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Any finite number.
    Finite,
    /// At least 0.
    NonNegative,
    /// Above 0.
    Positive,
    /// At most 0.
    NonPositive,
    /// In [0, 1).
    Rate,
    /// In [0, 1].
    Share,
    /// At least 0; below 1 where a prox scales by 1/(1 − μ).
    Momentum,
    /// 0 or 1.
    Flag,
}

impl Range {
    /// The name that callers outside Rust know it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finite => "finite",
            Self::NonNegative => "nonNegative",
            Self::Positive => "positive",
            Self::NonPositive => "nonPositive",
            Self::Rate => "rate",
            Self::Share => "share",
            Self::Momentum => "momentum",
            Self::Flag => "flag",
        }
    }
}

/// Rate of the first moment.
pub(super) const BETA1: Own = Own::new("beta1", 0.9, Range::Rate);
/// Rate of the second moment.
pub(super) const BETA2: Own = Own::new("beta2", 0.999, Range::Rate);
/// ε, what keeps a denominator from 0.
pub(super) const EPS: Own = Own::new("eps", 1e-8, Range::NonNegative);
