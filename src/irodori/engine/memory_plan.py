"""Where the parts of a model are while it draws, and what that takes: arithmetic, nothing else.

A plan says which parts stay on a device and which come only while they are used. `plans_for` lists
them from the fastest to the smallest with an estimate of every phase's peak. PyTorch is not loaded
here and no tensor is read: sizes come from `model_sizes`, that is, from a file's header.

Weights are counted. What computing takes beside them is the largest sum of tensors alive at once in
our own modules, times a margin for what libraries take (a convolution's workspace, fragments).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil
from typing import Final

from irodori.engine.model_sizes import Block, ModelSizes
from irodori.recipe.names import Dtype

GIB: Final = 1 << 30
RESERVE: Final = int(0.8 * GIB)
"""Of a whole card, this much is the driver's, the screen's and the fragments' (as in ComfyUI)."""

FP8: Final = "float8_e4m3fn"
"""Eight bits, three of them mantissa; weights are cast layer by layer as they are used."""

TILES: Final = (1024, 768, 512, 256)
"""Sides of the autoencoder's tiles, pixels."""

_CELL: Final = 8  # pixels of width or height that one latent stands for
_TOKENS: Final = 77
_GUIDANCE: Final = 2  # prompt and negative prompt run in one batch
_UNET_MARGIN: Final = 1.25
_DECODER_MARGIN: Final = 1.5  # at full resolution a convolution's workspace is largest
_FIXED: Final = 64 << 20  # a phase without large tensors: tokens, masks, latents
_RESIDUAL: Final = 3  # a residual block holds its input, that normed, and that after the SiLU
_TRANSFORMER: Final = 20  # widths of a token: picture, tokens, normed, and a gated perceptron's 17
_GROWN: Final = 3  # of what an upsampling gives: the picture grown, and what its convolution gives
_DECODER: Final = 3  # copies alive of the second finest level's channels, at full resolution
_ENCODER: Final = 4  # copies alive of the finest level's channels


class Part(StrEnum):
    """What moves as one."""

    TEXT = "text encoders"
    UNET = "UNet"
    AUTOENCODER = "autoencoder"


class Phase(StrEnum):
    """What is done at a time."""

    TEXT = "text"
    DENOISE = "denoise"
    DECODE = "decode"
    ENCODE = "encode"


class Stay(StrEnum):
    """When a part is on the device."""

    ALWAYS = "stays"
    IN_USE = "while used"
    STREAMED = "block by block"


USES: Final[dict[Phase, Part]] = {
    Phase.TEXT: Part.TEXT,
    Phase.DENOISE: Part.UNET,
    Phase.DECODE: Part.AUTOENCODER,
    Phase.ENCODE: Part.AUTOENCODER,
}
"""Which part a phase computes with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """In which types the weights are held, by PyTorch's names.

    Attributes:
        unet: of its linear layers and convolutions; `float8_e4m3fn` is cast layer by layer.
        small: of the UNet's norms and biases, and of all that is computed in it.
        text: of the text encoders.
        autoencoder: of the autoencoder, and of what is computed in it.
    """

    unet: str = "float16"
    small: str = "float16"
    text: str = "float16"
    autoencoder: str = "bfloat16"

    @property
    def is_fp8(self) -> bool:
        """Whether weights are held in fewer bits than is computed in."""
        return self.unet == FP8


IN_FULL: Final = Formats(unet="float32", small="float32", text="float32", autoencoder="float32")
"""Of models too small to be bound by memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryWishes:
    """How a person wants memory to be used.

    Attributes:
        dtype: the arithmetic.
        vram: GiB of the card that may be used, the driver's share among them; None is all.
        plan: a memory plan's name; None is the fastest that fits.
        fp8: the UNet's weights are held in eight bits: half the memory, another picture.
        int8: its linear layers multiply in 8-bit integers, on a CPU: faster, another picture.
        compiled: it is compiled by torch.compile.
        others: GiB of the machine's memory that the checkpoints of later passes may take together;
            None is as much as is free.
    """

    dtype: Dtype = Dtype.AUTO
    vram: float | None = None
    plan: str | None = None
    fp8: bool = False
    int8: bool = False
    compiled: bool = False
    others: float | None = None

    @property
    def others_bytes(self) -> int | None:
        """`others` in bytes."""
        return None if self.others is None else int(self.others * GIB)


