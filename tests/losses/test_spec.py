"""What a loss declares about itself, as a reader sees it."""

from __future__ import annotations

import pytest

from lossviz import losses

PARAMS = {(spec.key, p.name): p for spec in map(losses.get, losses.keys()) for p in spec.params}


@pytest.mark.parametrize(("loss", "name"), list(PARAMS))
def test_the_symbol_of_a_parameter_has_no_latex_in_text(loss: str, name: str) -> None:
    assert not set("\\{}^_") & set(PARAMS[loss, name].letter)


def test_the_costs_are_written_as_in_the_figures() -> None:
    costs = [PARAMS["crwwce", name].label for name in ("fn_cost", "fp_cost")]
    assert costs == ["cᶠⁿ: cost of a miss", "Cᶠᵖ: cost of a false alarm"]
    assert PARAMS["focal", "gamma"].letter == "γ"
