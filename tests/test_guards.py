"""The shape of the project, held by tests: layers, imports, pages without maths, house rules."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lossviz import losses

ROOT = Path(__file__).parents[1]
HEAVY = {"streamlit", "umap", "matplotlib", "plotly", "sklearn", "numba", "scipy.stats"}
# What is done, in this order, and what must not be loaded then.
LOADS: dict[str, tuple[str, set[str]]] = {
    "the library": ("import lossviz", HEAVY | {"torch"}),
    "its parts": (
        "import lossviz.cli, lossviz.fields.probe, lossviz.losses, lossviz.metrics.uniform, "
        "lossviz.pages.contours.panels, lossviz.readings.source",
        HEAVY,
    ),
    "the networks": ("import models; models.catalogue()", HEAVY | {"torchvision"}),
    "finding data and loading digits": (
        "from lossviz.data import Choice, catalogue, find, load\n"
        "[find(name) for name in catalogue()]; load(Choice())",
        HEAVY | {"scipy", "PIL", "pooch", "requests", "pandas"},
    ),
    "a training": (
        "from lossviz.training import RunConfig\nfrom lossviz.training.trainer import Trainer\n"
        "trainer = Trainer(RunConfig(train_images=40, test_images=20, batch=10, epochs=1))\n"
        "while not trainer.done: trainer.advance()\n"
        "trainer.restore(trainer.checkpoint()); trainer.snapshot()",
        {"torch._dynamo"},
    ),
    "sweeps, until a cluster is asked for": (
        "import lossviz.cli.sweep, lossviz.sweeps.worker, lossviz.sweeps.cluster",
        {"ray", "streamlit"},
    ),
    "the animation": ("import lossviz.figures.animation", {"matplotlib", "streamlit", "plotly", "torch"}),
    "pictures in three lines": (
        "import lossviz, sys; lossviz.figures; assert not {'matplotlib', 'plotly'} & set(sys.modules)\n"
        "lossviz.figures.contours([lossviz.fields.compute('arcface', margin=0.4, resolution=41)])",
        {"matplotlib.pyplot", "plotly"},
    ),
    "charts in print": (
        "from lossviz.figures import print_chart\nfrom tests.figures.chart_examples import ALL\n"
        "[print_chart.figure(made()) for made in ALL.values()]",
        {"matplotlib.pyplot", "plotly"},
    ),
}


def modules_after(programs: list[str]) -> list[set[str]]:
    """The modules that a process has loaded after each of some programs, one after the other."""
    told = "\nimport sys; print('loaded', *sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", "\n".join(f"{program}{told}" for program in programs)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert out.returncode == 0, out.stderr[-2000:]
    return [set(line.split()) for line in out.stdout.splitlines() if line.startswith("loaded ")]


@pytest.mark.parametrize("alone", [True, False])
def test_nothing_is_loaded_that_is_not_needed(
    alone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one process as far as what is loaded before may be there."""
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path))
    monkeypatch.setenv("LOSSVIZ_DATA", "")
    loads = {what: each for what, each in LOADS.items() if (what == "the animation") == alone}
    loaded = modules_after([code for code, _ in loads.values()])
    found = {what: have & loads[what][1] for what, have in zip(loads, loaded, strict=True)}
    assert not any(found.values()), found


def test_pages_contain_no_maths() -> None:
    for page in [
        ROOT / "app.py",
        *sorted(ROOT.glob("pages/*.py")),
        *sorted(ROOT.glob("lossviz/pages/*/page.py")),
    ]:
        tree = ast.parse(page.read_text())
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [a.name for a in node.names]
                module = getattr(node, "module", None) or ""
                banned = {"math", "numpy", "scipy", "sklearn", "statistics"}
                assert not banned & {n.split(".")[0] for n in [module, *names]}, page
            arithmetic = (ast.Mult, ast.Div, ast.Pow, ast.MatMult, ast.FloorDiv, ast.Mod)
            assert not (isinstance(node, ast.BinOp) and isinstance(node.op, arithmetic)), (
                f"{page}:{node.lineno} computes; a page only calls the library"
            )


def test_the_layers_hold() -> None:
    out = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert out.returncode == 0, out.stdout


def test_the_top_level_is_the_user_s() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    if not tracked:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in tracked}
    asked = {"app.py", "pages", "lossviz", "models", "tests", "requirements.txt", "README.md"}
    tools = {
        "pyproject.toml",
        "Makefile",
        "CHANGELOG.md",
        ".streamlit",
        ".ci",
        "benchmarks",
        ".gitignore",
        "docs",
        "CONTRIBUTING.md",
        "setup.py",
    }
    assert top - tools <= asked


