"""Derivatives of scalar arithmetic, as scalar arithmetic (reverse mode)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lossviz.programs.javascript.scalars import Graph, Scalar, topological_order


def slopes(graph: Graph, of: Scalar, by: Sequence[str]) -> tuple[Scalar, ...]:
    """The derivatives of a scalar by some inputs, by name; 0 where it does not depend on one.

    Where a branch was not taken its derivative counts as 0 even if it is not finite. At a kink the
    derivative is that of the side that was taken, as in torch.
    """
    nodes = topological_order([of])
    zero = graph.constant(0.0)
    wanted = _depending(nodes, set(by))
    total: dict[Scalar, Scalar] = {of: graph.constant(1.0)}
    for node in reversed(nodes):
        if node not in total or node not in wanted or not node.args:
            continue
        for arg, part in zip(node.args, _parts(graph, node, total[node]), strict=True):
            if arg in wanted and part is not zero:
                total[arg] = graph.apply("add", total[arg], part) if arg in total else part
    return tuple(total.get(graph.input(name), zero) for name in by)


def _depending(nodes: Sequence[Scalar], by: set[str]) -> set[Scalar]:
    found: set[Scalar] = set()
    for node in nodes:
        if (node.op == "input" and node.value in by) or any(arg in found for arg in node.args):
            found.add(node)
    return found


def _parts(graph: Graph, node: Scalar, outer: Scalar) -> tuple[Scalar, ...]:
    """The derivative by each operand, from that by the result."""
    zero = graph.constant(0.0)
    if node.logical:
        return (zero,) * len(node.args)
    if node.op == "where":
        test = node.args[0]
        return zero, graph.where(test, outer, zero), graph.where(test, zero, outer)
    return tuple(
        graph.apply("mul", outer, part) if part.value != 1.0 else outer
        for part in _RULES[node.op](graph, node)
    )


def _rules() -> dict[str, Callable[[Graph, Scalar], tuple[Scalar, ...]]]:
    def c(value: float) -> Callable[[Graph], Scalar]:
        return lambda g: g.constant(value)

    one, minus = c(1.0), c(-1.0)

    def div(g: Graph, n: Scalar) -> tuple[Scalar, ...]:
        inverse = g.apply("div", one(g), n.args[1])
        return inverse, g.apply("neg", g.apply("mul", n, inverse))

    def power(g: Graph, n: Scalar) -> tuple[Scalar, ...]:
        base, exponent = n.args
        lower = g.apply("pow", base, g.apply("sub", exponent, one(g)))
        first = g.where(
            g.apply("eq", exponent, g.constant(0.0)), g.constant(0.0), g.apply("mul", exponent, lower)
        )
        silent = g.apply("le", base, g.constant(0.0))
        safe = g.where(silent, one(g), base)
        return first, g.where(silent, g.constant(0.0), g.apply("mul", n, g.apply("log", safe)))

    def larger(g: Graph, n: Scalar) -> tuple[Scalar, ...]:
        return _shared(g, n, "lt")

    def smaller(g: Graph, n: Scalar) -> tuple[Scalar, ...]:
        low = _shared(g, n, "lt")
        return low[1], low[0]

    def root_of_rest(g: Graph, n: Scalar) -> Scalar:
        x = n.args[0]
        return g.apply("sqrt", g.apply("sub", one(g), g.apply("mul", x, x)))

    def inverse(g: Graph, value: Scalar) -> tuple[Scalar, ...]:
        return (g.apply("div", one(g), value),)

    return {
        "add": lambda g, n: (one(g), one(g)),
        "sub": lambda g, n: (one(g), minus(g)),
        "mul": lambda g, n: (n.args[1], n.args[0]),
        "div": div,
        "neg": lambda g, n: (minus(g),),
        "pow": power,
        "max": larger,
        "min": smaller,
        "exp": lambda g, n: (n,),
        "expm1": lambda g, n: (g.apply("add", n, one(g)),),
        "log": lambda g, n: inverse(g, n.args[0]),
        "log1p": lambda g, n: inverse(g, g.apply("add", one(g), n.args[0])),
        "sqrt": lambda g, n: inverse(g, g.apply("mul", g.constant(2.0), n)),
        "sin": lambda g, n: (g.apply("cos", n.args[0]),),
        "cos": lambda g, n: (g.apply("neg", g.apply("sin", n.args[0])),),
        "tan": lambda g, n: (g.apply("add", one(g), g.apply("mul", n, n)),),
        "tanh": lambda g, n: (g.apply("sub", one(g), g.apply("mul", n, n)),),
        "acos": lambda g, n: (g.apply("neg", inverse(g, root_of_rest(g, n))[0]),),
        "asin": lambda g, n: inverse(g, root_of_rest(g, n)),
        "atan": lambda g, n: inverse(g, g.apply("add", one(g), g.apply("mul", n.args[0], n.args[0]))),
        "abs": lambda g, n: (g.apply("sign", n.args[0]),),
        **{name: lambda g, n: (g.constant(0.0),) for name in ("floor", "sign", "round")},
    }


def _shared(g: Graph, n: Scalar, op: str) -> tuple[Scalar, ...]:
    """Of max: 1 for the larger operand, a half each where they are equal."""
    a, b = n.args
    half, one, zero = g.constant(0.5), g.constant(1.0), g.constant(0.0)
    equal = g.apply("eq", a, b)
    first = g.where(equal, half, g.where(g.apply(op, b, a), one, zero))
    return first, g.where(equal, half, g.where(g.apply(op, a, b), one, zero))


_RULES = _rules()
