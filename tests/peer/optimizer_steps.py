"""Steps of optimizers, through torch.optim, and what scales gradients before them."""
import torch

from op_table import Step, op, single


def gradient(p, dw, grad_scale):
    d = dw if grad_scale is None else grad_scale * dw
    return d.clamp(-p.clip_value, p.clip_value) if p.clip_value else d


def is_finite(*scalars):
    """Is every scalar that is there finite? If not, nothing changes."""
    return all(x is None or bool(torch.isfinite(x)) for x in scalars)


def step(optimizer, w, d, state):
    """Where `optimizer`, made for a copy of w, takes it: the new w, then the state by name."""
    parameter = torch.nn.Parameter(w.detach().clone())
    stepper = optimizer([parameter])
    stepper.state[parameter] = {name: value.detach().clone() for name, value in state.items()}
    parameter.grad = d
    stepper.step()
    return [parameter.detach()] + [stepper.state[parameter][name] for name in state]


@op("sgd", "torch.optim.SGD")
def sgd(p, w, dw, velocity=None, lr=None, guard=None, grad_scale=None):
    if not is_finite(guard, grad_scale):
        return Step((), {})

    def optimizer(parameters):
        return torch.optim.SGD(parameters, lr.item() * (p.lr_scale or 1), momentum=p.momentum,
                               nesterov=p.nesterov, weight_decay=p.weight_decay)
    state = {} if velocity is None else {"momentum_buffer": velocity}
    new = step(optimizer, w, gradient(p, dw, grad_scale), state)
    return Step((), dict(zip((0, 2), new)))


def decay(value, default):
    """A decay rate: 0 stands for the default, a negative one for 0."""
    return single(default) if value == 0 else max(value, 0.0)


@op("adam", "torch.optim.Adam, torch.optim.AdamW")
def adam(p, w, dw, m, v, lr, t, guard=None, grad_scale=None):
    if not is_finite(guard, grad_scale):
        return Step((), {})

    def optimizer(parameters):
        kind = torch.optim.AdamW if p.decoupled else torch.optim.Adam
        return kind(parameters, lr.item() * (p.lr_scale or 1),
                    betas=(decay(p.beta1, 0.9), decay(p.beta2, 0.999)), eps=p.eps or single(1e-8),
                    weight_decay=p.weight_decay)
    new = step(optimizer, w, gradient(p, dw, grad_scale),
               {"exp_avg": m, "exp_avg_sq": v, "step": t - 1})
    return Step((), {0: new[0], 2: new[1], 3: new[2]})


@op("sum_squares", "torch.square, torch.sum")
def sum_squares(p, acc, *x):
    total = sum(torch.sum(torch.square(each)) for each in x)
    return total if acc is None else acc + total


@op("clip_factor", "torch.nn.utils.clip_grad_norm_")
def clip_factor(p, s):
    norm = torch.sqrt(s)
    clipped = torch.nn.Parameter(torch.ones((), dtype=s.dtype))
    clipped.grad = norm.clone()
    torch.nn.utils.clip_grad_norm_([clipped], p.max_norm or 1)
    return clipped.grad / norm


@op("loss_scale", "torch.cuda.amp.GradScaler's rule")
def loss_scale(p, state, s):
    good = state[1] + 1 if is_finite(s) else torch.zeros_like(state[1])
    grows = bool(good >= (p.interval or 2000))
    factor = 2.0 if grows else 1.0 if is_finite(s) else 0.5
    new = torch.stack([torch.clamp(state[0] * factor, 1, 2 ** 24),
                       torch.zeros_like(good) if grows else good])
    return Step((), {0: new})


@op("enqueue", "torch.remainder, index assignment")
def enqueue(p, queue, position, x, guard=None):
    if not is_finite(guard):
        return Step((), {})
    count = queue.shape[0]
    first = int(position) if 0 <= int(position) < count else 0
    new = queue.clone()
    new[torch.remainder(first + torch.arange(x.shape[0]), count)] = x
    behind = torch.full_like(position, (first + x.shape[0]) % count)
    return Step((), {0: new, 1: behind})


@op("ema", "torch.lerp")
def ema(p, average, value, guard=None, momentum=None):
    if not is_finite(guard, momentum):
        return Step((), {})
    m = decay(p.momentum, 0.999) if momentum is None else momentum
    return Step((), {0: torch.lerp(value, average, torch.as_tensor(m, dtype=value.dtype))})
