use kernels::conv::Convolution;
use kernels::float::Float;
use kernels::op::{Access, Fault, OPS, Op, Operand, Run};
use proptest::prelude::*;

use crate::given::{in_both_precisions, numbers, plain};

in_both_precisions!(
    operands_of_the_lengths_in_the_table_are_enough_and_written_whole,
    labels_out_of_range_write_nothing,
    large_operands_are_enough,
);

/// In outputs before a call; no operation on the numbers given here results in it.
const UNTOUCHED: f64 = 12_345.0;

/// The arrays of one call, as long as the table says.
struct Arrays<T> {
    floats: Vec<Vec<T>>,
    integers: Vec<Vec<i32>>,
    figures: Vec<Vec<f64>>,
}

impl<T: Float> Arrays<T> {
    fn of(op: &Op, dims: &[usize], label: i32) -> Self {
        let mut arrays = Self { floats: vec![], integers: vec![], figures: vec![] };
        for (i, parameter) in op.parameters.iter().enumerate() {
            let n = (parameter.len)(dims).expect("small dimensions do not overflow");
            let fresh = !matches!(parameter.access, Access::Out);
            let held = if fresh { numbers(i as u64, n) } else { vec![T::of(UNTOUCHED); n] };
            arrays.floats.push(held);
            let order = parameter.access == Access::Order;
            arrays.integers.push(vec![if order { i32::MAX } else { label }; n]);
            let given = if parameter.access == Access::Live { 1.5 } else { UNTOUCHED };
            arrays.figures.push(vec![given; n]);
        }
        arrays
    }

    fn run(&mut self, op: &Op, run: Run<T>, dims: &[usize]) -> Result<(), Fault> {
        let arrays = self.floats.iter_mut().zip(&mut self.integers).zip(&mut self.figures);
        let mut operands: Vec<_> = arrays
            .zip(op.parameters)
            .map(|(((floats, integers), figures), parameter)| match parameter.access {
                Access::In => Operand::In(floats),
                Access::Out => Operand::Out(floats),
                Access::Update => Operand::Update(floats),
                Access::Labels => Operand::Labels(integers),
                Access::Order => Operand::Order(integers),
                Access::Reorder => Operand::Reorder(integers),
                Access::Figures => Operand::Figures(figures),
                Access::Live => Operand::Live(figures),
                Access::State => Operand::State(figures),
            })
            .collect();
        let values: Vec<f64> = (0..op.numbers.len()).map(|i| 0.5 + i as f64).collect();
        run(plain(), &mut operands, dims, &values)
    }

    /// How many elements of the outputs were written, of how many.
    fn written(&self, op: &Op) -> (usize, usize) {
        let mut written = (0, 0);
        for (i, parameter) in op.parameters.iter().enumerate() {
            let touched: Vec<bool> = match parameter.access {
                Access::Out => self.floats[i].iter().map(|x| x.f64() != UNTOUCHED).collect(),
                Access::Order => self.integers[i].iter().map(|&x| x != i32::MAX).collect(),
                Access::Figures => self.figures[i].iter().map(|&x| x != UNTOUCHED).collect(),
                _ => vec![],
            };
            written.0 += touched.iter().filter(|&&touched| touched).count();
            written.1 += touched.len();
        }
        written
    }
}

/// The entries with their function for this precision.
fn entries<T: Float>() -> impl Iterator<Item = (&'static Op, Run<T>)> {
    OPS.iter().map(|op| {
        let [single, double]: [&dyn std::any::Any; 2] = [&op.run_f32, &op.run_f64];
        let run = single.downcast_ref().or(double.downcast_ref()).copied();
        (op, run.expect("an operation runs in both precisions"))
    })
}

/// Operations that take any label: they copy it, count it as wrong, or compute with it.
const ANY_LABEL: [&str; 9] = [
    "window",
    "count_correct",
    "count_equal",
    "put_back_labels",
    "view_labels",
    "write_view_labels",
    "from_labels",
    "choose",
    "keep",
];

fn has_labels(op: &Op) -> bool {
    !ANY_LABEL.contains(&op.name)
        && !op.name.starts_with("int_")
        && op.parameters.iter().any(|parameter| parameter.access == Access::Labels)
}

/// Small dimensions with which there are labels.
fn few(op: &Op) -> Vec<usize> {
    match op.dims.len() {
        14.. => [2, 2, 5, 5, 2, 3, 3, 1, 1, 1, 1, 1, 1, 1, 2, 2, 1][..op.dims.len()].to_vec(),
        n => vec![4; n],
    }
}

/// How many things a label of this operation chooses from.
fn choices(op: &Op, dims: &[usize]) -> usize {
    match op.name {
        name if name.starts_with("gather") => dims[0],
        "clip_rows" => dims[0],
        "auc" => 2,
        // One score is for two classes.
        "log_loss" if dims[1] == 1 => 2,
        name if name.starts_with("conv2d_pool") => Convolution::of(dims).windows(),
        _ => dims[1],
    }
}

