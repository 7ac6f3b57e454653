"""Moments and normalisation against float64 arithmetic."""

from __future__ import annotations

import torch

from lossviz.data import normalise
from lossviz.data.dataset import moments


def images() -> torch.Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.randint(0, 256, (37, 3, 50, 60), dtype=torch.uint8, generator=generator)


def test_moments_are_those_of_float64_for_more_pixels_than_a_chunk() -> None:
    pixels = images()
    mean, std = moments(pixels)
    wide = pixels.double() / 255
    torch.testing.assert_close(torch.tensor(mean).double(), wide.mean((0, 2, 3)), rtol=1e-6, atol=0)
    torch.testing.assert_close(
        torch.tensor(std).double(), wide.std((0, 2, 3), correction=0), rtol=1e-6, atol=0
    )


def test_moments_do_not_depend_on_the_number_of_threads() -> None:
    pixels = images()
    one = moments(pixels)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert moments(pixels) == one
    finally:
        torch.set_num_threads(before)


def test_a_constant_channel_normalises_to_zero() -> None:
    pixels = torch.full((4, 1, 5, 5), 51, dtype=torch.uint8)
    mean, std = moments(pixels)
    assert (mean, std) == ((51 / 255,), (1.0,))
    assert normalise(pixels, mean, std).abs().max() < 1e-7


def test_normalised_pixels_are_shifted_and_scaled_by_channel() -> None:
    pixels = images()
    mean, std = (0.1, 0.5, 0.9), (0.2, 0.3, 0.4)
    column = torch.tensor([mean, std], dtype=torch.float64)[..., None, None]
    expected = (pixels.double() / 255 - column[0]) / column[1]
    result = normalise(pixels, mean, std)
    assert result.dtype == torch.float32
    torch.testing.assert_close(result.double(), expected, rtol=0, atol=2e-6)
    # One image, and pixels that are floating already, for explanations.
    torch.testing.assert_close(normalise(pixels[3].float(), mean, std), result[3])


def test_what_is_kept_between_batches_serves_gradients_even_if_first_used_for_inference() -> None:
    mean, std = (0.123,), (0.456,)
    with torch.inference_mode():
        normalise(torch.zeros(1, 1, 2, 2), mean, std)
    pixels = torch.zeros(1, 1, 2, 2, requires_grad=True)
    normalise(pixels, mean, std).sum().backward()
    assert pixels.grad is not None
    torch.testing.assert_close(pixels.grad, torch.full((1, 1, 2, 2), 1 / (255 * 0.456)))
