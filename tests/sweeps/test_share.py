"""A shared sweep opens alone, gives its cells back, and does no harm where it is damaged or foreign."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path

import numpy as np
import pytest

from lossviz.cli import main
from lossviz.core.errors import ConfigError, RunError
from lossviz.figures import wire
from lossviz.pages.train.view import LiveView
from lossviz.readings import selection
from lossviz.runs import RunStore
from lossviz.sweeps import Sweep, SweepStore, bundle, results, share, unpacking
from lossviz.sweeps.plan import Plan
from lossviz.sweeps.results import Result
from tests.sweeps import synthetic

AXES = ["margin=0,0.2", "scale=4,16"]


def message(plan: Plan) -> bytes:
    made = dict(synthetic.results(plan))
    first, second, last = plan.cells[0], plan.cells[1], plan.cells[-1]
    made[first.id] = Result(state="diverged", reason="the loss is not finite", curve=(0.1,))
    made[second.id] = synthetic.result(second, 99, state="failed", reason="no memory")
    del made[last.id]
    return bundle.message(plan, made, dict.fromkeys(made, synthetic.images()))


def page(content: bytes) -> bytes:
    packed = base64.b64encode(gzip.compress(content)).decode()
    return f"<html>{share.HOLDER}{packed}</script></html>".encode()


def taken_in(content: bytes, store: RunStore) -> Sweep:
    return share.take_in(share.read(content), store)


def test_a_page_loads_nothing_and_makes_no_code_of_text() -> None:
    text = share.page_of(message(synthetic.plan(["arcface"], AXES)))
    assert "default-src 'none'" in text
    assert "unsafe-eval" not in text
    assert not re.search(r"""(src|href)=["']?(https?:|//)""", text)


def test_a_sweep_without_a_picture_is_not_shared() -> None:
    with pytest.raises(ConfigError, match="train"):
        share.page_of(bundle.message(synthetic.plan(["arcface"]), {}, {}))


@pytest.mark.parametrize("dimension", [2, 5, 12])
def test_the_cells_of_a_page_become_runs(tmp_path: Path, dimension: int) -> None:
    plan = synthetic.plan(["arcface", "center"], AXES[1:], dimension=str(dimension))
    content = message(plan)
    store = RunStore(tmp_path / "runs")
    sweep = taken_in(share.page_of(content).encode(), store)
    assert [cell.id for cell in sweep.plan.cells] == [cell.id for cell in plan.cells]
    assert not sweep.wanted
    states = ["diverged", "failed", *["finished"] * (len(plan.cells) - 3), "waiting"]
    assert [sweep.state(cell) for cell in plan.cells] == states
    cell = plan.cells[2]
    run, wanted = store.get(cell.id), synthetic.result(cell, 2)
    assert not run.problem
    assert run.config == cell.config
    assert run.status.state == "finished"
    assert [row["test_accuracy"] for row in run.metrics()] == pytest.approx([0.25, 0.5, 0.75])
    np.testing.assert_array_equal(run.points().pixels, synthetic.images().pixels)
    assert run.points().classes == synthetic.NAMES
    found = results.of(run)
    assert found is not None
    assert found.measures == pytest.approx(dict(wanted.measures))
    if dimension > bundle.MOST_DIMENSIONS:
        assert run.frames() == []
        return
    assert run.frames() == [30]
    assert selection.runs_of(store, LiveView(runs=(cell.id,))) == ([run], [])
    shot = run.snapshot(30)
    np.testing.assert_allclose(shot.features, wanted.features, atol=np.abs(wanted.features).max() / 60_000)
    np.testing.assert_array_equal(shot.weights, wanted.weights)
    np.testing.assert_array_equal(shot.labels, synthetic.LABELS)
    # What was taken in can be shared again, and is the same.
    again, _ = wire.read(bundle.encode(sweep))
    assert again["cells"] == wire.read(content)[0]["cells"]


def test_a_cell_that_was_trained_here_stays_as_it_is(tmp_path: Path) -> None:
    plan = synthetic.plan(["arcface"], AXES)
    store = RunStore(tmp_path)
    own = store.cell(plan.cells[3].id, plan.cells[3].config)
    before = sorted(path.name for path in own.path.rglob("*"))
    taken_in(page(message(plan)), store)
    assert sorted(path.name for path in own.path.rglob("*")) == before


def test_nothing_is_written_outside_the_store(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "deep" / "runs")
    content = message(synthetic.plan(["arcface"], AXES))
    for id in set(re.findall(rb"c-[0-9a-f]{16}", content)):
        content = content.replace(id, b"../../../escaped.x")
    taken_in(page(content), store)
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["runs"]
    assert all(re.fullmatch(r"c-[0-9a-f]{16}", path.name) for path in (store.path / ".cells").iterdir())