NO_WISHES: Final = MemoryWishes()
"""The fastest exact plan that fits into what is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The largest pictures of a job.

    Attributes:
        width: pixels.
        height: pixels.
        batch: pictures drawn at once; the autoencoder takes them one by one.
        chunks: of 75 tokens, of the longest prompt.
    """

    width: int
    height: int
    batch: int = 1
    chunks: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Where parts are, and how large the autoencoder's tiles.

    Attributes:
        name: for people and the configuration.
        formats: of the weights.
        text: when the text encoders are on the device.
        unet: when the UNet is.
        autoencoder: when the autoencoder is.
        tile: side in pixels; 0 takes pictures whole.
        prefetch: a streamed block is fetched while the one before it computes.
    """

    name: str
    formats: Formats
    text: Stay = Stay.ALWAYS
    unet: Stay = Stay.ALWAYS
    autoencoder: Stay = Stay.ALWAYS
    tile: int = 0
    prefetch: bool = True

    @property
    def is_trivial(self) -> bool:
        """Whether everything stays and pictures are taken whole: nothing to tell."""
        return self.tile == 0 and {self.text, self.unet, self.autoencoder} == {Stay.ALWAYS}

    def stay(self, part: Part) -> Stay:
        """Return when a part is on the device."""
        stays = {Part.TEXT: self.text, Part.UNET: self.unet, Part.AUTOENCODER: self.autoencoder}
        return stays[part]

    def holds(self, part: Part, phase: Phase) -> bool:
        """Tell whether the whole of a part is on the device during a phase."""
        stay = self.stay(part)
        return stay is Stay.ALWAYS or (stay is Stay.IN_USE and USES[phase] is part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a plan takes.

    Attributes:
        plan: the plan.
        peaks: bytes at the worst moment of each phase: weights and what is computed.
    """

    plan: Plan
    peaks: tuple[tuple[Phase, int], ...]

    @property
    def peak(self) -> int:
        """Bytes at the worst moment of all."""
        return max(peak for _, peak in self.peaks)

    def of(self, phase: Phase) -> int:
        """Return the bytes of one phase's worst moment."""
        return dict(self.peaks)[phase]


def plans_for(sizes: ModelSizes, formats: Formats, picture: Planned) -> tuple[Estimate, ...]:
    """Return all plans for a picture with their estimates, from the fastest to the smallest.

    Tiles that are no smaller than the picture are left out.

    Args:
        sizes: of the model.
        formats: of its weights.
        picture: the largest one.
    """
    side = max(picture.width, picture.height)
    tiles = tuple(tile for tile in TILES if tile < side)
    return tuple(_estimated(plan, sizes, picture) for plan in _ladder(formats, tiles))


def fastest(estimates: Sequence[Estimate], budget: int) -> Estimate:
    """Return the first plan that fits into so many bytes, or the one that takes the least."""
    fitting = (each for each in estimates if each.peak <= budget)
    return next(fitting, None) or min(estimates, key=lambda each: each.peak)


def smaller(
    estimates: Sequence[Estimate], than: Plan, phase: Phase | None = None
) -> Estimate | None:
    """Return the next plan after one that takes less, or None where none is left.

    Args:
        estimates: all plans, in order.
        than: the plan that did not fit; one of them.
        phase: where it did not fit; None takes the worst of all phases.
    """

    def taken(each: Estimate) -> int:
        return each.peak if phase is None else each.of(phase)

    names = [each.plan for each in estimates]
    at = names.index(than)
    return next((each for each in estimates[at + 1 :] if taken(each) < taken(estimates[at])), None)


_LEVELS: Final = (
    ("resident", Stay.ALWAYS, Stay.ALWAYS, Stay.ALWAYS),
    ("text-after-use", Stay.IN_USE, Stay.ALWAYS, Stay.ALWAYS),
    ("in-turns", Stay.IN_USE, Stay.IN_USE, Stay.IN_USE),
    ("streamed", Stay.IN_USE, Stay.STREAMED, Stay.IN_USE),
)
"""Names, and when text encoders, UNet and autoencoder are there; each level slower than before.

Tiles cost a part of one decoding, a move of the UNet to the device and back as much or more for
every picture: so within a level all tiles are tried before the next level.
"""
NAMES: Final = tuple(name for name, *_ in _LEVELS)
"""The plans by name; their tiles are chosen by what is free."""


def _ladder(formats: Formats, tiles: Sequence[int]) -> Iterator[Plan]:
    for name, text, unet, autoencoder in _LEVELS:
        # Nothing is won by tiles while text encoders lie about that nobody needs.
        sides = (0,) if name == NAMES[0] else (0, *tiles)
        for tile in sides:
            yield Plan(
                name=name, formats=formats, text=text, unet=unet, autoencoder=autoencoder, tile=tile
            )
    # The very last: nothing is fetched ahead.
    last = tiles[-1] if tiles else 0
    name, text, unet, autoencoder = _LEVELS[-1]
    yield Plan(
        name=name,
        formats=formats,
        text=text,
        unet=unet,
        autoencoder=autoencoder,
        tile=last,
        prefetch=False,
    )


