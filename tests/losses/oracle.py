"""Every loss once more, in plain Python: what the library is tested against.

Nothing here is shared with the library: numbers are Python floats, vectors are
lists, sums are loops, and an angle really is an ``acos``.  Slow on purpose.

Written from the papers (000 to 004) as `losses.md` reads them.  The only care
taken beyond the printed formulas is that no logarithm is taken of a number that
has been rounded to zero: ``log p_y`` and ``log(1 - p_y)`` come from sums of
exponentials, never from ``p_y``.
"""

import math

# --- numbers, vectors ------------------------------------------------------------


def dot(u, v):
    """Inner product of two lists."""
    total = 0.0
    for a, b in zip(u, v, strict=True):
        total += a * b
    return total


def norm(u):
    """Euclidean length of a list."""
    return math.sqrt(dot(u, u))


def distance(u, v):
    """Euclidean distance between two points."""
    return norm([a - b for a, b in zip(u, v, strict=True)])


def logsumexp(xs):
    """log of the sum of exponentials, with the largest taken out."""
    top = max(xs)
    total = 0.0
    for x in xs:
        total += math.exp(x - top)
    return top + math.log(total)


def softplus(x):
    """log(1 + e^x), for any x."""
    if x > 0:
        return x + math.log1p(math.exp(-x))
    return math.log1p(math.exp(x))


def others(xs, y):
    """The list without its y-th entry."""
    return [x for k, x in enumerate(xs) if k != y]


# --- logits ----------------------------------------------------------------------


def linear(z, W, b, sign=1.0):
    """W_k . z + sign * b_k; b is None, one number, or one number per class."""
    out = []
    for k, w in enumerate(W):
        out.append(dot(w, z) + sign * bias_of(b, k))
    return out


def bias_of(b, k):
    """The bias of class k: none, unified or diverse."""
    if b is None:
        return 0.0
    if isinstance(b, (int, float)):
        return float(b)
    return b[k]


def cosine(z, w):
    """cos of the angle between z and w; 0 where there is no angle."""
    if norm(z) == 0.0 or norm(w) == 0.0:
        return 0.0
    return max(-1.0, min(1.0, dot(z, w) / (norm(z) * norm(w))))


def angle(z, w):
    """The angle between z and w in radians; pi/2 for a zero vector."""
    return math.acos(cosine(z, w))


def scaled_cosines(z, W, scale, b=None):
    """scale * cos(theta_k) - b_k: normalised losses subtract their bias."""
    return [scale * cosine(z, w) - bias_of(b, k) for k, w in enumerate(W)]


# --- the two ways from logits to a loss ------------------------------------------


def cross_entropy(o, y):
    """-log p_y, accurate also when it is tiny."""
    return softplus(logsumexp(others(o, y)) - o[y])


def binary_cross_entropy(o, y):
    """softplus(-o_y) + sum over the other classes of softplus(o_j)."""
    total = softplus(-o[y])
    for k, x in enumerate(o):
        if k != y:
            total += softplus(x)
    return total


def log_probability(o, k):
    """log p_k."""
    return -cross_entropy(o, k)


def log_one_minus_probability(o, k):
    """log(1 - p_k), from the other logits."""
    return logsumexp(others(o, k)) - logsumexp(o)


def complement_entropy(o, y):
    """Entropy of the wrong classes among themselves: 0 .. log(K - 1)."""
    wrong = others(o, y)
    whole = logsumexp(wrong)
    entropy = 0.0
    for x in wrong:
        log_q = x - whole
        entropy -= math.exp(log_q) * log_q
    return entropy


# --- important classes -----------------------------------------------------------


def is_important(k, important):
    """Whether class k is the important class or one of them."""
    if isinstance(important, int):
        return k == important
    return k in important


def misclassification_cost(k, y, important, cost):
    """0 on the diagonal, `cost` in an important row or column, else 1."""
    if k == y:
        return 0.0
    if is_important(k, important) or is_important(y, important):
        return float(cost)
    return 1.0


def costs_between(K, important, cost, costs):
    """C as costs[true][predicted]: the given matrix, or the one that a single cost stands for."""
    if costs is not None:
        return costs
    return [[misclassification_cost(k, y, important, cost) for k in range(K)] for y in range(K)]


# --- margins ---------------------------------------------------------------------


def additive_angular(theta, margin, monotone):
    """cos(theta + m); with `monotone`, cos(theta) - m sin(m) past pi."""
    if monotone and theta + margin > math.pi:
        return math.cos(theta) - margin * math.sin(margin)
    return math.cos(theta + margin)


