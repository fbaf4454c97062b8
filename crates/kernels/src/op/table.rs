use super::entry::ops;
use crate::elementwise::{
    abs_gradient, accumulate, binary, relu, relu_gradient, sigmoid_gradient, tanh_gradient, unary,
};
use crate::float::Float;
use crate::matmul::{self, Shape, matmul};
use crate::metrics::{self, Scores};
use crate::penalty::{self, ElasticNet};
use crate::{Exec, average, optimizer, random, reduce, rows, sparsity, stream, training};

ops! {
    /// out = x + y.
    rowwise add(exec, [n])(x: In[n], y: In[n], out: Out[n]) { binary(exec, x, y, out, |x, y| x + y) }

    /// out = x − y.
    rowwise sub(exec, [n])(x: In[n], y: In[n], out: Out[n]) { binary(exec, x, y, out, |x, y| x - y) }

    /// out = x·y.
    rowwise mul(exec, [n])(x: In[n], y: In[n], out: Out[n]) { binary(exec, x, y, out, |x, y| x * y) }

    /// out = x/y.
    rowwise div(exec, [n])(x: In[n], y: In[n], out: Out[n]) { binary(exec, x, y, out, |x, y| x / y) }

    /// out = scale·x + shift.
    rowwise affine(exec, [n]; scale, shift)(x: In[n], out: Out[n]) {
        let (scale, shift) = (T::of(*scale), T::of(*shift));
        unary(exec, x, out, |x| scale * x + shift);
    }

    /// out = x/divisor.
    rowwise divide(exec, [n]; divisor)(x: In[n], out: Out[n]) {
        let divisor = T::of(*divisor);
        unary(exec, x, out, |x| x / divisor);
    }

    /// out = |x|.
    rowwise abs(exec, [n])(x: In[n], out: Out[n]) { unary(exec, x, out, T::magnitude) }

    /// out = sign(x)·upstream, 0 at 0.
    rowwise abs_gradient(exec, [n])(x: In[n], upstream: In[n], out: Out[n]) {
        binary(exec, x, upstream, out, abs_gradient);
    }

    /// out = max(x, 0).
    rowwise relu(exec, [n])(x: In[n], out: Out[n]) { unary(exec, x, out, relu) }

    /// out = upstream where x > 0, else 0.
    rowwise relu_gradient(exec, [n])(x: In[n], upstream: In[n], out: Out[n]) {
        binary(exec, x, upstream, out, relu_gradient);
    }

    /// out = tanh x.
    rowwise tanh(exec, [n])(x: In[n], out: Out[n]) { unary(exec, x, out, T::hyperbolic_tangent) }

    /// out = (1 − y²)·upstream, y being tanh x.
    rowwise tanh_gradient(exec, [n])(y: In[n], upstream: In[n], out: Out[n]) {
        binary(exec, y, upstream, out, tanh_gradient);
    }

    /// out = 1/(1 + e⁻ˣ).
    rowwise sigmoid(exec, [n])(x: In[n], out: Out[n]) { unary(exec, x, out, T::logistic) }

    /// out = y·(1 − y)·upstream, y being 1/(1 + e⁻ˣ).
    rowwise sigmoid_gradient(exec, [n])(y: In[n], upstream: In[n], out: Out[n]) {
        binary(exec, y, upstream, out, sigmoid_gradient);
    }

    /// y ← y + x.
    rowwise accumulate(exec, [n])(x: In[n], y: Update[n]) { accumulate(exec, x, y) }

    /// out = value, everywhere.
    rowwise set(exec, [n]; value)(out: Out[n]) { out.fill(T::of(*value)) }

    /// out = value/divisor, everywhere.
    rowwise fill(exec, [n]; divisor)(value: In[1], out: Out[n]) { out.fill(value[0] / T::of(*divisor)) }

    /// out = Σx/divisor.
    op sum(exec, [n]; divisor)(x: In[n], out: Out[1]) { out[0] = T::of(reduce::sum(exec, x) / divisor) }

    /// out[n] = Σ over m rows of x.
    op sum_rows(exec, [m, n])(x: In[m, n], out: Out[n]) { rows::sum_rows(exec, x, out) }

    /// y[m, n] ← y + bias, on each row.
    rowwise add_bias(exec, [m, n])(bias: In[n], y: Update[m, n]) { rows::add_bias(exec, bias, y) }

    /// out[m, n] = op(a)[m, k]·op(b)[k, n]; a non-zero transpose says that it is stored transposed.
    op matmul(exec, [m, n, k]; transpose_a, transpose_b)(a: In[m, k], b: In[k, n], out: Out[m, n]) {
        let (transpose_a, transpose_b) = (*transpose_a != 0.0, *transpose_b != 0.0);
        matmul(exec, Shape { m: *m, n: *n, k: *k, transpose_a, transpose_b }, a, b, out);
    }

    /// The same for each of some matrices, one behind the other.
    op matmul_batches(exec, [batches, m, n, k]; transpose_a, transpose_b)(
        a: In[batches, m, k], b: In[batches, k, n], out: Out[batches, m, n],
    ) {
        let (transpose_a, transpose_b) = (*transpose_a != 0.0, *transpose_b != 0.0);
        let shape = Shape { m: *m, n: *n, k: *k, transpose_a, transpose_b };
        matmul::batches(exec, shape, *batches, a, b, out);
    }

    /// loss = mean over the rows that count of −ln softmax(logits)[target]; probs = softmax(logits).
    op cross_entropy(exec, [m, n])(
        logits: In[m, n], target: Labels[m], probs: Out[m, n], loss: Out[1],
    ) {
        rows::cross_entropy(exec, *n, logits, target, probs).map(|value| loss[0] = T::of(value))
    }

    /// out = upstream/rows·(probs − one-hot(target)), 0 in rows whose target is −100.
    op cross_entropy_gradient(exec, [m, n])(
        probs: In[m, n], target: Labels[m], upstream: In[1], out: Out[m, n],
    ) {
        rows::cross_entropy_gradient(exec, *n, probs, target, upstream[0], out)
    }

    /// loss = mean of (x − y)².
    op mse(exec, [n])(x: In[n], y: In[n], loss: Out[1]) {
        loss[0] = T::of(reduce::squared_distance(exec, x, y) / *n as f64);
    }

    /// out = upstream·2/divisor·(x − y).
    rowwise mse_gradient(exec, [n]; divisor)(x: In[n], y: In[n], upstream: In[1], out: Out[n]) {
        let scale = T::of(2.0 / divisor) * upstream[0];
        binary(exec, x, y, out, |x, y| scale * (x - y));
    }

    /// loss = mean of −ln σ(x)·y − ln(1 − σ(x))·(1 − y).
    op logistic_loss(exec, [n])(x: In[n], y: In[n], loss: Out[1]) {
        loss[0] = T::of(reduce::logistic_loss(exec, x, y) / *n as f64);
    }

    /// out = upstream/divisor·(σ(x) − y).
    rowwise logistic_loss_gradient(exec, [n]; divisor)(x: In[n], y: In[n], upstream: In[1], out: Out[n]) {
        let scale = upstream[0] / T::of(*divisor);
        binary(exec, x, y, out, |x, y| scale * (x.logistic() - y));
    }

    /// figures = 0.
    op clear(exec, [n])(figures: Figures[n]) { figures.fill(0.0) }

    /// out = scale·figure.
    op from_figure(exec, []; scale)(figure: Live[1], out: Out[1]) { out[0] = T::of(scale * figure[0]) }

    /// value ← value + l1·Σ|w| + l2·Σw², the strengths being l1 and l2.
    op penalty_value(exec, [n])(weights: In[n], strengths: Live[2], value: State[1]) {
        value[0] += penalty::value(exec, ElasticNet { l1: strengths[0], l2: strengths[1] }, weights);
    }

    /// grads ← grads + scale·upstream·∂(l1·Σ|w| + l2·Σw²).
    rowwise penalty_gradient(exec, [n]; scale)(
        weights: In[n], strengths: Live[2], upstream: In[1], grads: Update[n],
    ) {
        let scale = T::of(*scale) * upstream[0];
        penalty::add_gradient(exec, ElasticNet::of(strengths[0], strengths[1]), scale, weights, grads);
    }

    /// weights ← argmin over z of ½‖z − w‖² + step·(l1·Σ|z| + l2·Σz²).
    rowwise penalty_prox(exec, [n]; step)(weights: Update[n], strengths: Live[2]) {
        // Scaled in double precision: a step beyond single would be ∞, and ∞·0 no number.
        penalty::prox(exec, ElasticNet::of(step * strengths[0], step * strengths[1]), T::ONE, weights);
    }

    /// largest = the farthest that a component of −grads is from ∂P(w).
    op penalty_violation(exec, [n])(
        weights: In[n], grads: In[n], strengths: Live[2], largest: Figures[1],
    ) {
        let p = ElasticNet::<T>::of(strengths[0], strengths[1]);
        largest[0] = penalty::violation(exec, p, weights, grads);
    }

    /// figures = zeros, near zeros (|w| below threshold), Σ|w|, Σw².
    op sparsity(exec, [n]; threshold)(weights: In[n], figures: Figures[4]) {
        let s = sparsity::sparsity(exec, *threshold, weights);
        figures.copy_from_slice(&[s.zeros, s.near_zeros, s.abs_sum, s.squares]);
    }

    /// out = numbers uniform in [low, high), from a generator: its seed and its position.
    op uniform(exec, [n]; low, high)(generator: State[2], out: Out[n]) {
        let words = random::uniform(generator[0] as u64, generator[1] as u64, *low, *high, out);
        generator[1] += words as f64;
    }

    /// out = normal numbers.
    op normal(exec, [n]; mean, deviation)(generator: State[2], out: Out[n]) {
        let words = random::normal(generator[0] as u64, generator[1] as u64, *mean, *deviation, out);
        generator[1] += words as f64;
    }

    /// mask = 1/(1 − p), or 0 with probability p; out = mask·x.
    op dropout(exec, [n]; p)(generator: State[2], x: In[n], mask: Out[n], out: Out[n]) {
        let words = random::mask(generator[0] as u64, generator[1] as u64, *p, mask);
        generator[1] += words as f64;
        binary(exec, mask, x, out, |mask, x| mask * x);
    }

    /// order = a random order of 0 … n − 1.
    op permutation(exec, [n])(generator: State[2], order: Order[n]) {
        generator[1] += random::permutation(generator[0] as u64, generator[1] as u64, order) as f64;
    }

    /// The traffic of an `AdamW` step, with hardly any arithmetic.
    rowwise stream(exec, [n])(weights: Update[n], grads: In[n], m: Update[n], v: Update[n]) {
        stream::stream(exec, weights, grads, m, v);
    }

    /// out = the next m of order, from cursor on, which moves behind them.
    op window(exec, [n, m])(order: Labels[n], cursor: State[1], out: Order[m]) {
        training::window(order, &mut cursor[0], out);
    }

    /// out = the next row of table, from row cursor on, which moves behind it; the last one for ever.
    op next_row(exec, [rows, n])(table: Live[rows, n], cursor: State[1], out: Figures[n]) {
        training::next_row(table, &mut cursor[0], out);
    }

    /// total ← total + ‖x‖².
    op add_squares(exec, [n])(x: In[n], total: State[1]) {
        total[0] += reduce::sum_of_squares(exec, x);
    }

    /// out = √figure.
    op root(exec, [])(figure: Live[1], out: Out[1]) { out[0] = T::of(figure[0].sqrt()) }

    /// y ← y·min(1, most/(√squares + 1e-6)): clipped to a norm of `most`, `squares` being ‖y‖² or that
    /// of more arrays.
    rowwise clip(exec, [n]; most)(squares: Live[1], y: Update[n]) {
        training::clip(exec, *most, squares[0], y);
    }

    /// total ← total + Σ|x|^power; the larger of total and max |x| where power is infinite.
    op add_powers(exec, [n]; power)(x: In[n], total: State[1]) {
        training::add_powers(exec, *power, x, &mut total[0]);
    }

    /// total ← total^(2/power), the square of a norm whose powers it was; total² where power is infinite.
    op square_norm(exec, []; power)(total: State[1]) {
        training::square_norm(*power, &mut total[0]);
    }

    /// y ← y, no farther from 0 than most.
    op clip_values(exec, [n]; most)(y: Update[n]) { training::clip_values(exec, *most, y) }

    /// Stops the run unless value is finite.
    op expect_finite(exec, [])(value: In[1]) { training::expect_finite(value[0]) }

    /// total ← total + weight·value.
    op add_weighted(exec, []; weight)(value: In[1], total: State[1]) {
        total[0] += weight * value[0].f64();
    }

    /// totals ← totals + weight·figures.
    op add_figures(exec, [n]; weight)(figures: Live[n], totals: State[n]) {
        for (total, figure) in totals.iter_mut().zip(*figures) {
            *total += weight * figure;
        }
    }

    /// total ← total + the rows of output whose class is at target: that of the first largest entry, or of
    /// a single one whether it is above threshold.
    op count_correct(exec, [m, n]; threshold)(output: In[m, n], target: Labels[m], total: State[1]) {
        total[0] += metrics::correct(*n, T::of(*threshold), output, target) as f64;
    }

    /// totals = what the last update saw in all segments of a control block.
    op update_totals(exec, [groups, segments])(
        control: Live[optimizer::control_len(groups, segments)],
        totals: Figures[optimizer::TOTALS],
    ) {
        totals.copy_from_slice(&optimizer::totals(control, *segments));
    }

    /// The next row of log = figures.
    op log_row(exec, [n, rows])(figures: Live[n], row: State[1], log: State[rows, n]) {
        training::log_row(figures, &mut row[0], log);
    }

    /// out = the rows of x that order names.
    op gather_rows(exec, [rows, n, m])(x: In[rows, n], order: Labels[m], out: Out[m, n]) {
        rows::gather(*rows, *n, x, order, out)
    }

    /// out = the rows of x, of whole numbers, that order names.
    op gather_labels(exec, [rows, n, m])(x: Labels[rows, n], order: Labels[m], out: Order[m, n]) {
        rows::gather(*rows, *n, x, order, out)
    }

    /// out = the class of each row of output, as `count_correct` sees it; −1 where an entry is no number.
    op classes(exec, [m, n]; threshold)(output: In[m, n], out: Order[m]) {
        metrics::classes(*n, T::of(*threshold), output, out);
    }

    /// out = x as labels; −1 where one is not whole.
    op labels(exec, [n])(x: In[n], out: Order[n]) { metrics::labels(x, out) }

    /// total ← total + the places at which both are equal.
    op count_equal(exec, [n])(x: Labels[n], y: Labels[n], total: State[1]) {
        total[0] += x.iter().zip(*y).filter(|(x, y)| x == y).count() as f64;
    }

    /// figure = the area under the ROC curve; a margin that is not 0 says that of two scores a row their
    /// difference counts, and not the last one.
    op auc(exec, [m, n]; margin)(output: In[m, n], target: Labels[m], order: Order[m], figure: Figures[1]) {
        metrics::auc(*n, *margin != 0.0, output, target, order).map(|value| figure[0] = value)
    }

    /// figure = F1: of class 1 of two, else the mean over classes.
    op f1(exec, [m, n])(
        target: Labels[m], predicted: Labels[m], counts: Figures[n, 3], figure: Figures[1],
    ) {
        metrics::f1(*n, target, predicted, counts).map(|value| figure[0] = value)
    }

    /// total ← total + Σ −ln p[target]; probabilities that is not 0 says that output are no logits.
    op log_loss(exec, [m, n]; probabilities)(output: In[m, n], target: Labels[m], total: State[1]) {
        let scores = if *probabilities == 0.0 { Scores::Logits } else { Scores::Probabilities };
        metrics::log_loss(*n, scores, output, target).map(|value| total[0] += value)
    }

    /// total ← total + Σ|x − y|/divisor.
    op add_distance(exec, [n]; divisor)(x: In[n], y: In[n], total: State[1]) {
        total[0] += metrics::distance(exec, x, y) / divisor;
    }

    /// figure = the mean of R² over columns.
    op r2(exec, [m, n])(output: In[m, n], target: In[m, n], figure: Figures[1]) {
        figure[0] = metrics::r2(*n, output, target);
    }

    /// average ← the average of weights, of which there are updates − start + 1 in it; guard: not if that is
    /// no number. A decay below 0 weighs all alike.
    op average(exec, [n]; decay, start)(
        guard: Live[1], updates: Live[1], weights: In[n], average: Update[n],
    ) {
        if !guard[0].is_nan() {
            let kind = average::Kind::of(*decay);
            average::average(exec, kind, updates[0] + 1.0 - start, weights, average);
        }
    }

    /// x ← y and y ← x.
    op exchange(exec, [n])(x: Update[n], y: Update[n]) { average::exchange(exec, x, y) }

    /// guard ← NaN unless all of x is finite.
    op guard(exec, [n])(x: In[n], guard: State[1]) { training::guard(exec, x, &mut guard[0]) }

    /// totals ← totals + figures, unless guard is no number.
    op add_guarded(exec, [n])(guard: Live[1], figures: Live[n], totals: State[n]) {
        if !guard[0].is_nan() {
            for (total, figure) in totals.iter_mut().zip(*figures) {
                *total += figure;
            }
        }
    }

    /// now ← kept, if guard is no number.
    op put_back(exec, [n])(guard: Live[1], kept: In[n], now: Update[n]) {
        if guard[0].is_nan() {
            now.copy_from_slice(kept);
        }
    }

    /// The same of whole numbers.
    op put_back_labels(exec, [n])(guard: Live[1], kept: Labels[n], now: Reorder[n]) {
        if guard[0].is_nan() {
            now.copy_from_slice(kept);
        }
    }

    /// The next update by control leaves all segments as they are if guard is no number.
    op hold(exec, [groups, segments])(
        guard: Live[1], control: State[optimizer::control_len(groups, segments)],
    ) {
        optimizer::hold(control, *segments, guard[0]);
    }
}
