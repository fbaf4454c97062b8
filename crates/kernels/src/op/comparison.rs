//! Comparisons, as whole numbers 0 and 1; and logic, in which every number but 0 is true.

use super::entry::ops;
use crate::Exec;
use crate::compare::{compare, test};
use crate::float::Float;

/// Entries of each relation: of two tensors, of one and a number, and both for whole numbers.
macro_rules! comparisons {
    ($($name:ident, $number:ident, $int_name:ident, $int_number:ident: $relation:tt;)*) => {
        ops! {
            $(
                /// out = 1 where the relation holds, else 0.
                rowwise $name(exec, [n])(x: In[n], y: In[n], out: Order[n]) {
                    compare(exec, x, y, out, |x, y| x $relation y);
                }

                /// The same for a tensor and a number.
                rowwise $number(exec, [n]; value)(x: In[n], out: Order[n]) {
                    let value = T::of(*value);
                    test(exec, x, out, |x| x $relation value);
                }

                /// The same for whole numbers.
                rowwise $int_name(exec, [n])(x: Labels[n], y: Labels[n], out: Order[n]) {
                    compare(exec, x, y, out, |x, y| x $relation y);
                }

                /// The same for whole numbers and any one number.
                rowwise $int_number(exec, [n]; value)(x: Labels[n], out: Order[n]) {
                    test(exec, x, out, |x| f64::from(x) $relation *value);
                }
            )*

            /// out = 1 where both are true, else 0.
            rowwise int_and(exec, [n])(x: Labels[n], y: Labels[n], out: Order[n]) {
                compare(exec, x, y, out, |x, y| (x != 0) & (y != 0));
            }

            /// out = 1 where one of both or both are true, else 0.
            rowwise int_or(exec, [n])(x: Labels[n], y: Labels[n], out: Order[n]) {
                compare(exec, x, y, out, |x, y| (x != 0) | (y != 0));
            }
        }
    };
}

comparisons! {
    eq, eq_number, int_eq, int_eq_number: ==;
    ne, ne_number, int_ne, int_ne_number: !=;
    lt, lt_number, int_lt, int_lt_number: <;
    le, le_number, int_le, int_le_number: <=;
    gt, gt_number, int_gt, int_gt_number: >;
    ge, ge_number, int_ge, int_ge_number: >=;
}
