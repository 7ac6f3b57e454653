"""The source of a function as it stands for one config: known branches decided, known numbers named.

The text is cut from the library's own files, so that there is no second formula that could differ.
What is decided: `if`, conditional expressions, `and`/`or`, and dicts looked up by a known key. What
becomes a name or a number: settings of the run and what follows from them alone. Everything else
stays as it was written, comments included.
"""

from __future__ import annotations

import ast
import builtins
import types
from collections.abc import Mapping, Sequence
from typing import Any

from lossviz.core.errors import RunError
from lossviz.programs.script.known import (
    LASTING,
    ROOTS,
    Environment,
    Knowing,
    Known,
    Names,
    is_ours,
    loaded_names,
)

# Checks that were passed when the run was made.
PASSED = ("check_shape",)
WIDTH = 110

Edit = tuple[int, int, str]


class Specialized(Knowing):
    """One function or class; `text` is its source for the run.

    returned: what it always returns in this run, if that is known.
    """

    def __init__(
        self, source: str, module: types.ModuleType, roots: Mapping[str, Any], names: Names, name: str
    ) -> None:
        super().__init__(source, module, roots, names)
        self.lasting: set[str] = set()  # names whose assignments must be written
        self.returned: Known | None = None
        (tree,) = ast.parse(source).body
        self.tests = {id(getattr(node, "test", None)) for node in ast.walk(tree)}
        assert isinstance(tree, (ast.FunctionDef, ast.ClassDef))
        lines = self._class(tree, name) if isinstance(tree, ast.ClassDef) else self._function(tree, name, "")
        self.text = "\n".join(lines).rstrip()

    # Functions and classes.

    def _class(self, tree: ast.ClassDef, name: str) -> list[str]:
        lines = [self._text(d, {}, "@") for d in tree.decorator_list]
        bases = ", ".join(self._text(base, {}) for base in tree.bases)
        lines.append(f"class {name}({bases}):" if bases else f"class {name}:")
        for statement in tree.body:
            self.local |= set() if isinstance(statement, ast.FunctionDef) else _stored(statement)
        self.lasting = set(self.local)
        return [*lines, *self._block(tree.body, {}, "    ")]

    def _function(self, tree: ast.FunctionDef, name: str, indent: str) -> list[str]:
        outer, self.local = self.local, self.local | _bound(tree)
        formatted = [part for part in ast.walk(tree) if isinstance(part, ast.JoinedStr)]
        self.lasting = {name.id for part in formatted for name in loaded_names(part)}
        env = {a.arg: self.roots[a.arg] for a in _arguments(tree) if a.arg in self.roots}
        lines = [self._text(d, {}, indent + "@") for d in tree.decorator_list]
        edits = self._without_roots(_arguments(tree))
        for argument in _arguments(tree):
            if argument.arg not in ROOTS and argument.annotation is not None:
                edits += self._edits(argument.annotation, {})
        edits += self._edits(tree.returns, {}) if tree.returns else []
        for default in (*tree.args.defaults, *(d for d in tree.args.kw_defaults if d)):
            edits += self._edits(default, {})
        start = self.place(tree.lineno, tree.col_offset)
        stop = self.source.index(b":\n", self.span(tree.returns)[1] if tree.returns else start) + 1
        head = self._cut(start, stop, edits, tree.col_offset, indent)
        before = f"def {tree.name}("
        lines.append(_on_one_line(indent + f"def {name}(" + head.removeprefix(indent).removeprefix(before)))
        body = self._block(tree.body, env, indent + "    ")
        body = _without_dead(body, indent + "    ")
        self.returned = self._only_return(body)
        self.local = outer
        return [*lines, *body]

    def _only_return(self, body: list[str]) -> Known | None:
        statements = ast.parse("def f():\n" + "\n".join(body)).body[0].body  # type: ignore[attr-defined]
        last = statements[-1]
        documented = len(statements) == 2 and isinstance(statements[0], ast.Expr)
        if not isinstance(last, ast.Return) or (len(statements) > 1 and not documented):
            return None
        if last.value is None or not isinstance(last.value, ast.Constant):
            return None
        return Known(last.value.value, repr(last.value.value))

    # Statements.

    def _block(self, body: Sequence[ast.stmt], env: Environment, indent: str) -> list[str]:
        """The lines of a block; `env` takes up what becomes known on the way."""
        return self._lines(body, env, indent) or [f"{indent}pass"]

    def _lines(self, body: Sequence[ast.stmt], env: Environment, indent: str) -> list[str]:
        lines: list[str] = []
        for statement in body:
            made = [] if _is_passed(statement) else self._statement(statement, env, indent)
            if made:
                before = self._before(statement, indent)
                lines += [*(before if lines else filter(str.strip, before)), *made]
            if lines and isinstance(_last(lines, indent), (ast.Return, ast.Raise)):
                break
        return lines

    def _before(self, statement: ast.stmt, indent: str) -> list[str]:
        """The comments and empty lines right before a statement."""
        first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
        found: list[str] = []
        for line in reversed(self.source[: self.starts[first - 1]].decode().splitlines()):
            if line.strip() and not line.strip().startswith("#"):
                break
            found.insert(0, f"{indent}{line.strip()}".rstrip())
        return found

    def _statement(self, node: ast.stmt, env: Environment, indent: str) -> list[str]:
        if isinstance(node, ast.If):
            test = self.known(node.test, env)
            if test is not None:
                chosen = node.body if test.value else node.orelse
                return self._lines(chosen, env, indent)
        if isinstance(node, ast.FunctionDef):
            return self._function(node, node.name, indent)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and self._taken_up(node, env):
            return []
        if isinstance(node, (ast.If, ast.For, ast.While, ast.With)):
            return self._compound(node, env, indent)
        lines = self._materialised(node, env, indent)
        return [*lines, self._text(node, env, indent)]

    def _compound(
        self, node: ast.If | ast.For | ast.While | ast.With, env: Environment, indent: str
    ) -> list[str]:
        lines = [] if isinstance(node, ast.With) else self._materialised(node, env, indent)
        start = self.place(node.lineno, node.col_offset)
        stop = self.place(node.body[0].lineno, 0)
        if node.body[0].lineno == node.lineno:
            raise RunError(f"script: a block on one line cannot be written: {self._text(node, env)!r}")
        heads = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.stmt)]
        edits = [edit for head in heads for edit in self._edits(head, env)]
        end = self.source.rindex(b":", start, stop) + 1
        lines.append(self._cut(start, end, edits, node.col_offset, indent))
        inner = env
        if not isinstance(node, ast.With):
            # What may or may not happen is written out: others read it afterwards.
            inner = dict(env)
            self.lasting |= _stored(node)
        lines += self._block(node.body, inner, indent + "    ")
        otherwise = getattr(node, "orelse", [])
        if otherwise:
            lines += [f"{indent}else:", *self._block(otherwise, dict(env), indent + "    ")]
        return lines

    def _materialised(self, node: ast.stmt, env: Environment, indent: str) -> list[str]:
        """Assignments that were taken up, written after all since `node` changes their names."""
        lines = []
        for name in _stored(node):
            known = env.pop(name, None)
            plain = isinstance(node, (ast.Assign, ast.AnnAssign)) and name not in _loaded(node)
            if known is not None and known.text is not None and not plain:
                lines.append(f"{indent}{name} = {known.text}")
        return lines

    def _taken_up(self, node: ast.Assign | ast.AnnAssign, env: Environment) -> bool:
        """Note what an assignment makes known; True if it need not be written."""
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if node.value is None or (isinstance(node, ast.Assign) and len(node.targets) > 1):
            return False
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=True))
        else:
            pairs = [(target, node.value)]
        found = []
        for place, value in pairs:
            known = self.known(value, env)
            if known is None or not self._keepable(known, place):
                return False
            found.append((place, known))
        for place, known in found:
            if isinstance(place, ast.Name):
                env[place.id] = known
            elif isinstance(place, ast.Attribute):
                self.attributes[place.attr] = known
        return True

    def _keepable(self, known: Known, place: ast.expr) -> bool:
        own = (
            isinstance(place, ast.Attribute)
            and isinstance(place.value, ast.Name)
            and place.value.id == "self"
        )
        named = isinstance(place, ast.Name) and place.id not in self.lasting
        lasting = isinstance(known.value, LASTING) or known.text is None
        return (own or named) and lasting

    def _edits(self, node: ast.AST, env: Environment) -> list[Edit]:
        """What must be replaced within a node."""
        if isinstance(node, ast.expr) and not isinstance(node, ast.Constant):
            known = self.known(node, env)
            if known is not None and known.text is not None:
                if isinstance(node, ast.Tuple) and not any(n.id in env for n in loaded_names(node)):
                    return [edit for part in node.elts for edit in self._edits(part, env)]
                return [(*self.span(node), known.text)]
        if isinstance(node, ast.JoinedStr):
            # Python 3.11 does not say where the parts of a formatted string stand.
            for part in loaded_names(node):
                if part.id in env or (part.id not in self.local and self._renamed(part.id) != part.id):
                    raise RunError(f"script: {part.id} in a formatted string cannot be replaced")
            return []
        if isinstance(node, ast.IfExp):
            test = self.known(node.test, env)
            if test is not None:
                return [(*self.span(node), self._text(node.body if test.value else node.orelse, env))]
        if isinstance(node, ast.BoolOp):
            rest = self._undecided(node, env)
            if len(rest) < len(node.values):
                word = " and " if isinstance(node.op, ast.And) else " or "
                return [(*self.span(node), word.join(self._text(part, env) for part in rest))]
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict):
            key = self.known(node.slice, env)
            if key is not None:
                for name, value in zip(node.value.keys, node.value.values, strict=True):
                    if isinstance(name, ast.Constant) and name.value == key.value:
                        return [(*self.span(node), self._text(value, env))]
        if isinstance(node, ast.Name):
            new = node.id if node.id in self.local else self._renamed(node.id)
            return [] if new == node.id else [(*self.span(node), new)]
        if isinstance(node, ast.Attribute):
            found = self.global_value(node)
            if is_ours(found) and not isinstance(found, types.ModuleType):
                assert isinstance(node.value, ast.Name)
                return [(*self.span(node), self.names.resolved(self.global_value(node.value), node.attr))]
        edits: list[Edit] = []
        if isinstance(node, ast.Call):
            edits = self._without_roots(node.args, env)
            gone = {id(a) for a in node.args if self._is_root(a, env)}
            children: list[ast.AST] = [c for c in ast.iter_child_nodes(node) if id(c) not in gone]
        else:
            children = list(ast.iter_child_nodes(node))
        return [*edits, *(edit for child in children for edit in self._edits(child, env))]

    def _undecided(self, node: ast.BoolOp, env: Environment) -> list[ast.expr]:
        """The parts of `and` or `or` that still matter: the last one is the value, unless in a test."""
        rest = []
        stops = isinstance(node.op, ast.Or)
        for part in node.values:
            known = self.known(part, env)
            last = part is node.values[-1] and id(node) not in self.tests
            if known is None or last or bool(known.value) is stops:
                rest.append(part)
            if known is not None and bool(known.value) is stops:
                break
        return rest

    def _renamed(self, name: str) -> str:
        if name in vars(builtins) and name not in vars(self.module):
            return name
        return self.names.resolved(self.module, name)

    def _is_root(self, node: ast.AST, env: Environment) -> bool:
        if isinstance(node, ast.arg):
            return node.arg in ROOTS
        if not isinstance(node, ast.expr):
            return False
        known = self.known(node, env)
        return known is not None and any(known.value is root.value for root in self.roots.values())

    def _without_roots(
        self, arguments: Sequence[ast.arg | ast.expr], env: Environment | None = None
    ) -> list[Edit]:
        """Take the roots out of a list of arguments, with their commas."""
        gone = [self._is_root(a, env or {}) for a in arguments]
        edits = []
        for number, argument in enumerate(arguments):
            if not gone[number]:
                continue
            start, stop = self.span(argument)
            if number + 1 < len(arguments):
                stop = self.span(arguments[number + 1])[0]
            elif not all(gone):
                start = self.span(arguments[max(i for i, g in enumerate(gone) if not g)])[1]
            edits.append((start, stop, ""))
        return edits

    # Text.

    def _text(self, node: Any, env: Environment, indent: str = "") -> str:
        start, stop = self.span(node)
        return self._cut(start, stop, self._edits(node, env), node.col_offset, indent)

    def _cut(self, start: int, stop: int, edits: list[Edit], column: int, indent: str) -> str:
        """The source from start to stop after the edits, moved from its column to the indent."""
        parts, place = [], start
        for begin, end, text in sorted(edits):
            parts += [self.source[place:begin].decode(), text]
            place = end
        parts.append(self.source[place:stop].decode())
        first, *rest = "".join(parts).split("\n")
        deep = len(indent) - len(indent.lstrip()) if indent.strip() else len(indent)
        moved = [(" " * (deep + _depth(line) - column) + line.lstrip()).rstrip() for line in rest]
        return "\n".join([indent + first, *moved])


