use crate::Exec;
use crate::rows::BadLabel;
use crate::training::NotFinite;

/// What an operation does with an operand, and of which type it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read; in the precision of the call.
    In,
    /// Written, whatever it held; in the precision of the call.
    Out,
    /// Read and written; in the precision of the call.
    Update,
    /// Read; 32-bit integers.
    Labels,
    /// Written; 32-bit integers.
    Order,
    /// Read and written; 32-bit integers.
    Reorder,
    /// Written; double precision whatever the call's.
    Figures,
    /// Read; double precision: numbers that may change from call to call.
    Live,
    /// Read and written; double precision: what a call leaves to the next one.
    State,
}

impl Access {
    /// Whether the operand is written.
    pub const fn writes(self) -> bool {
        !matches!(self, Self::In | Self::Labels | Self::Live)
    }
}

/// One array of an operation.
#[derive(Debug)]
pub struct Parameter {
    /// What messages call it.
    pub name: &'static str,
    /// How it is used.
    pub access: Access,
    /// Its length, from the operation's dimensions; `None` if that overflows.
    pub len: fn(&[usize]) -> Option<usize>,
}

/// A borrowed operand.
pub enum Operand<'a, T> {
    /// For [`Access::In`].
    In(&'a [T]),
    /// For [`Access::Out`].
    Out(&'a mut [T]),
    /// For [`Access::Update`].
    Update(&'a mut [T]),
    /// For [`Access::Labels`].
    Labels(&'a [i32]),
    /// For [`Access::Order`].
    Order(&'a mut [i32]),
    /// For [`Access::Reorder`].
    Reorder(&'a mut [i32]),
    /// For [`Access::Figures`].
    Figures(&'a mut [f64]),
    /// For [`Access::Live`].
    Live(&'a [f64]),
    /// For [`Access::State`].
    State(&'a mut [f64]),
}

/// What an operation found wrong with the values that it was given; nothing was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// A label names no class.
    Label(BadLabel),
    /// A number that had to be finite is not.
    NotFinite(NotFinite),
}

impl From<NotFinite> for Fault {
    fn from(bad: NotFinite) -> Self {
        Self::NotFinite(bad)
    }
}

impl From<BadLabel> for Fault {
    fn from(bad: BadLabel) -> Self {
        Self::Label(bad)
    }
}

/// Runs an operation: operands as its parameters say, then dimensions and numbers.
pub type Run<T> = fn(Exec, &mut [Operand<'_, T>], &[usize], &[f64]) -> Result<(), Fault>;

/// An entry of the table.
#[derive(Clone, Copy)]
pub struct Op {
    /// What callers know it by.
    pub name: &'static str,
    /// Its arrays, in the order of the call.
    pub parameters: &'static [Parameter],
    /// Names of its dimensions: whole numbers that follow the arrays.
    pub dims: &'static [&'static str],
    /// Names of its numbers, which follow the dimensions.
    pub numbers: &'static [&'static str],
    /// Whether it may run on some rows at a time: the first dimension counts rows that know nothing of
    /// each other and is used for nothing else. An operand whose length it does not change is read whole.
    pub rowwise: bool,
    /// It in single precision.
    pub run_f32: Run<f32>,
    /// It in double precision.
    pub run_f64: Run<f64>,
}

/// What a kernel returns, as the result of its operation.
pub(super) trait Outcome {
    fn result(self) -> Result<(), Fault>;
}

impl Outcome for () {
    fn result(self) -> Result<(), Fault> {
        Ok(())
    }
}

impl<E: Into<Fault>> Outcome for Result<(), E> {
    fn result(self) -> Result<(), Fault> {
        self.map_err(Into::into)
    }
}

/// The product of `factors`, unless it overflows; `usize::MAX` as a factor is no length at all.
pub(super) fn product(factors: &[usize]) -> Option<usize> {
    factors.iter().try_fold(1_usize, |product, &factor| {
        product.checked_mul(factor).filter(|_| factor != usize::MAX)
    })
}

/// The dimensions of an entry, bound as references or values so that none counts as unused, or their
/// names. `[a, b; all]` binds the slice of all of them too.
macro_rules! dimensions {
    (references $from:ident [$($dim:ident),* $(; $all:ident)?]) => {
        let [$($dim),*] = $from else { unreachable!("the caller checks dimensions") };
        $(let $all = $from;)?
        let _ = ($($dim,)* $($all)?);
    };
    (values $from:ident [$($dim:ident),* $(; $all:ident)?]) => {
        let [$($dim),*] = *$from else { return None };
        $(let $all = $from;)?
        let _ = ($($dim,)* $($all)?);
    };
    (names [$($dim:ident),* $(; $all:ident)?]) => { &[$(stringify!($dim)),*] };
}

/// Whether an entry begins with `rowwise` or with `op`.
macro_rules! is_rowwise {
    (rowwise) => {
        true
    };
    (op) => {
        false
    };
}

/// `op name(exec, [dims…; all]; numbers…)(operand: Access[lengths…], …) { kernel call }` as an [`Op`];
/// `rowwise` instead of `op` where it is.
macro_rules! ops {
    ($(
        $(#[$doc:meta])*
        $kind:ident $name:ident ($exec:ident, $dims:tt $(; $($number:ident),+)?)
            ($($operand:ident: $access:ident [$($len:tt)*]),* $(,)?) $body:block
    )*) => {
        /// The operations of this file.
        pub(super) const OPS: &[$crate::op::Op] = {
            // What the entries are made of, so that a list imports no more than its kernels.
            use $crate::op::entry::{
                Access, Fault, Op, Operand, Outcome, Parameter, dimensions, is_rowwise, product,
            };
            &[$({
                $(#[$doc])*
                fn run<T: Float>(
                    $exec: Exec,
                    operands: &mut [Operand<'_, T>],
                    dims: &[usize],
                    numbers: &[f64],
                ) -> Result<(), Fault> {
                    dimensions!(references dims $dims);
                    let ([$(Operand::$access($operand)),*], [$($($number),+)?]) = (operands, numbers)
                    else {
                        unreachable!("the caller checks operands against the table")
                    };
                    let _ = $exec;
                    Outcome::result($body)
                }

                Op {
                    name: stringify!($name),
                    parameters: &[$(Parameter {
                        name: stringify!($operand),
                        access: Access::$access,
                        len: {
                            fn len(dims: &[usize]) -> Option<usize> {
                                dimensions!(values dims $dims);
                                product(&[$($len)*])
                            }
                            len
                        },
                    }),*],
                    dims: dimensions!(names $dims),
                    numbers: &[$($(stringify!($number)),+)?],
                    rowwise: is_rowwise!($kind),
                    run_f32: run::<f32>,
                    run_f64: run::<f64>,
                }
            }),*]
        };
    };
}

pub(super) use {dimensions, is_rowwise, ops};