def test_files_are_a_few_screens() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for folder in ("lossviz", "pages", "models")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".js", ".css") and (count := len(path.read_text().splitlines())) > 420
    }
    assert not long


# Keys of losses that are words of other things too: where a text stands, what probabilities come from.
ORDINARY = {"adversarial", "center", "softmax"}
# What shows named settings of losses, and what a page opens with.
PRESETS, CONTENT = {"presets.py", "races.py", "studies.py"}, {"presets", "opening", "RACE", "CAMRI_FIG1"}


def literal_keys(source: str) -> list[tuple[int, str]]:
    """The lines where a loss is named in code: not in a preset, nor as the default of a setting."""
    names = {name for spec in losses.catalogue().values() for name in (spec.key, *spec.aliases)} - ORDINARY

    def found(node: ast.AST) -> list[tuple[int, str]]:
        if isinstance(node, ast.Constant):
            return [(node.lineno, node.value)] if node.value in names else []
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if getattr(node, "name", getattr(target, "id", "")) in CONTENT:
            return []
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setting":
            children.remove(node.args[0])
        if isinstance(node, ast.AnnAssign) and not isinstance(node.value, ast.Call):
            children = [node.annotation] if ast.unparse(node.annotation).startswith("tuple[") else children
        return [each for child in children for each in found(child)]

    return found(ast.parse(source))


def test_what_is_known_of_a_loss_is_in_its_spec() -> None:
    """No module of the library outside the catalogue names losses to treat them apart."""
    named = {
        str(path.relative_to(ROOT)): keys
        for path in [*(ROOT / "lossviz").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
        if path.name not in PRESETS
        and "losses" not in path.parts
        and (keys := literal_keys(path.read_text()))
    }
    assert not named


def test_a_new_loss_is_one_new_file(tmp_path: Path) -> None:
    """A file dropped into the catalogue shows in keys, CLI, presets of pages, and on both pages."""
    for name in ("app.py", "pages", "lossviz", "models", ".streamlit"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    (tmp_path / "lossviz" / "losses" / "brier.py").write_text(
        '''
"""The Brier score."""
import torch
from lossviz.losses._ops import linear
from lossviz.losses.spec import Family, LossSpec

FAMILY = Family(key="proper", title="Proper scores", order=99, question="Which scores are proper?")


def logits(features, state):
    """W_k·z."""
    return linear(features, state.weights)


def brier(features, labels, state):
    """The squared distance of p to the true class."""
    scores = linear(features, state.weights)
    hot = torch.nn.functional.one_hot(labels, scores.shape[-1])
    return {"brier": (torch.softmax(scores, -1) - hot).square().sum(-1)}


LOSSES = (
    LossSpec(key="brier", title="Brier score", family="proper", source="here", template="x",
             notice="n", terms_function=brier, logits_function=logits),
)
'''
    )
    code = f"""
from lossviz import losses
assert losses.keys()[-1] == "brier" and len(losses.keys()) == {len(losses.keys()) + 1}
from lossviz.cli import main
assert main(["field", "brier", "--out", {str(tmp_path / "b.npz")!r}]) == 0
from streamlit.testing.v1 import AppTest
from lossviz.ui.page_files import SCRIPT, page_file
at = AppTest.from_file(SCRIPT, default_timeout=600)
at.query_params["losses"] = "brier"
at.run()
assert not at.exception and not at.warning, (at.exception, at.warning)
assert "Brier score" in at.multiselect[0].options
at.switch_page(page_file("reference")).run()
assert not at.exception
assert any(s.value == "Brier score" for s in at.subheader)
"""
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert out.returncode == 0, out.stderr[-2000:]


def test_every_widget_of_a_page_is_drawn_and_heard_in_one_place() -> None:
    """Where an answer is checked and what throws is told: nothing else has a callback of its own."""
    choosing = {
        *("button", "selectbox", "multiselect", "slider", "select_slider", "number_input", "toggle"),
        *("text_input", "text_area", "segmented_control", "checkbox", "radio", "pills"),
    }
    for path in [*(ROOT / "lossviz" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        if path.name == "binding.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            called, of = node.func.attr, node.func.value
            direct = isinstance(of, ast.Name) and of.id == "st" and called in choosing
            assert not direct, f"{path.name}:{node.lineno}: use Binding.control, pick, button or press"
