/** The optimizers of Keras 3, one weight at a time, as its sources write them: each call is a step. */
export type Step = (w: number, g: number) => number;

/** `decay` is its `weight_decay`: off the weight before the step, times lr. */
type Make = (lr: number, decay: number) => Step;

const decayed = (w: number, lr: number, decay: number): number => w - w * decay * lr;

export const adam: Make = (lr, decay) => {
  let [t, m, v] = [0, 0, 0];
  return (w, g) => {
    t++;
    m += (g - m) * (1 - 0.9);
    v += (g * g - v) * (1 - 0.999);
    const alpha = (lr * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
    return decayed(w, lr, decay) - (m * alpha) / (Math.sqrt(v) + 1e-7);
  };
};

export const adamax: Make = (lr, decay) => {
  let [t, m, u] = [0, 0, 0];
  return (w, g) => {
    t++;
    m += (g - m) * (1 - 0.9);
    u = Math.max(0.999 * u, Math.abs(g));
    return decayed(w, lr, decay) - (lr * m) / ((1 - 0.9 ** t) * (u + 1e-7));
  };
};

export const nadam: Make = (lr, decay) => {
  let [t, m, v, product] = [0, 0, 0, 1];
  return (w, g) => {
    t++;
    const [now, next] = [0.9 * (1 - 0.5 * 0.96 ** t), 0.9 * (1 - 0.5 * 0.96 ** (t + 1))];
    product *= now;
    m += (g - m) * (1 - 0.9);
    v += (g * g - v) * (1 - 0.999);
    const mHat = (next * m) / (1 - product * next) + ((1 - now) * g) / (1 - product);
    return decayed(w, lr, decay) - (mHat * lr) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-7);
  };
};

export const adagrad: Make = (lr, decay) => {
  let sum = 0.1;
  return (w, g) => {
    sum += g * g;
    return decayed(w, lr, decay) - (lr * g) / Math.sqrt(sum + 1e-7);
  };
};

export const adadelta: Make = (lr, decay) => {
  let [squares, deltas] = [0, 0];
  return (w, g) => {
    squares = 0.95 * squares + (1 - 0.95) * g * g;
    const delta = (-Math.sqrt(deltas + 1e-7) * g) / Math.sqrt(squares + 1e-7);
    deltas = 0.95 * deltas + (1 - 0.95) * delta * delta;
    return decayed(w, lr, decay) + lr * delta;
  };
};

export const rmsprop =
  (momentum: number): Make =>
  (lr, decay) => {
    let [v, buffer] = [0, 0];
    return (w, g) => {
      v = 0.9 * v + (1 - 0.9) * g * g;
      buffer = momentum * buffer + (lr * g) / Math.sqrt(v + 1e-7);
      return decayed(w, lr, decay) - buffer;
    };
  };

export const sgd =
  (momentum: number): Make =>
  (lr, decay) => {
    let buffer = 0;
    return (w, g) => {
      buffer = momentum * buffer - g * lr;
      return decayed(w, lr, decay) + buffer;
    };
  };

export const lion: Make = (lr, decay) => {
  let m = 0;
  return (w, g) => {
    const direction = Math.sign(m * 0.9 + g * (1 - 0.9));
    m = m * 0.99 + g * (1 - 0.99);
    return decayed(w, lr, decay) - lr * direction;
  };
};

export const ftrl: Make = (lr) => {
  let [z, n] = [0, 0.1];
  return (w, g) => {
    const next = n + g * g;
    z += g - ((next ** 0.5 - n ** 0.5) / lr) * w;
    n = next;
    return -z / (next ** 0.5 / lr);
  };
};
