"""The networks of a pass: which there are, and how strong each is at each call of the model.

Source: practice P14; compat 3.2, 3.6.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from torch import nn

from irodori.engine.lora.apply import Share, Switch, applied
from irodori.engine.lora.blocks import EVERYWHERE, BlockWeights, read_block_weights
from irodori.engine.lora.network import FittedNetwork, Stamp
from irodori.engine.lora.shelf import NetworkShelf
from irodori.engine.modules.unet import UNetConfig
from irodori.engine.timeline import Timing
from irodori.prompt import network_timelines
from irodori.prompt.curves import NetworkTag
from irodori.prompt.dialect import Dialect
from irodori.prompt.networks import NetworkTimeline

FindNetwork = Callable[[str], Path | None]
"""A network's file by the name a prompt has for it; None where there is none."""

TEXT_PARTS: Final = ("text_l", "text_g")
BLOCK_WEIGHTS: Final = "lbw"
HYPERNETWORK: Final = "hypernet"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScheduledNetwork:
    """A network over a pass.

    Attributes:
        network: fitted to the model.
        blocks: each block's share of its strength.
        te: strength for both text encoders at each step.
        unet: strength for the UNet at each step.
    """

    network: FittedNetwork
    blocks: BlockWeights
    te: tuple[float, ...]
    unet: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wear:
    """Networks on the text encoders at certain strengths.

    Attributes:
        networks: in the order of the prompt.
        strengths: one for each.
    """

    networks: tuple[ScheduledNetwork, ...]
    strengths: tuple[float, ...]

    @property
    def key(self) -> tuple[tuple[Stamp, float], ...]:
        """What decides the encoders' weights, as a value: empty where nothing changes them."""
        return tuple(
            (each.network.stamp, strength * each.blocks.base)
            for each, strength in zip(self.networks, self.strengths, strict=True)
            if strength * each.blocks.base and each.network.of(*TEXT_PARTS)
        )

    @contextmanager
    def on(self, encoders: Mapping[str, nn.Module]) -> Iterator[None]:
        """Change the encoders' weights while the block runs.

        Args:
            encoders: by the names in `TEXT_PARTS`.
        """
        shares = [
            [
                Share(change=change, share=each.blocks.base)
                for change in each.network.of(*TEXT_PARTS)
            ]
            for each in self.networks
        ]
        with applied(encoders, shares, branches=False) as switch:
            switch.to(self.strengths)
            yield


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkSchedule:
    """The networks of a pass, in the order of the prompt.

    Attributes:
        networks: with their strengths; all of one number of steps.
        calls_per_step: model calls of one sampler step.
    """

    networks: tuple[ScheduledNetwork, ...] = ()
    calls_per_step: int = 1

    def wear_at(self, call: int) -> Wear:
        """Return what the text encoders wear for the texts of a call, counted from 0."""
        return Wear(
            networks=self.networks,
            strengths=tuple(each.te[self._index(call, each.te)] for each in self.networks),
        )

    def unet_at(self, call: int) -> tuple[float, ...]:
        """Return the networks' strengths for the UNet at a call; past the end, the last ones."""
        return tuple(each.unet[self._index(call, each.unet)] for each in self.networks)

    @property
    def changes(self) -> bool:
        """Whether a strength for the UNet changes on the way."""
        return any(len(set(each.unet)) > 1 for each in self.networks)

    @contextmanager
    def on(self, unet: nn.Module, *, branches: bool) -> Iterator[Switch]:
        """Yield what sets the strengths on a UNet; afterwards it is as it was."""
        shares = [
            [
                Share(change=change, share=each.blocks.of_parameter(change.target.parameter))
                for change in each.network.of("unet")
            ]
            for each in self.networks
        ]
        with applied({"unet": unet}, shares, branches=branches) as switch:
            yield switch

    def _index(self, call: int, strengths: tuple[float, ...]) -> int:
        return min(call // self.calls_per_step, len(strengths) - 1)


NO_NETWORKS: Final = NetworkSchedule()


def networks_of(
    prompt: str, timing: Timing, shelf: NetworkShelf, find: FindNetwork, config: UNetConfig
) -> NetworkSchedule:
    """Return the networks that a prompt names, over one pass.

    What cannot be applied is left out here; `network_notes` tells it.

    Args:
        prompt: of the pass, as written.
        timing: of the pass.
        shelf: of the model.
        find: where files are.
        config: of the model's UNet, for block weights.

    Raises:
        ModelFileError: a network's file cannot be read, or is for other models.
    """
    timelines = network_timelines(
        prompt,
        timing.steps,
        hires_steps=timing.hires_steps,
        old_timelines=timing.old_timelines,
        dialect=timing.dialect,
    )
    if timing.dialect is Dialect.A1111:  # the same file at the same strength counts once
        timelines = list({(each.tag.name, each.te, each.unet): each for each in timelines}.values())
    scheduled = (_scheduled(each, shelf, find, config) for each in timelines)
    return NetworkSchedule(
        networks=tuple(each for each in scheduled if each is not None),
        calls_per_step=timing.calls_per_step,
    )


def network_notes(
    tags: list[NetworkTag], shelf: NetworkShelf, find: FindNetwork, config: UNetConfig
) -> tuple[str, ...]:
    """Return what a person should know of the networks of a prompt: missing, in part, misread.

    Raises:
        ModelFileError: a network's file cannot be read, or is for other models.
    """
    notes = [note for tag in tags for note in _notes(tag, shelf, find, config)]
    return tuple(dict.fromkeys(notes))


def _notes(
    tag: NetworkTag, shelf: NetworkShelf, find: FindNetwork, config: UNetConfig
) -> Iterator[str]:
    if tag.kind == HYPERNETWORK:
        yield f"hypernetwork '{tag.name}' is not applied: this program draws without them"
        return
    path = find(tag.name)
    if path is None:
        yield f"network '{tag.name}' is missing: no such file in the folders of the configuration"
        return
    note = shelf.fitted(path).note
    if note:
        yield note
    blocks = _blocks(tag, config)
    if isinstance(blocks, str):
        yield f"network '{tag.name}' is applied to all blocks alike: {blocks}"


def _scheduled(
    timeline: NetworkTimeline, shelf: NetworkShelf, find: FindNetwork, config: UNetConfig
) -> ScheduledNetwork | None:
    tag = timeline.tag
    path = None if tag.kind == HYPERNETWORK else find(tag.name)
    if path is None:
        return None
    blocks = _blocks(tag, config)
    return ScheduledNetwork(
        network=shelf.fitted(path),
        blocks=EVERYWHERE if isinstance(blocks, str) else blocks,
        te=timeline.te,
        unet=timeline.unet,
    )


def _blocks(tag: NetworkTag, config: UNetConfig) -> BlockWeights | str:
    written = tag.named.get(BLOCK_WEIGHTS)
    return EVERYWHERE if written is None else read_block_weights(written, config)
