"""The closed sets of names that a recipe uses; values are spelt as A1111's infotext spells them."""

from enum import StrEnum

from irodori.prompt.emphasis import EmphasisMode

Emphasis = EmphasisMode
"""How `(tag:1.2)` acts on the encoded text (compat 2.8); the prompt language defines it."""


class EmptyNegative(StrEnum):
    """What an empty negative prompt becomes: zeros as in A1111, encoded as in ComfyUI."""

    ZEROS = "zeros"
    ENCODED = "encoded"


class NoiseKind(StrEnum):
    """Where random numbers come from.

    `cpu` is torch's CPU generator, `nv` Philox as CUDA draws it, `device` the device's own
    generator (A1111's "GPU": differs between devices).
    """

    CPU = "cpu"
    NV = "nv"
    DEVICE = "device"


class Prediction(StrEnum):
    """What the network predicts; `file` believes the checkpoint."""

    FILE = "file"
    EPS = "eps"
    V = "v"


class Dtype(StrEnum):
    """The arithmetic a model is computed in, by PyTorch's names; `auto` is what suits."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


class NoiseSchedule(StrEnum):
    """The model's own noise levels; `Default` believes the checkpoint (compat 6)."""

    DEFAULT = "Default"
    ZERO_TERMINAL_SNR = "Zero Terminal SNR"


class PadConds(StrEnum):
    """How prompt and negative of unequal length meet (compat 2.7)."""

    OFF = ""
    EMPTY_CHUNKS = "True"
    REPEAT_LAST = "v0"


class NetworkKind(StrEnum):
    """The kinds of small files that change a model or add a word."""

    LORA = "lora"
    LYCORIS = "lyco"
    HYPERNETWORK = "hypernet"
    EMBEDDING = "embedding"


class RefinerRule(StrEnum):
    """What the refiner's switch point counts: steps (Forge), noise level (A1111 from 1.8)."""

    STEPS = "steps"
    SIGMA = "sigma"


class RefinerScope(StrEnum):
    """In which pass the refiner takes over when there are two."""

    FIRST = "first pass"
    SECOND = "second pass"
    BOTH = "both passes"


class ResizeMode(StrEnum):
    """How the starting picture of img2img meets the asked size (compat 7.5)."""

    STRETCH = "Just resize"
    CROP = "Crop and resize"
    FILL = "Resize and fill"
    LATENT = "Just resize (latent upscale)"


class MaskedContent(StrEnum):
    """What stands under the mask before drawing (compat 7.6)."""

    FILL = "fill"
    ORIGINAL = "original"
    LATENT_NOISE = "latent noise"
    LATENT_NOTHING = "latent nothing"


class InpaintArea(StrEnum):
    """Whether the whole picture or only the masked part is drawn."""

    WHOLE = "Whole picture"
    MASKED = "Only masked"


class MaskMerge(StrEnum):
    """What a detailer does with several masks (compat 8.2)."""

    NONE = "None"
    MERGE = "Merge"
    MERGE_INVERT = "Merge and Invert"


class TopK(StrEnum):
    """By what a detailer ranks what it found (compat 8.2)."""

    AREA = "Area"
    CONFIDENCE = "Confidence"
