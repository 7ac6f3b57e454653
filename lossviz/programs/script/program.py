"""The program of a run: what a script says for its config once the branches are decided.

It uses the library's own functions for everything that is a formula. Written out by `script_of`,
only what the config needs is left; tests hold that the weights are those of the Trainer.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import models
from lossviz.data.dataset import Images, moments, normalise
from lossviz.losses.spec import total
from lossviz.programs.script import readers
from lossviz.training.batches import (
    NOISE,
    Anchors,
    batch_size,
    epoch_order,
    generator,
    moved,
    shifts,
    steps_per_epoch,
)
from lossviz.training.config import RunConfig
from lossviz.training.health import LONGEST
from lossviz.training.images import CHUNK, square
from lossviz.training.layout import channels_last, embedding
from lossviz.training.memory import kept, take_up
from lossviz.training.model import Model
from lossviz.training.objectives import (
    adversarial,
    adversary_loss,
    averaged_centers,
    complement,
    objective,
    predictions,
    primary,
)
from lossviz.training.optimizers import adversary_optimizer, center_optimizer, main_optimizer, set_rate
from lossviz.training.rates import drop, params_at, rate_factor
from lossviz.training.recipes import bias_start
from models import adversary as adversary_network


@dataclass(frozen=True)
class Facts:
    """What is found out about a run when it begins.

    source: digits, idx, cifar-10, cifar-100 or npz, where the script takes the images from.
    shape: (channels, height, width) of an image. device: cpu, cuda or mps. final: the fingerprint
    of the weights at the end, or "" if the run has not come to it. origin: of a fork, the config and
    the facts of the run that it was made from. until: of such a run, the epoch of the fork.
    """

    source: str
    shape: tuple[int, int, int]
    class_count: int
    steps: int
    device: str = "cpu"
    final: str = ""
    origin: tuple[RunConfig, Facts] | None = None
    until: int = 0


def main(config: RunConfig, facts: Facts) -> None:
    """Read the images, train, and keep the weights in final.pt."""
    train, test = images_of(facts)
    check(facts, train, test)
    weights = trained(config, facts, train, test)
    torch.save(weights, "final.pt")
    mark = fingerprint(weights)
    print(f"final.pt written; fingerprint {mark}")
    if facts.final:
        print("the weights of the run, bit by bit" if mark == facts.final else "not the bits of the run")


def images_of(facts: Facts) -> tuple[Images, Images]:
    """Train and test images, from where the command line says."""
    if facts.source == "digits":
        return readers.read_digits()
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    path = Path(sys.argv[1])
    if facts.source == "idx":
        return readers.read_idx(path)
    if facts.source == "cifar-10":
        return readers.read_cifar_10(path)
    if facts.source == "cifar-100":
        return readers.read_cifar_100(path)
    return readers.read_npz(path)


def check(facts: Facts, train: Images, test: Images) -> None:
    """Stop unless the images are of the run's form and classes."""
    form, classes = facts.shape, facts.class_count
    for images in (train, test):
        pixels, labels = images.pixels, images.labels
        got = tuple(pixels.shape[1:])
        if pixels.dtype != torch.uint8 or got != form:
            raise SystemExit(f"images must be uint8 and of the shape {form}; got {pixels.dtype}, {got}")
        if len(pixels) != len(labels):
            raise SystemExit(f"there must be a label an image; got {len(labels)} for {len(pixels)} images")
        if labels.min() < 0 or labels.max() >= classes:
            raise SystemExit(f"labels must lie below {classes}; got {int(labels.max())}")


def drops_out(config: RunConfig) -> bool:
    """Whether the network has dropout, which draws a mask at every step."""
    with torch.device("meta"):
        network = models.get(config.net).build(1, 32, config.dimension)
    return any(isinstance(m, nn.modules.dropout._DropoutNd) for m in network.modules())


