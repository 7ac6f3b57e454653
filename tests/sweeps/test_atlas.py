"""The atlas: its files hold what its plans ask for, and a cell that is trained again ends as it says."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lossviz.core.errors import RunError
from lossviz.figures import wire
from lossviz.sweeps import atlas
from lossviz.sweeps.atlas.presets import ENTRIES
from lossviz.sweeps.results import ENDED
from lossviz.training.trainer import Trainer


def header(name: str) -> dict[str, object]:
    return wire.read(gzip.decompress((atlas.FILES / f"{name}.sweep.gz").read_bytes()))[0]


@pytest.mark.parametrize("name", ENTRIES)
def test_a_file_holds_the_cells_of_its_plan_and_all_have_ended(name: str) -> None:
    found, plan = header(name), ENTRIES[name].plan()
    assert found["plan"] == plan.to_values()
    cells = found["cells"]
    assert isinstance(cells, list)
    assert len(cells) == len(plan.cells)
    assert {cell["state"] for cell in cells} <= {*ENDED} - {"failed"}
    # A diverged cell has its reason; all others have a picture.
    assert all("features" in cell or cell["reason"] for cell in cells)


def test_it_has_300_settings_with_5_seeds_in_6_megabytes() -> None:
    plans = [entry.plan() for entry in ENTRIES.values()]
    settings = {cell.config.but(seed=0).to_json() for plan in plans for cell in plan.cells}
    assert len(settings) >= 300
    assert all(len(plan.seeds) == 5 for plan in plans)
    assert sum(path.stat().st_size for path in atlas.FILES.glob("*.gz")) <= 6e6
    made = atlas.making()
    # Two sweeps share cells.
    assert made.cells == len({cell.id for plan in plans for cell in plan.cells}) >= 1500
    assert {"lossviz", "torch", "numpy"} <= made.versions.keys()


def test_a_cell_trained_again_ends_as_the_atlas_says() -> None:
    sweep = atlas.get("atlas-l2-softmax")
    assert sweep is not None
    cell = next(c for c in sweep.plan.cells if c.config.seed == 0 and c.at == (8,))
    trainer = Trainer(cell.config)
    while not trainer.done:
        trainer.advance()
    result, images = sweep.result(cell), sweep.points(cell)
    assert result is not None
    assert images is not None
    # The same images of the same shuffle; other processors and versions round otherwise.
    assert (images.indices == trainer.points().indices).all()
    there = result.measures["test_accuracy"]
    assert trainer.snapshot().metrics["test_accuracy"] == pytest.approx(there, abs=0.03)


def test_a_file_that_is_damaged_is_told_with_its_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atlas, "FILES", tmp_path)
    monkeypatch.setattr(atlas, "_contents", atlas._contents.__wrapped__)
    assert atlas.sweeps() == []
    (tmp_path / "pc.sweep.gz").write_bytes(gzip.compress(b"1234")[:-5])
    (found,) = atlas.sweeps()
    assert "make atlas" in found.problem
    with pytest.raises(RunError, match="make atlas"):
        atlas.making()