def multiplicative_angular(theta, margin, monotone):
    """psi(theta) of A-softmax; plain cos(m theta) without `monotone`."""
    if not monotone:
        return math.cos(margin * theta)
    k = 0
    while k < margin - 1 and theta > (k + 1) * math.pi / margin:
        k += 1
    return (-1) ** k * math.cos(margin * theta) - 2 * k


def arc_logits(z, y, W, scale, margin, monotone):
    """scale * cos(theta_k), the true class with its angular margin."""
    o = scaled_cosines(z, W, scale)
    o[y] = scale * additive_angular(angle(z, W[y]), margin, monotone)
    return o


# --- what a sample costs, term by term -------------------------------------------
# Each function returns the value of one sample.


def wasserstein_one_hot(p_log, y, costs, entropy):
    """The only plan with marginals p and e_y is p itself, in column y."""
    moved, p_entropy = 0.0, 0.0
    for k, lp in enumerate(p_log):
        p = math.exp(lp)
        moved += p * costs[y][k]
        if p > 0.0:
            p_entropy -= p * lp
    return moved - entropy * (p_entropy + 1.0)


def crwwce(o, y, miss, costs):
    """-c_y log p_y - sum_k C_ky log(1 - p_k)."""
    total = cross_entropy(o, y) * miss
    for k in range(len(o)):
        if k != y:
            total -= costs[y][k] * log_one_minus_probability(o, k)
    return total


def prototype_conformity(z, y, C):
    """Distance to the own centre minus mean distances from the others."""
    pushed = 0.0
    for j, c in enumerate(C):
        if j != y:
            pushed += distance(z, c) + distance(C[y], c)
    return distance(z, C[y]) - pushed / (len(C) - 1)


def anchor_gap(q_logits, y):
    """q_{y+K} - q_y: how far the adversary knows a non-anchor for one."""
    K = len(q_logits) // 2
    whole = logsumexp(q_logits)
    return math.exp(q_logits[y + K] - whole) - math.exp(q_logits[y] - whole)


def hinge(o, y, margin):
    """Mean over the wrong classes of max(0, margin + o_j - o_y)."""
    total = 0.0
    for j, x in enumerate(o):
        if j != y:
            total += max(0.0, margin + x - o[y])
    return total / (len(o) - 1)


# --- the catalogue ---------------------------------------------------------------


def terms(key, z, y, W, b=None, C=None, adversary=None, **params):
    """The terms of one sample as {name: value}; their sum is the loss."""
    p = params
    K = len(W)

    if key in ("soft-0", "bce-0"):
        o = linear(z, W, None)
    elif key in ("soft-n0", "bce-n0"):
        o = scaled_cosines(z, W, p["gamma"])
    elif key in ("soft-nd", "soft-nu", "bce-nd", "bce-nu"):
        o = scaled_cosines(z, W, p["gamma"], b)
    elif key == "naive":
        o = linear(z, W, None)
    else:
        o = linear(z, W, b)

    if key in ("soft-0", "soft-d", "soft-u", "soft-n0", "soft-nd", "soft-nu"):
        return {"loss": cross_entropy(o, y)}

    if key in ("bce-0", "bce-d", "bce-u", "bce-n0", "bce-nd", "bce-nu"):
        return {"loss": binary_cross_entropy(o, y)}

    if key == "bce-di":
        own = bias_of(b, y)
        total = softplus(own - dot(W[y], z))
        for j in range(K):
            if j != y:
                total += softplus(dot(W[j], z) - own)
        return {"loss": total}

    if key == "naive":
        return {"loss": -o[y] + math.fsum(others(o, y)) / (K - 1)}

    if key == "weighted-ce":
        weight = p["weight"] if is_important(y, p["important"]) else 1.0
        return {"loss": weight * cross_entropy(o, y)}

    if key == "crwwce":
        miss = p["fn_cost"] if is_important(y, p["important"]) else 1.0
        return {"loss": crwwce(o, y, miss, costs_between(K, p["important"], p["fp_cost"], p.get("costs")))}

    if key == "wasserstein":
        log_p = [log_probability(o, k) for k in range(K)]
        costs = costs_between(K, p["important"], p["cost"], p.get("costs"))
        return {"loss": wasserstein_one_hot(log_p, y, costs, p["entropy"])}

    if key == "l2-softmax":
        return {"loss": cross_entropy(scaled_cosines(z, W, p["scale"]), y)}

    if key == "arcface":
        o = arc_logits(z, y, W, p["scale"], p["margin"], p["monotone"])
        return {"loss": cross_entropy(o, y)}

    if key == "camri":
        margin = p["margin"] if is_important(y, p["important"]) else 0.0
        o = arc_logits(z, y, W, p["scale"], margin, p["monotone"])
        return {"loss": cross_entropy(o, y)}

    if key == "cosface":
        o = scaled_cosines(z, W, p["scale"])
        o[y] = p["scale"] * (math.cos(angle(z, W[y])) - p["margin"])
        return {"loss": cross_entropy(o, y)}

    if key == "modified-softmax":
        return {"loss": cross_entropy(scaled_cosines(z, W, norm(z)), y)}

    if key == "sphereface":
        o = scaled_cosines(z, W, norm(z))
        o[y] = norm(z) * multiplicative_angular(angle(z, W[y]), p["margin"], p["monotone"])
        return {"loss": cross_entropy(o, y)}

    if key == "focal":
        modulation = math.exp(p["gamma"] * log_one_minus_probability(o, y))
        return {"loss": modulation * cross_entropy(o, y)}

    if key == "cot":
        share = 1.0 / (K - 1) if p["balanced"] else 1.0
        return {"primary": cross_entropy(o, y), "complement": -share * complement_entropy(o, y)}

    if key == "cce":
        return {"primary": cross_entropy(o, y), "complement": p["gamma"] / (K - 1) * complement_entropy(o, y)}

    if key == "gce":
        if K == 2:
            return {"loss": 0.0}
        guide = math.exp(p["alpha"] * log_probability(o, y))
        return {"loss": -guide * complement_entropy(o, y) / math.log(K - 1)}

    if key == "center":
        return {"primary": cross_entropy(o, y), "center": p["lam"] / 2.0 * distance(z, C[y]) ** 2}

    if key == "pc":
        return {"primary": cross_entropy(o, y), "pc": p["lam"] * prototype_conformity(z, y, C)}

    if key == "adversarial":
        return {"primary": cross_entropy(o, y), "adversarial": p["lam"] * anchor_gap(adversary(z), y)}

    if key == "hinge":
        return {"loss": hinge(o, y, p["margin"])}

    raise KeyError(key)


