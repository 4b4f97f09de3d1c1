"""Executes memory plans: brings the parts of a model to a device when they are used, and back.

The machine's memory keeps the weights all the time, mapped from the file where they can be. Leaving
a device copies nothing back: the parameter takes its own tensor again. Only what was changed on the
device (networks merged there) is copied.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Final, Protocol

import torch
from torch import Tensor, nn

from irodori.engine.cards import Arrived, Card
from irodori.engine.loading.checkpoint import LoadedModel
from irodori.engine.memory_plan import (
    GIB,
    NAMES,
    RESERVE,
    TILES,
    USES,
    Estimate,
    Formats,
    Part,
    Phase,
    Plan,
    Planned,
    Stay,
    fastest,
    plans_for,
    smaller,
)
from irodori.engine.model_sizes import ModelSizes
from irodori.engine.modules.attention import Attend, fused
from irodori.engine.modules.autoencoder import Autoencoder
from irodori.engine.modules.blocks import ContextKV
from irodori.engine.modules.layers import STORED, Conv2d, Linear
from irodori.engine.modules.unet import UNet
from irodori.engine.modules.walk import WHOLE, Walk
from irodori.engine.network import Walkable
from irodori.engine.vae_tiles import tile_for
from irodori.errors import UnknownNameError

_SHARE: Final = 0.95
"""Of what is free, so much is planned with: allocators round up."""


class Residence(Protocol):
    """Where the parts of one model are, phase by phase."""

    @property
    def plan(self) -> Plan:
        """What is in force."""
        ...

    @property
    def network(self) -> Walkable:
        """The UNet as it is to be called."""
        ...

    def prepare(self, picture: Planned) -> None:
        """Choose the plan for a job."""
        ...

    def begin(self, phase: Phase, autoencoder: Autoencoder | None = None) -> None:
        """Have what a phase computes with on the device.

        Args:
            phase: what is done next.
            autoencoder: the one in use, where it is not the model's own.
        """
        ...

    def shrink(self) -> bool:
        """Take the next smaller plan after the present one did not fit; False: there is none."""
        ...

    def leave(self) -> None:
        """Take everything off the device; `begin` brings it back."""
        ...


class AtHome:
    """The residence of a model on a CPU: all is where it is, only tiles can be made smaller.

    Args:
        model: the model.
    """

    def __init__(self, model: LoadedModel) -> None:
        self._model = model
        self._phase = Phase.TEXT
        self._plan = Plan(name="resident", formats=formats_of(model))

    @property
    def plan(self) -> Plan:
        """What is in force."""
        return self._plan

    @property
    def network(self) -> Walkable:
        """The UNet itself."""
        return self._model.unet

    def prepare(self, picture: Planned) -> None:
        """Choose tiles that fit into what is free."""
        tile = tile_for(self._model.autoencoder, picture.width, picture.height)
        self._plan = Plan(name="resident", formats=self._plan.formats, tile=tile)

    def begin(self, phase: Phase, autoencoder: Autoencoder | None = None) -> None:  # noqa: ARG002  # the protocol's
        """Remember what is done."""
        self._phase = phase

    def shrink(self) -> bool:
        """Take smaller tiles where the autoencoder ran out of memory."""
        if USES[self._phase] is not Part.AUTOENCODER:
            return False
        tile = self._plan.tile
        left = [side for side in TILES if tile == 0 or side < tile]
        if not left:
            return False
        self._plan = Plan(name="resident", formats=self._plan.formats, tile=left[0])
        return True

    def leave(self) -> None:
        """Do nothing: there is nowhere to go."""


class OnCard:
    """The residence of a model that computes on a card.

    Args:
        model: its weights in the machine's memory; its policy names the card.
        sizes: of the model.
        card: where it computes.
        vram: GiB of the card that may be used, the driver's share among them; None is all.
        wished: a plan's name, whatever is free; None is the fastest that fits.

    Raises:
        UnknownNameError: there is no plan of the wished name.
    """

    def __init__(
        self,
        model: LoadedModel,
        sizes: ModelSizes,
        card: Card,
        *,
        vram: float | None = None,
        wished: str | None = None,
    ) -> None:
        if wished is not None and wished not in NAMES:
            raise UnknownNameError("memory plan", wished, NAMES, see="irodori models plan")
        self._model = model
        self._sizes = sizes
        self._card = card
        self._limit = None if vram is None else int(vram * GIB) - RESERVE
        self._wished = wished
        self._phase = Phase.TEXT
        self._pixels = 0
        self._failed: dict[Plan, int] = {}  # plans by the number of pixels they failed with
        self._estimates: tuple[Estimate, ...] = ()
        self._plan = Plan(name="resident", formats=formats_of(model))
        self._guests: dict[nn.Module, _Guest] = {}
        self._network = _Moving(model.unet, self)

    @property
    def plan(self) -> Plan:
        """What is in force."""
        return self._plan

    @property
    def network(self) -> Walkable:
        """The UNet, which comes to the card when it is called, whole or block by block."""
        return self._network

    def prepare(self, picture: Planned) -> None:
        """Choose the fastest plan that fits into what is free, or the wished one."""
        self._pixels = picture.width * picture.height * picture.batch
        every = plans_for(self._sizes, self._plan.formats, picture)
        # What failed with no more pixels would fail again, and so would the plans before it.
        failed = [
            place
            for place, each in enumerate(every)
            if self._pixels >= self._failed.get(each.plan, self._pixels + 1)
        ]
        self._estimates = every[max(failed, default=-1) + 1 :] or every[-1:]
        wished = [each for each in self._estimates if each.plan.name == self._wished]
        self._plan = fastest(wished or self._estimates, self._budget()).plan

    def begin(self, phase: Phase, autoencoder: Autoencoder | None = None) -> None:
        """Take off what the plan does not hold in a phase, then bring what it does."""
        self._phase = phase
        wanted = [
            module
            for part in Part
            if self._plan.holds(part, phase)
            for module in self._modules(part, autoencoder)
        ]
        for module in [each for each in self._guests if each not in wanted]:
            self._guests.pop(module).go()
        for module in wanted:
            if module not in self._guests:
                guest = self._guests[module] = _Guest(module, self._card)
                try:
                    guest.come()
                except BaseException:
                    self._guests.pop(module).go()
                    raise

    def shrink(self) -> bool:
        """Take the next plan that takes less where the present one did not fit."""
        self._failed[self._plan] = min(self._pixels, self._failed.get(self._plan, self._pixels))
        found = smaller(self._estimates, self._plan, self._phase) if self._estimates else None
        if found is None:
            return False
        self.leave()
        self._plan = found.plan
        return True

    def leave(self) -> None:
        """Take everything off the card."""
        while self._guests:
            _, guest = self._guests.popitem()
            guest.go()
        self._card.forget()

    @contextmanager
    def calls(self, walk: Walk = WHOLE) -> Iterator["Lender | None"]:
        """Yield what lends blocks their weights during a call of the UNet; None: all is there."""
        self.begin(Phase.DENOISE)
        streamed = self._plan.unet is Stay.STREAMED
        yield Lender(self._model.unet, self._card, self._plan, walk) if streamed else None

    def _budget(self) -> int:
        """Return the bytes that a plan may take: what is free, and what this model has taken."""
        free = self._card.free()
        if free is None:
            return self._estimates[0].peak if self._limit is None else self._limit
        own = sum(guest.bytes for guest in self._guests.values())
        budget = int((free + own) * _SHARE)
        return budget if self._limit is None else min(budget, self._limit)

    def _modules(self, part: Part, autoencoder: Autoencoder | None) -> tuple[nn.Module, ...]:
        model = self._model
        match part:
            case Part.TEXT:
                return (model.text_l, model.text_g)
            case Part.UNET:
                return (model.unet,)
            case Part.AUTOENCODER:
                return (autoencoder or model.autoencoder,)


class _Guest:
    """A module on a card, with the tensors it has at home."""

    def __init__(self, module: nn.Module, card: Card) -> None:
        self._module = module
        self._card = card
        self._home: list[tuple[nn.Parameter, Tensor, Tensor]] = []

    @property
    def bytes(self) -> int:
        """What it takes of the card."""
        return sum(copy.numel() * copy.element_size() for _, _, copy in self._home)

    def come(self) -> None:
        """Copy those parameters to the card that are not there."""
        for parameter in self._module.parameters():
            own = parameter.data
            if not self._card.holds(own):
                parameter.data = self._card.put(own)
                self._home.append((parameter, own, parameter.data))

    def go(self) -> None:
        """Give all parameters their tensors at home again; changed ones are copied."""
        known = {id(parameter): (own, copy) for parameter, own, copy in self._home}
        self._home.clear()
        for parameter in self._module.parameters():
            own, copy = known.get(id(parameter), (None, None))
            if own is not None and copy is not None and _same(copy, parameter.data):
                parameter.data = own
            elif self._card.holds(parameter.data):
                parameter.data = self._card.home(parameter.data)


class _Moving:
    """A UNet that comes to the card when it is called; a `Walkable`."""

    def __init__(self, unet: UNet, residence: OnCard) -> None:
        self._unet = unet
        self._residence = residence

    def context_kv(self, context: Tensor) -> ContextKV:
        """Return the cross-attentions' keys and values of texts [R, L, context_dim]."""
        with self._residence.calls() as lender:
            if lender is None:
                return self._unet.context_kv(context)
            return self._unet.context_kv(context, lender.visit)

    def __call__(
        self,
        x: Tensor,
        t: Tensor,
        vector: Tensor,
        context: Tensor | ContextKV,
        attend: Attend = fused,
        walk: Walk = WHOLE,
    ) -> Tensor:
        """Return the prediction [R, 4, H/8, W/8] for x of that shape."""
        with self._residence.calls(walk) as lender:
            if lender is not None:
                walk = replace(walk, visit=lender.visit)
            found: Tensor = self._unet(x, t, vector, context, attend, walk)
            return found