/// Small dimensions; of a view those that lie within its array.
fn dims_of(op: &Op) -> BoxedStrategy<Vec<usize>> {
    let any = prop::collection::vec(0..9_usize, op.dims.len());
    if !op.name.contains("view") {
        return any.boxed();
    }
    let lengths = prop::collection::vec(0..4_usize, 6);
    let strides = prop::collection::vec(0..3_usize, 6);
    let view = (lengths, strides, 0..4_usize, 0..3_usize);
    view.prop_map(|(lengths, strides, offset, more)| {
        let axes = lengths.iter().zip(&strides);
        let last: usize = axes.map(|(n, stride)| n.saturating_sub(1) * stride).sum();
        [vec![offset + last + 1 + more, offset], lengths, strides].concat()
    })
    .boxed()
}

fn operands_of_the_lengths_in_the_table_are_enough_and_written_whole<T: Float>() {
    for (op, run) in entries::<T>() {
        let config = ProptestConfig { max_global_rejects: 1 << 20, ..ProptestConfig::default() };
        proptest!(config, |(dims in dims_of(op))| {
            // A view of more than there is has no length.
            prop_assume!(op.parameters.iter().all(|parameter| (parameter.len)(&dims).is_some()));
            let mut arrays = Arrays::of(op, &dims, 0);
            let labels: usize = arrays.integers.iter().zip(op.parameters)
                .filter(|(_, p)| p.access == Access::Labels).map(|(labels, _)| labels.len()).sum();
            let result = arrays.run(op, run, &dims);
            if has_labels(op) && labels > 0 && choices(op, &dims) == 0 {
                prop_assert!(result.is_err(), "{} of {dims:?}", op.name);
                return Ok(());
            }
            prop_assert_eq!(result, Ok(()), "{} of {:?}", op.name, &dims);
            let (written, of) = arrays.written(op);
            prop_assert_eq!(written, of, "{} of {:?}", op.name, &dims);
        });
    }
}

fn labels_out_of_range_write_nothing<T: Float>() {
    for (op, run) in entries::<T>().filter(|(op, _)| has_labels(op)) {
        let dims = few(op);
        let beyond = i32::try_from(choices(op, &dims)).expect("it is small");
        for label in [-1, beyond, i32::MIN, i32::MAX] {
            let mut arrays = Arrays::of(op, &dims, label);
            let Err(Fault::Label(bad)) = arrays.run(op, run, &dims) else {
                panic!("{} took label {label}", op.name)
            };
            let classes = choices(op, &dims);
            assert_eq!((bad.row, bad.label, bad.classes), (0, label, classes), "{}", op.name);
            assert_eq!(arrays.written(op).0, 0, "{}", op.name);
        }
    }
}

/// More than a chunk, and more than a piece.
fn large_operands_are_enough<T: Float>() {
    for (op, run) in entries::<T>() {
        let dims: &[usize] = match op.dims.len() {
            0 => &[],
            1 => &[(1 << 18) + 3],
            2 => &[1031, 257],
            3 => &[131, 127, 129],
            4 => &[31, 29, 37, 33],
            5 => &[70, 67, 65, 3, 2],
            14 if op.name.contains("view") => {
                &[1 << 19, 5, 1, 1, 1, 63, 65, 31, 0, 0, 0, 1, 63, 63 * 65]
            }
            n => &[19, 4, 17, 21, 6, 3, 4, 1, 1, 1, 1, 1, 1, 2, 2, 2, 1][..n],
        };
        let mut arrays = Arrays::of(op, dims, 1);
        assert_eq!(arrays.run(op, run, dims), Ok(()), "{}", op.name);
        let (written, of) = arrays.written(op);
        assert_eq!(written, of, "{}", op.name);
    }
}

/// The mean of nothing is not a number, a sum of nothing is 0: neither is a panic.
#[test]
fn an_empty_mean_is_not_a_number() {
    let loss = |name, dims: &[usize]| {
        let op = OPS.iter().find(|op| op.name == name).expect("it is in the table");
        let mut arrays = Arrays::<f64>::of(op, dims, 0);
        arrays.run(op, op.run_f64, dims).expect("there are no labels");
        arrays.floats.last().expect("the result is the last operand")[0]
    };
    assert!(loss("mse", &[0]).is_nan());
    assert!(loss("logistic_loss", &[0]).is_nan());
    assert!(loss("cross_entropy", &[0, 3]).is_nan());
    assert_eq!(loss("sum", &[0]), 0.0);
}

#[test]
fn a_size_beyond_memory_has_no_length() {
    // These have no operand whose length is a product of dimensions.
    let sums = ["window", "update_totals", "hold"];
    for op in OPS.iter().filter(|op| op.dims.len() >= 2 && !sums.contains(&op.name)) {
        let dims = vec![usize::MAX; op.dims.len()];
        let lengths = op.parameters.iter().map(|parameter| (parameter.len)(&dims));
        assert!(lengths.into_iter().any(|length| length.is_none()), "{}", op.name);
    }
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = OPS.iter().map(|op| op.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), OPS.len());
}