def damaged() -> list[bytes]:
    content = message(synthetic.plan(["arcface"], AXES))
    header, _ = wire.read(content)
    whole = page(content)

    def told(**changes: object) -> bytes:
        return page(wire.with_header(content, **changes))

    cells, images = header["cells"], header["images"][0]

    def each(**changes: object) -> bytes:
        return told(cells=[{**cell, **changes} if "features" in cell else cell for cell in cells])

    return [
        b"",
        b"<html>a page of somebody else</html>",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        whole[: len(whole) // 2],
        whole.replace(b"</script>", b""),
        whole.replace(share.HOLDER.encode(), share.HOLDER.encode() + b"!!"),
        page(b""),
        page(b"\xff" * 40),
        page(content[:300]),
        page(content[:-2000]),
        told(kind="a bill"),
        told(format=2),
        told(plan={}),
        told(plan={**header["plan"], "losses": ["no such loss"]}),
        told(cells=cells[1:]),
        told(cells=[None] * len(cells)),
        told(images=[]),
        told(images=[images] * (len(cells) + 1)),
        told(plan={**header["plan"], "base": {**header["plan"]["base"], "epochs": "1"}}),
        told(images=[{**images, "shape": [9, 9, 9]}]),
        told(images=[{**images, "classes": ["one"]}]),
        told(seeds=[]),
        told(values={"at": 0, "n": 3, "type": "f4"}),
        told(programs=[{"params": ["margin"] * 3}]),
        each(features={"at": 10**9, "n": 80, "type": "i2"}),
        each(weights={"at": -4, "n": 8, "type": "f4"}),
        each(at=["../..", 0]),
        each(scale="nan"),
        each(step=10**30),
    ]


@pytest.mark.parametrize("number", range(29))
def test_a_damaged_or_foreign_file_is_refused_and_leaves_nothing(tmp_path: Path, number: int) -> None:
    with pytest.raises(RunError) as refusal:
        taken_in(damaged()[number], RunStore(tmp_path / "runs"))
    assert len(str(refusal.value)) < 400
    assert not (tmp_path / "runs").exists()


def test_a_file_that_unpacks_to_far_more_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "MOST_BYTES", 1000)
    with pytest.raises(RunError, match="more than"):
        taken_in(page(b"\0" * 10**6), RunStore(tmp_path))
    # Cells that all name one array; a header that is long.
    monkeypatch.undo()
    content = page(message(synthetic.plan(["arcface"], AXES)))
    for name, most, told in (
        ("MOST_ARRAYS", 2_000, "arrays of more than"),
        ("MOST_HEADER", 500, "header of"),
    ):
        monkeypatch.setattr(unpacking, name, most)
        with pytest.raises(RunError, match=told):
            taken_in(content, RunStore(tmp_path))


def test_a_file_that_cannot_be_a_page_is_told_in_one_sentence(tmp_path: Path) -> None:
    whole = share.page_of(message(synthetic.plan(["arcface"], AXES))).encode()
    told = {}
    for name, content in {
        "empty": b"",
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        "cut": whole[: whole.index(share.HOLDER.encode()) + 2000],
        "other version": page(
            wire.with_header(message(synthetic.plan(["arcface"], AXES)), format=bundle.FORMAT + 1)
        ),
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(RunError) as refusal:
            share.open_page(tmp_path / name)
        told[name] = str(refusal.value)
    wanted = {"empty": "empty", "picture": "no sweep", "cut": "cut off", "other version": "version"}
    assert all(word in told[name] for name, word in wanted.items())
    with pytest.raises(RunError, match="cannot be read"):
        share.open_page(tmp_path)


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share, "MOST_PAGE", 2**20)
    path = tmp_path / "large.html"
    with path.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(RunError, match="at most 1 MB"):
        share.open_page(path)


def test_the_commands_save_a_page_and_open_it_in_another_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, other = RunStore(tmp_path / "first"), RunStore(tmp_path / "other")
    made = taken_in(page(message(synthetic.plan(["arcface"], AXES))), first)
    monkeypatch.setenv("LOSSVIZ_RUNS", str(first.path))
    out = tmp_path / "x.html"
    assert main(["sweeps", "save", made.id, "--out", str(out)]) == 0
    assert main(["sweeps", "save", made.id, "--out", str(tmp_path / "x.pdf")]) != 0
    assert ".csv or .html" in capsys.readouterr().err
    monkeypatch.setenv("LOSSVIZ_RUNS", str(other.path))
    assert main(["sweeps", "open", str(out)]) == 0
    assert made.id in capsys.readouterr().out
    (sweep,) = SweepStore(other).sweeps()
    assert [sweep.state(cell) for cell in sweep.plan.cells] == [made.state(cell) for cell in made.plan.cells]
    # A cell says that it was trained elsewhere.
    assert share.ELSEWHERE in sweep.run(sweep.plan.cells[2]).status.verdicts