def _without_dead(body: list[str], indent: str) -> list[str]:
    """The lines without assignments to names that nothing reads; what draws numbers still does."""
    body = "\n".join(body).split("\n")
    while True:
        tree = ast.parse("def f():\n" + "\n".join(body))
        read = {n.id for n in loaded_names(tree)}
        for node in ast.walk(tree):
            target = node.targets[-1] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
            if isinstance(node, ast.Assign) and isinstance(target, ast.Name):
                name = target.id
                if name in read:
                    continue
                if "_(" in ast.unparse(node.value):
                    # It draws random numbers in place: what is drawn later depends on it.
                    body[node.lineno - 2] = body[node.lineno - 2].replace(f"{name} = ", "", 1)
                else:
                    del body[node.lineno - 2 : (node.end_lineno or node.lineno) - 1]
                break
        else:
            return body
        if not body:
            return [f"{indent}pass"]


def _on_one_line(head: str) -> str:
    """A signature on one line, if what is left of it fits there."""
    parts = head.split("\n")
    whole = parts[0] + "".join(part.strip() for part in parts[1:])
    return whole if len(parts) == 3 and not parts[1].endswith(",") and len(whole) <= WIDTH else head


def _arguments(tree: ast.FunctionDef) -> list[ast.arg]:
    return [*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs]


def _bound(tree: ast.FunctionDef) -> set[str]:
    """The names that are local to a function."""
    every = [*_arguments(tree), tree.args.vararg, tree.args.kwarg]
    imports = [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
    imported = {alias.asname or alias.name for node in imports for alias in node.names}
    return {a.arg for a in every if a is not None} | _stored(tree) | imported


def _stored(tree: ast.AST) -> set[str]:
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    inner = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n is not tree}
    return names | inner


def _loaded(node: ast.stmt) -> set[str]:
    return {n.id for n in loaded_names(node)}


def _last(lines: list[str], indent: str) -> ast.stmt | None:
    """The last statement at the depth of a block, if the lines so far are whole."""
    try:
        tree = ast.parse("def f():\n" + "\n".join(f" {line}" for line in "\n".join(lines).split("\n")))
    except SyntaxError:
        return None
    body: list[ast.stmt] = tree.body[0].body  # type: ignore[attr-defined]
    return body[-1] if body else None


def _is_passed(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in PASSED


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
