"""What a study says came out, against its runs, each trained once: `make slow`, as of the races."""

from __future__ import annotations

import pytest

from lossviz.readings.studies import studies
from tests.pages.train.test_presets_shown import SEED, trained


@pytest.mark.slow
def test_below_the_bound_the_learned_bias_lies_above_every_metric() -> None:
    configs = studies()["Which γ can learn ten classes"].configs
    above = []
    for config in configs:
        run = trained(config.but(seed=SEED))
        assert run.last.bias is not None
        above.append(float(run.last.bias[0]) > config.loss_params()["gamma"])
        assert run.at_end("test_accuracy") > 0.95
    assert [config.loss_params()["gamma"] for config in configs] == [1, 2, 8, 32]
    assert (above[0], *above[2:]) == (True, False, False)