def reference(key, z, y, W, b=None, C=None, adversary=None, **params):
    """The value of one sample under one loss."""
    return math.fsum(terms(key, z, y, W, b, C, adversary, **params).values())


def prediction_logits(key, z, W, b=None, **params):
    """The margin-free logits that predictions are made from.

    `bce-di` holds all metrics of a sample against one threshold, which moves no
    maximum: its metrics are taken bare.
    """
    if key in ("soft-n0", "bce-n0"):
        return scaled_cosines(z, W, params["gamma"])
    if key in ("soft-nd", "soft-nu", "bce-nd", "bce-nu"):
        return scaled_cosines(z, W, params["gamma"], b)
    if key in ("l2-softmax", "arcface", "camri", "cosface"):
        return scaled_cosines(z, W, params["scale"])
    if key in ("modified-softmax", "sphereface"):
        return scaled_cosines(z, W, norm(z))
    if key in ("soft-0", "bce-0", "bce-di", "naive"):
        return linear(z, W, None)
    return linear(z, W, b)


# --- optimal transport between two distributions ---------------------------------


def wasserstein_soft(p, t, cost, lam, sweeps=20000, tolerance=1e-12):
    """min over plans T with row sums p and column sums t of
    <T, cost> - lam H(T), H(T) = -sum T (log T - 1), for lam > 0.

    Row and column potentials are raised in turn until the marginals hold.
    Classes of probability zero take part in no plan and are left out.
    """
    rows = [k for k in range(len(p)) if p[k] > 0.0]
    columns = [k for k in range(len(t)) if t[k] > 0.0]
    f = dict.fromkeys(rows, 0.0)
    g = dict.fromkeys(columns, 0.0)
    for _ in range(sweeps):
        for i in rows:
            f[i] = lam * (math.log(p[i]) - logsumexp([(g[j] - cost[i][j]) / lam for j in columns]))
        for j in columns:
            g[j] = lam * (math.log(t[j]) - logsumexp([(f[i] - cost[i][j]) / lam for i in rows]))
        # The column sums hold by construction here; the row sums tell the error.
        error = 0.0
        for i in rows:
            row = math.fsum(math.exp((f[i] + g[j] - cost[i][j]) / lam) for j in columns)
            error = max(error, abs(row - p[i]))
        if error < tolerance:
            break
    value = 0.0
    for i in rows:
        for j in columns:
            log_plan = (f[i] + g[j] - cost[i][j]) / lam
            plan = math.exp(log_plan)
            value += plan * cost[i][j] + lam * plan * (log_plan - 1.0)
    return value
