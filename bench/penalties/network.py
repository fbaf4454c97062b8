"""Steps of a network 784-1024-1024-10 at batch 256 with an elastic net on its weights, AdamW without decay.

python network.py data=FOLDER threads=1 impl=eager,compile,hand,jax kind=none,enet secs=2: a JSON line each, in us a step.
compile has loss and penalty in one compiled function; hand adds the penalty's gradient itself, compiled with the update.
"""
import json, os, statistics, sys, time

A = dict(dict(data=".", threads="1", impl="eager,compile,hand,jax", kind="none,enet", secs="2"), **dict(a.split("=", 1) for a in sys.argv[1:]))
THREADS, SECONDS = int(A["threads"]), float(A["secs"])
os.sched_setaffinity(0, set(range(THREADS)))
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = str(THREADS)
import numpy as np

WIDTHS, BATCH, LR, L1, L2 = [784, 1024, 1024, 10], 256, 1e-3, 1e-5, 1e-5
B1, B2, EPS = 0.9, 0.999, 1e-8
read = lambda name, dtype: np.fromfile(os.path.join(A["data"], name), dtype)
X, Y = read("mlp_X.f32", np.float32).reshape(-1, 784), read("mlp_y.i32", np.int32)
W = [read(f"big_W{i}.f32", np.float32).reshape(a, b) for i, (a, b) in enumerate(zip(WIDTHS, WIDTHS[1:]))]
COUNT = len(X) // BATCH
part = lambda rows, i: rows[i * BATCH : (i + 1) * BATCH]


def report(impl, kind, step):
    """50 steps of the common data, whose total losses are kept, then as many as there is time for."""
    losses = [round(float(step(i % COUNT)), 5) for i in range(50)]
    times, started, i = [], time.perf_counter(), 0
    while time.perf_counter() - started < SECONDS or len(times) < 7:
        before = time.perf_counter()
        float(step(i % COUNT))
        times.append(1e6 * (time.perf_counter() - before))
        i += 1
    print(json.dumps(dict(impl=impl, kind=kind, median=statistics.median(times), min=min(times), losses=losses)), flush=True)


def run_torch(impl, kind):
    import torch
    import torch.nn.functional as F

    torch.set_num_threads(THREADS)
    torch._dynamo.reset()
    weights = [torch.from_numpy(w.T.copy()).requires_grad_() for w in W]
    biases = [torch.zeros(w.shape[1], requires_grad=True) for w in W]
    params = weights + biases
    xs, ys = torch.from_numpy(X), torch.from_numpy(Y.astype(np.int64))

    def data_loss(x, y):
        for w, b in zip(weights[:-1], biases[:-1]):
            x = F.relu(F.linear(x, w, b))
        return F.cross_entropy(F.linear(x, weights[-1], biases[-1]), y)

    def penalty():
        return sum(L1 * w.abs().sum() + L2 * w.square().sum() for w in weights)

    def total(x, y):
        return data_loss(x, y) + penalty() if kind == "enet" else data_loss(x, y)

    if impl == "hand":
        loss_of = torch.compile(data_loss)
        m, v = [torch.zeros_like(p) for p in params], [torch.zeros_like(p) for p in params]
        t = torch.tensor(0.0)

        @torch.compile
        def update(ps, gs, m, v, t):
            t.add_(1)
            paid = torch.zeros(())
            for i, (p, g) in enumerate(zip(ps, gs)):
                if kind == "enet" and i < len(weights):
                    paid = paid + L1 * p.abs().sum() + L2 * (p * p).sum()
                    g = g + L1 * p.sign() + 2 * L2 * p
                m[i].copy_(m[i] * B1 + g * (1 - B1))
                v[i].copy_(v[i] * B2 + g * g * (1 - B2))
                p.copy_(p - LR / (1 - B1**t) * m[i] / (v[i].sqrt() / (1 - B2**t).sqrt() + EPS))
            return paid

        def step(i):
            for p in params:
                p.grad = None
            loss = loss_of(part(xs, i), part(ys, i))
            loss.backward()
            with torch.no_grad():
                return loss.detach() + update(params, [p.grad for p in params], m, v, t)

    else:
        optimizer = torch.optim.AdamW(params, lr=LR, weight_decay=0.0, fused=True)
        loss_of = torch.compile(total) if impl == "compile" else total

        def step(i):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(part(xs, i), part(ys, i))
            loss.backward()
            optimizer.step()
            return loss.detach()

    report(f"torch-{impl}", kind, step)


def run_jax(kind):
    import jax
    import jax.numpy as jnp
    import optax
    from functools import partial

    params = [dict(w=jnp.asarray(w), b=jnp.zeros(w.shape[1])) for w in W]
    xs, ys = [jnp.asarray(part(X, i)) for i in range(COUNT)], [jnp.asarray(part(Y, i)) for i in range(COUNT)]
    tx = optax.adamw(LR, weight_decay=0.0)

    def total(params, x, y):
        for layer in params[:-1]:
            x = jax.nn.relu(x @ layer["w"] + layer["b"])
        logits = x @ params[-1]["w"] + params[-1]["b"]
        loss = optax.softmax_cross_entropy_with_integer_labels(logits, y).mean()
        if kind == "enet":
            loss += sum(L1 * jnp.abs(layer["w"]).sum() + L2 * (layer["w"] ** 2).sum() for layer in params)
        return loss

    @partial(jax.jit, donate_argnums=(0, 1))
    def advance(params, state, x, y):
        loss, grads = jax.value_and_grad(total)(params, x, y)
        updates, state = tx.update(grads, state, params)
        return optax.apply_updates(params, updates), state, loss

    now = [params, tx.init(params)]

    def step(i):
        now[0], now[1], loss = advance(now[0], now[1], xs[i], ys[i])
        return loss

    report("jax-jit-donate", kind, step)


for impl in A["impl"].split(","):
    for kind in A["kind"].split(","):
        run_jax(kind) if impl == "jax" else run_torch(impl, kind)
