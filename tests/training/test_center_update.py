"""The averaged update of class centres, reckoned a class at a time."""

from __future__ import annotations

import pytest
import torch

from lossviz.training.objectives import averaged_centers


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_a_centre_moves_by_the_mean_pull_of_its_samples_and_absent_classes_stay(alpha: float) -> None:
    torch.manual_seed(0)
    centers, features = torch.randn(6, 3), torch.randn(9, 3)
    labels = [0, 0, 0, 1, 3, 3, 3, 3, 5]
    got = averaged_centers(centers, features, torch.tensor(labels), alpha)
    for k in range(6):
        own = [i for i in range(9) if labels[i] == k]
        for d in range(3):
            center = float(centers[k, d])
            pull = sum(float(features[i, d]) - center for i in own) / (1 + len(own))
            assert float(got[k, d]) == pytest.approx(center + alpha * pull, abs=1e-6)
        if not own:
            assert got[k].equal(centers[k])
