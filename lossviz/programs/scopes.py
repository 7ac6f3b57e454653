"""Which names of a definition lead out of it: the global names it reads, and the attributes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lossviz.programs.modules import Imported, Key, imported, is_ours, origin, origin_of

Node = ast.AST


@dataclass(frozen=True)
class Reference:
    """A place in a definition that means something outside of it.

    node: a Name, or an Attribute of a module of ours. to: a definition of ours, or an import. bound: the
    names that are local there. typed: it stands in an annotation.
    """

    node: ast.Name | ast.Attribute
    to: Key | Imported
    bound: frozenset[str]
    typed: bool


@dataclass
class Uses:
    """The names that a piece of source uses.

    attributes: names after a dot. read: those of other objects than `self` that are not called. called: those
    that are called without arguments. strings: constants. by_name: it asks for attributes by such strings.
    imports: statements within functions that import from modules of ours.
    """

    references: list[Reference] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)
    by_name: bool = False
    imports: list[ast.stmt] = field(default_factory=list)


def uses(module: str, nodes: Iterable[Node]) -> Uses:
    """The names that nodes at the top level of a module, or of a class in it, use."""
    visitor = _Visitor(module)
    for node in nodes:
        visitor.visit(node)
    return visitor.uses


class _Visitor(ast.NodeVisitor):
    def __init__(self, module: str) -> None:
        self.module, self.uses = module, Uses()
        self.bound: frozenset[str] = frozenset()
        self.local: dict[str, Imported] = {}  # imports within the function
        self.typed = False
        self.function: ast.expr | None = None  # of the call that is being visited

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load) and node.id not in self.bound:
            self._refer(node, self._origin(node))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        to = self._origin(node)
        if to is not None:
            self._refer(node, to)
            return
        self.uses.attributes.add(node.attr)
        if node is not self.function and not (isinstance(node.value, ast.Name) and node.value.id == "self"):
            self.uses.read.add(node.attr)
        self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        self._visit_type(node.slice)  # a class in there is a part of a type

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and not node.args and not node.keywords:
            self.uses.called.add(node.func.attr)
        if isinstance(node.func, ast.Name) and node.func.id == "getattr":
            self.uses.by_name = True
        self.function = node.func
        self.visit(node.func)
        for part in (*node.args, *node.keywords):
            self.visit(part)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.uses.strings.add(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.target)
        self._visit_type(node.annotation)
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        every += [argument for argument in (node.args.vararg, node.args.kwarg) if argument is not None]
        for argument in every:
            self._visit_type(argument.annotation)
        self._visit_type(node.returns)
        for part in (*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(part)
        self._inside({argument.arg for argument in every}, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(part)
        self._inside({n.arg for n in ast.walk(node.args) if isinstance(n, ast.arg)}, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        outer, own = self.bound, self.bound | set(_stored(node.body))
        for statement in node.body:
            # Only what stands beside the methods sees the names of the class.
            self.bound = outer if isinstance(statement, ast.FunctionDef) else own
            self.visit(statement)
        self.bound = outer

    def visit(self, node: Node) -> None:
        """A node; the targets of a comprehension are local to it."""
        outer = self.bound
        for generator in getattr(node, "generators", ()):
            targets = (name for name in ast.walk(generator.target) if isinstance(name, ast.Name))
            self.bound = self.bound | {name.id for name in targets}
        super().visit(node)
        self.bound = outer

    def _visit_type(self, node: ast.expr | None) -> None:
        if node is not None:
            outer, self.typed = self.typed, True
            self.visit(node)
            self.typed = outer

    def _inside(self, arguments: set[str], body: list[ast.stmt] | list[ast.expr]) -> None:
        """The body of a function: its names are local, but for what it imports from modules of ours."""
        bound, local = self.bound, self.local
        own: dict[str, Imported] = {}
        for node in _own_nodes(body):
            found = imported(node)
            if found and all(is_ours(each.origin) for each in found.values()):
                own |= found
                assert isinstance(node, ast.stmt)
                self.uses.imports.append(node)
        self.local = self.local | own
        self.bound = (self.bound | arguments | set(_stored(body))) - set(own)
        for node in body:
            self.visit(node)
        self.bound, self.local = bound, local

    def _origin(self, node: ast.expr) -> Key | Imported | None:
        """Where a name, or an attribute of a module of ours, leads; None for what is local."""
        if isinstance(node, ast.Name):
            if node.id in self.bound:
                return None
            return origin_of(self.local[node.id]) if node.id in self.local else origin(self.module, node.id)
        if isinstance(node, ast.Attribute):
            owner = self._origin(node.value)
            if isinstance(owner, tuple) and not owner[1]:
                return origin(owner[0], node.attr)
        return None

    def _refer(self, node: ast.Name | ast.Attribute, to: Key | Imported | None) -> None:
        if to is not None:
            self.uses.references.append(Reference(node, to, self.bound, self.typed))


def _own_nodes(body: Iterable[Node]) -> Iterator[Node]:
    """The nodes of a function's body, without those of functions and classes within it."""
    for node in body:
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            yield from _own_nodes(ast.iter_child_nodes(node))


def _stored(body: Iterable[Node]) -> Iterator[str]:
    """The names that a body binds."""
    for node in _own_nodes(body):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        else:
            yield from imported(node)