def embedded(config: RunConfig, model: Model, images: Tensor) -> Tensor:
    """The features of images [B, C, size, size] as the loss sees them, [B, d]."""
    if config.precision == "mixed":
        with torch.autocast(images.device.type, dtype=torch.bfloat16):
            return model.seen(embedding(model.network, images).float())
    return model.seen(embedding(model.network, images).float())


def scaled(facts: Facts, pixels: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """What the network takes, from uint8 pixels on the device."""
    images = normalise(pixels, mean, std)
    return channels_last(images) if facts.device == "cpu" else images


def descend(loss: Tensor, *optimizers: torch.optim.Optimizer) -> None:
    """One step of each optimizer down the loss."""
    for optimizer in optimizers:
        optimizer.zero_grad(set_to_none=True)
    loss.backward()
    for optimizer in optimizers:
        optimizer.step()


def handed_on(facts: Facts, train: Images, test: Images) -> dict[str, Tensor]:
    """What a fork takes over: the run that it was made from, trained to the epoch of the fork."""
    assert facts.origin is not None
    return trained(*facts.origin, train, test)


def trained(config: RunConfig, facts: Facts, train: Images, test: Images) -> dict[str, Tensor]:
    """The weights after all steps, or what a fork takes over; prints a line an epoch."""
    if config.fork_run:
        memory = handed_on(facts, train, test)
        print("the fork goes on from here")
    torch.set_num_threads(config.threads)
    device = torch.device(facts.device)
    mean, std = moments(train.pixels)
    pixels, labels = train.pixels, train.labels.to(device)
    if facts.shape[1] != facts.shape[2]:
        pixels = square(pixels)
    pixels = pixels.to(device)
    batch = batch_size(config, len(labels))
    per_epoch = steps_per_epoch(len(labels), batch)
    steps = per_epoch * config.epochs
    taken = facts.steps
    if steps != taken:
        raise SystemExit(f"these are not the images of the run: they make {steps} steps, it took {taken}")
    start = bias_start(config, facts.class_count)
    model = Model(config, pixels.shape[1], pixels.shape[2], facts.class_count, start).to(device)
    optimizer = main_optimizer(config, model, config.rate)
    used = [optimizer]
    if config.spec.needs.centers and config.center_update == "sgd":
        assert model.centers is not None
        center_steps = center_optimizer(config, model.centers)
        used.append(center_steps)
    if objective(config) == "complement":
        second = main_optimizer(config, model, config.complement_rate)
    if objective(config) == "adversarial":
        anchors = Anchors(train.labels, facts.class_count, config.seed)
        torch.manual_seed(config.seed)
        adversary = adversary_network.build(config.dimension, facts.class_count, hidden=64).to(device)
        adversary_steps = adversary_optimizer(config, list(adversary.parameters()))
    if config.fork_run or facts.until:
        parts: dict[str, nn.Module] = {"model": model}
        optimizers = {"main": optimizer}
        if config.spec.needs.centers and config.center_update == "sgd":
            optimizers["centers"] = center_steps
        if objective(config) == "complement":
            optimizers["complement"] = second
        if objective(config) == "adversarial":
            parts["adversary"], optimizers["adversary"] = adversary, adversary_steps
        begin = config.fork_epoch * per_epoch if config.fork_run else 0
        end = facts.until * per_epoch if facts.until else steps
    if config.fork_run:
        take_up(parts, optimizers, memory)

    for step in range(begin, end) if config.fork_run or facts.until else range(steps):
        epoch, place = divmod(step, per_epoch)
        if place == 0:
            order = epoch_order(len(labels), config.seed, epoch).to(device)
            loss_sum, seen = 0.0, 0
        factor = rate_factor(config, step, steps, per_epoch)
        set_rate(optimizer, config.rate * factor)
        if config.spec.needs.centers and config.center_update == "sgd" and config.drops:
            set_rate(center_steps, config.center_rate * drop(config, epoch))
        params = params_at(config, step, steps)
        model.train()
        if drops_out(config):
            torch.manual_seed(generator(config.seed, NOISE, step).initial_seed())

        if objective(config) == "adversarial":
            ids, first, others = anchors.draw(step, batch // 2)
            chosen = torch.cat([anchors.anchors[ids], first]).to(device)
        else:
            chosen = order[place * batch : (place + 1) * batch]
        drawn, own = pixels.index_select(0, chosen), labels.index_select(0, chosen)
        if config.augment:
            drawn = moved(
                drawn, shifts(len(drawn), drawn.shape[1], drawn.shape[2], config.seed, step).to(device)
            )
        images = scaled(facts, drawn, mean, std)
        features = embedded(config, model, images)
        if objective(config) == "adversarial":
            values = adversarial(config, features, own, model.state(adversary), params)
        else:
            values = total(primary(config, features, own, model.state(), params))
        loss = values.mean()
        descend(loss, *used)
        loss_sum, seen = loss_sum + values.detach().sum().item(), seen + len(own)
        length = features.detach().norm(dim=-1).mean()

        if config.spec.needs.centers and config.center_update == "average":
            assert model.centers is not None
            with torch.no_grad():
                alpha = params.get("alpha", 0.5)
                model.centers.copy_(averaged_centers(model.centers, features.detach(), own, alpha))
        if objective(config) == "complement":
            set_rate(second, config.complement_rate * factor)
            features = embedded(config, model, images)
            descend(complement(config, features, own, model.state(), params).mean(), second)
        if objective(config) == "adversarial":
            chosen = torch.cat([anchors.anchors[ids], others]).to(device)
            drawn, own = pixels.index_select(0, chosen), labels.index_select(0, chosen)
            if config.augment:
                drawn = moved(
                    drawn, shifts(len(drawn), drawn.shape[1], drawn.shape[2], config.seed, step).to(device)
                )
            with torch.no_grad():
                features = embedded(config, model, scaled(facts, drawn, mean, std))
            descend(adversary_loss(adversary(features), own, facts.class_count), adversary_steps)

        if not (torch.isfinite(loss) and length < LONGEST):
            print(f"step {step + 1}: the loss or the features ran away; training ends here")
            break
        if place == per_epoch - 1:
            accuracy = tested(config, facts, model, test, (mean, std), params)
            print(f"epoch {epoch + 1}: train loss {loss_sum / seen:.6f}, test accuracy {accuracy:.4f}")

    if facts.until:
        return kept(parts, optimizers)

    weights = dict(model.state_dict())
    if objective(config) == "adversarial":
        weights |= {f"adversary.{name}": value for name, value in adversary.state_dict().items()}
    return {name: value.cpu() for name, value in weights.items()}


@torch.inference_mode()
def tested(
    config: RunConfig,
    facts: Facts,
    model: Model,
    test: Images,
    scale: tuple[tuple[float, ...], tuple[float, ...]],
    params: dict[str, Any],
) -> float:
    """The share of the test images whose largest score, without margin, is that of their class."""
    model.eval()
    right = 0
    for start in range(0, len(test.labels), CHUNK):
        pixels = test.pixels[start : start + CHUNK]
        if facts.shape[1] != facts.shape[2]:
            pixels = square(pixels)
        features = embedded(config, model, scaled(facts, pixels.to(facts.device), *scale))
        guesses = predictions(config.spec, features, model.state(), params).cpu()
        right += int((guesses == test.labels[start : start + CHUNK]).sum())
    return right / len(test.labels)


def fingerprint(weights: Mapping[str, Tensor]) -> str:
    """16 hexadecimal digits that tell whether two sets of weights have the same bits."""
    mark = hashlib.sha256()
    for name in sorted(weights):
        mark.update(name.encode() + weights[name].contiguous().numpy().tobytes())
    return mark.hexdigest()[:16]