class Lender:
    """Lends the modules of a UNet their weights on a card while they compute, for one call.

    One call only: between two calls networks may change the weights, and nothing fetched ahead may
    be older than that.
    """

    def __init__(self, unet: UNet, card: Card, plan: Plan, walk: Walk = WHOLE) -> None:
        self._card = card
        order = unet.in_order(walk)
        self._after = dict(pairwise(order)) if plan.prefetch else {}
        self._ahead: dict[nn.Module, Arrived] = {}

    @contextmanager
    def visit(self, module: nn.Module) -> Iterator[None]:
        """Lend a module its weights."""
        lent = self._ahead.pop(module, None) or self._fetched(module)
        following = self._after.get(module)
        if following is not None:
            self._ahead[following] = self._fetched(following)
        own = [(parameter, parameter.data) for parameter in module.parameters()]
        try:
            for (parameter, _), copy in zip(own, lent(), strict=True):
                parameter.data = copy
            yield
        finally:
            for parameter, data in own:
                parameter.data = data

    def _fetched(self, module: nn.Module) -> Arrived:
        return self._card.fetch([parameter.data for parameter in module.parameters()])


def formats_of(model: LoadedModel) -> Formats:
    """Return in which types a model's weights are held."""
    policy = model.policy
    large = next(each.weight for each in model.unet.modules() if isinstance(each, Linear))
    return Formats(
        unet=_name(large.dtype),
        small=_name(policy.storage),
        text=_name(policy.storage),
        autoencoder=_name(policy.autoencoder),
    )


def store_in_8_bits(unet: UNet) -> None:
    """Hold a UNet's linear layers and convolutions in float8_e4m3fn; norms and biases stay.

    Values beyond the type's range, 448, are cut off; three bits of mantissa are left of the others.
    """
    most = torch.finfo(STORED).max
    for module in unet.modules():
        if isinstance(module, Linear | Conv2d):
            module.weight.data = module.weight.data.clamp(-most, most).to(STORED)


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _same(one: Tensor, other: Tensor) -> bool:
    """Tell whether two tensors share their storage."""
    # Torch's only name of a storage that fits tensors without memory too.
    return bool(one.untyped_storage()._cdata == other.untyped_storage()._cdata)  # noqa: SLF001  # no public name
