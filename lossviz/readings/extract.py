"""Extraction: all test images, training or unknown ones through the network of a checkpoint; kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lossviz import data
from lossviz.core.errors import ReadingError
from lossviz.data import DataSet, Images
from lossviz.readings import layers, store
from lossviz.readings.checkpoints import TrainedModel
from lossviz.readings.images import count_text
from lossviz.readings.layers import Layer
from lossviz.readings.reading import NONE
from lossviz.readings.scores import class_scores, thresholds
from lossviz.runs import files
from lossviz.runs.lock import hold
from lossviz.runs.run import Run
from lossviz.training.images import CHUNK, load, square

Progress = Callable[[str, float], None]
MOST_TRAIN = 10_000
# Images are kept beside their extraction, to be shown, if they take no more bytes than this.
MOST_PIXELS = 256 << 20


@dataclass(frozen=True, eq=False)
class ImagePart:
    """Images to put through the network. places: in their part of the data set. words: "all 360 test
    images". labels: None for images of no class of the run."""

    images: Images
    places: Tensor
    words: str
    labels: Tensor | None


def extract(
    run: Run, epoch: float | None, part: str, layer: str = "", progress: Progress | None = None
) -> Path:
    """Puts the images of a part through the network of a checkpoint and keeps what comes out.

    part "train": without augmentation, and of more than 10,000 a stratified subset. layer: its output
    in place of the features; outputs of more than 4,096 numbers are averaged over each map. The file
    holds what a Reading has; it is made once for a step, whoever asks. Raises ReadingError, DataError,
    and OSError as the system gives it.
    """
    tell = progress or (lambda words, share: None)
    store.check_part(part)
    folder = run.path / store.FOLDER
    folder.mkdir(exist_ok=True)
    # Two jobs that need the same make it once: the second finds it.
    with hold(folder / ".lock", patient=True):
        trained = TrainedModel(run, epoch)
        path = store.path_of(run, trained.moment.stem, part, layer)
        if store.facts_of(path).get("step") == trained.moment.step:
            return path
        torch.set_num_threads(run.config.threads)
        of_layer = layers.find(run, layer) if layer else None
        tell("loading the images", 0.0)
        made = load(run.config, lambda words, share: tell(words, 0.3 * share))
        _same_images(run, made)
        chosen = choose(run, made, part)
        arrays = _through(trained, made, chosen, of_layer, lambda w, s: tell(w, 0.3 + 0.6 * s))
        arrays |= _head(trained) | {"indices": chosen.places}
        facts = _facts(run, trained, made, chosen, part, of_layer)
        tell("writing", 0.95)
        files.replace_file(path, files.encode_tensors(arrays, facts))
        _keep_pixels(run, part, chosen)
    return path


def choose(run: Run, made: DataSet, part: str) -> ImagePart:
    """The images of a part of a run's data set."""
    if part == "shown":
        places = torch.from_numpy(run.points().indices.copy())
        test = made.test
        words = count_text(len(places), len(test), "test images")
        return ImagePart(Images(test.pixels[places], test.labels[places]), places, words, test.labels[places])
    if part == "test":
        count = len(made.test)
        return ImagePart(
            made.test, torch.arange(count), count_text(count, count, "test images"), made.test.labels
        )
    if part == "train":
        places = data.stratified_order(made.train.labels, run.config.images_seed)[:MOST_TRAIN]
        labels = made.train.labels[places]
        words = count_text(len(places), len(made.train), "training images")
        return ImagePart(Images(made.train.pixels[places], labels), places, words, labels)
    return _unknown(run, made, part)


def _unknown(run: Run, made: DataSet, part: str) -> ImagePart:
    name = part.removeprefix(store.UNKNOWN)
    if part == store.HELD_OUT:
        if made.held_out is None:
            raise ReadingError(
                f"{run.id}: no class was held out of its training; train with held-out classes "
                f"(setting held_out), or take another data set: {_fitting_words(run)}"
            )
        images, of = made.held_out, f"test images of {', '.join(made.held_out_classes)}"
    else:
        known = data.catalogue().get(name)
        if name == run.config.data:
            raise ReadingError(
                f"{run.id}: {name} is what it was trained on; unknown are {_fitting_words(run)}"
            )
        title = Path(name).name if known is None else known.title
        # Its declaration is checked first: a data set that does not fit need not be downloaded.
        if known is not None:
            _check_form(run, title, known.shape)
        images, of = data.load_test(name), f"test images of {title}"
        _check_form(run, title, tuple(images.pixels.shape[1:]))
    places = data.stratified_order(images.labels, run.config.images_seed)[:MOST_TRAIN]
    words = count_text(len(places), len(images), of)
    return ImagePart(Images(images.pixels[places], images.labels[places]), places, words, None)