def _estimated(plan: Plan, sizes: ModelSizes, picture: Planned) -> Estimate:
    working = {
        Phase.TEXT: _FIXED,
        Phase.DENOISE: denoise_bytes(sizes, plan.formats, picture),
        Phase.DECODE: decode_bytes(sizes, plan.formats, picture, plan.tile),
        Phase.ENCODE: encode_bytes(sizes, plan.formats, picture, plan.tile),
    }
    return Estimate(
        plan=plan,
        peaks=tuple((phase, _held(plan, sizes, phase) + size) for phase, size in working.items()),
    )


def _held(plan: Plan, sizes: ModelSizes, phase: Phase) -> int:
    """Return the bytes of weights on the device during a phase."""
    whole = sum(part_bytes(sizes, plan.formats, part) for part in Part if plan.holds(part, phase))
    if plan.stay(USES[phase]) is not Stay.STREAMED:
        return whole
    each = [block_bytes(block, plan.formats) for block in sizes.blocks]
    ahead = each[1:] + each[:1]
    at_once = [a + b for a, b in zip(each, ahead, strict=True)] if plan.prefetch else each
    return whole + max(at_once)


def part_bytes(sizes: ModelSizes, formats: Formats, part: Part) -> int:
    """Return the bytes of a part's weights."""
    match part:
        case Part.TEXT:
            return sizes.text * bytes_of(formats.text)
        case Part.UNET:
            return sum(block_bytes(block, formats) for block in sizes.blocks)
        case Part.AUTOENCODER:
            return sizes.autoencoder * bytes_of(formats.autoencoder)


def block_bytes(block: Block, formats: Formats) -> int:
    """Return the bytes of a block's weights."""
    return block.large * bytes_of(formats.unet) + block.small * bytes_of(formats.small)


def denoise_bytes(sizes: ModelSizes, formats: Formats, picture: Planned) -> int:
    """Return what a call of the UNet takes beside its weights: the worst block's, with margin.

    On the way down every block leaves its output for the way up; a residual block then holds its
    input three times over, a transformer a token's width twenty times. Keys and values of the text
    lie beside it all the time.
    """
    rows = _GUIDANCE * picture.batch
    cells = ceil(picture.width / _CELL) * ceil(picture.height / _CELL)
    left: list[float] = []
    worst = 0.0
    for block in sizes.blocks:
        if block.takes_skip:
            left.pop()
        worst = max(worst, sum(left) + _inside(block))
        if block.leaves_skip:
            left.append(block.channels_out * 0.25**block.level_out)
    text = sizes.text_values * _TOKENS * picture.chunks
    cast = max(block.largest for block in sizes.blocks) if formats.is_fp8 else 0
    numbers = rows * (cells * worst * _UNET_MARGIN + text) + cast
    return _FIXED + int(numbers * bytes_of(formats.small))


def _inside(block: Block) -> float:
    """Return the numbers alive within a block, for one latent cell of the whole picture."""
    inside = _RESIDUAL * block.channels_in + block.channels_out
    if block.has_transformer:
        inside = max(inside, _TRANSFORMER * block.channels_out)
    grown = _GROWN * block.channels_out if block.level_out < block.level else 0
    return max(inside * 0.25**block.level, grown * 0.25**block.level_out)


def decode_bytes(sizes: ModelSizes, formats: Formats, picture: Planned, tile: int) -> int:
    """Return what decoding one picture takes beside the weights, with margin.

    The most is needed at full resolution, where the second finest level's channels come in.
    """
    return _pixels_bytes(_DECODER * sizes.decoder[1], formats, picture, tile)


def encode_bytes(sizes: ModelSizes, formats: Formats, picture: Planned, tile: int) -> int:
    """Return what encoding one picture takes beside the weights, with margin."""
    return _pixels_bytes(_ENCODER * sizes.decoder[0], formats, picture, tile)


def _pixels_bytes(channels: int, formats: Formats, picture: Planned, tile: int) -> int:
    width, height = picture.width, picture.height
    if tile:
        width, height = min(width, tile), min(height, tile)
    numbers = width * height * channels * _DECODER_MARGIN
    return _FIXED + int(numbers * bytes_of(formats.autoencoder))


def bytes_of(dtype: str) -> int:
    """Return the bytes of one number of a type, by PyTorch's name: `bfloat16`, `float8_e4m3fn`."""
    digits = dtype.removeprefix("b").removeprefix("float").split("_")[0]
    return int(digits) // 8


def with_fp8(formats: Formats) -> Formats:
    """Return formats whose UNet is held in eight bits."""
    return replace(formats, unet=FP8)