def _check_form(run: Run, title: str, shape: tuple[int, ...]) -> None:
    own = tuple(run.points().pixels.shape[1:])
    if shape != own:
        raise ReadingError(
            f"{run.id}: its network takes images of {_by(own)} (channels × height × width), and those of "
            f"{title} are {_by(shape)}; what fits: {_fitting_words(run)}"
        )


def unknown_parts(run: Run) -> dict[str, str]:
    """The sets of images that are unknown to a run: title by part."""
    config, points = run.config, run.points()
    found = {}
    if config.held_out:
        numbers = ", ".join(map(str, config.held_out))
        found[store.HELD_OUT] = f"its held-out classes ({numbers})"
    shape = tuple(points.pixels.shape[1:])
    for key, spec in data.catalogue().items():
        if spec.shape == shape and key != config.data:
            found[store.UNKNOWN + key] = spec.title
    return found


def _fitting_words(run: Run) -> str:
    fits = [part.removeprefix(store.UNKNOWN) for part in unknown_parts(run) if part != store.HELD_OUT]
    return ", ".join(fits) or f"an .npz of your own with images of {_by(run.points().pixels.shape[1:])}"


def _by(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def _same_images(run: Run, made: DataSet) -> None:
    """ReadingError if the data set found now is not the one that was trained on."""
    points = run.points()
    places = torch.from_numpy(points.indices.copy())
    fits = made.classes == points.classes and (len(places) == 0 or int(places.max()) < len(made.test))
    if not fits or not torch.equal(made.test.pixels[places], torch.from_numpy(points.pixels.copy())):
        raise ReadingError(
            f"{run.id}: {made.title} on this machine ({made.found}) holds other images than the run was "
            f"trained on ({points.data_found}); put those back, or read the images shown in training"
        )


def _through(
    trained: TrainedModel, made: DataSet, chosen: ImagePart, layer: Layer | None, tell: Progress
) -> dict[str, Tensor]:
    """features (or the layer's outputs), labels, and the metrics, logits and losses, as tensors by name."""
    pixels, count = chosen.images.pixels, len(chosen.images)
    features: list[Tensor] = []
    outputs: list[Tensor] = []
    for start in range(0, count, CHUNK):
        tell("through the network", start / max(1, count))
        images = data.normalise(square(pixels[start : start + CHUNK]), made.mean, made.std)
        if layer is None:
            features.append(trained.features(images))
            continue
        with layers.outputs_of(trained.network, layer.name, layer.pooled) as seen:
            features.append(trained.features(images))
        outputs.append(seen[-1].flatten(1))
    seen_by_loss = torch.cat(features)
    if not bool(seen_by_loss.isfinite().all()):
        raise ReadingError(
            f"epoch {trained.moment.epoch:g}: features are not finite: training ran away; "
            "read an earlier epoch, or train with a smaller learning rate"
        )
    found = class_scores(trained.spec, seen_by_loss, chosen.labels, trained.state, trained.params)
    labels = torch.full((count,), NONE) if chosen.labels is None else chosen.labels
    return {
        "features": torch.cat(outputs) if layer else seen_by_loss,
        "labels": labels,
        **{name: torch.from_numpy(value) for name, value in found.items()},
    }


def _head(trained: TrainedModel) -> dict[str, Tensor]:
    """weights, bias and thresholds as tensors by name."""
    made = {"weights": trained.state.weights}
    if trained.model.bias is not None:
        made["bias"] = trained.model.bias
    bounds = thresholds(trained.spec, trained.state, trained.params)
    if bounds is not None:
        made["thresholds"] = torch.from_numpy(bounds)
    return made


def _facts(
    run: Run, trained: TrainedModel, made: DataSet, chosen: ImagePart, part: str, layer: Layer | None
) -> dict[str, Any]:
    at = trained.moment
    shown = f"{at.epoch:.2f}".rstrip("0").rstrip(".")
    return {
        "step": at.step,
        "epoch": at.epoch,
        "part": part,
        "layer": "" if layer is None else layer.name,
        "of": f"{chosen.words}, epoch {shown}" + ("" if layer is None else f", {layer.title}"),
        "loss": trained.spec.key,
        "classes": made.classes,
        "train_counts": torch.bincount(made.train.labels, minlength=len(made.classes)).tolist(),
        "device": str(trained.device),
    }


def _keep_pixels(run: Run, part: str, chosen: ImagePart) -> None:
    path = store.pixels_path(run, part)
    if part == "shown" or path.exists() or chosen.images.pixels.nbytes > MOST_PIXELS:
        return
    arrays = {"pixels": chosen.images.pixels, "labels": chosen.images.labels, "indices": chosen.places}
    files.replace_file(path, files.encode_tensors(arrays, {"part": part}))
