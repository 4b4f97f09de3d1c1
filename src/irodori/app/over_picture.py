"""Requests that begin with a picture: img2img, inpainting, and hires of a finished one.

A picture brings its own recipe along, from its metadata: what the person does not say is as the
picture was drawn (practice P19).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from irodori.app.config import Config
from irodori.app.generate import GenerateRequest
from irodori.app.given import Given, GivenPicture, given_picture
from irodori.app.models import choose_model
from irodori.app.outputs import known_id
from irodori.errors import InputError, PictureFileError, UnknownNameError
from irodori.recipe.codec import encode, to_mapping
from irodori.recipe.info import read_picture
from irodori.recipe.parts import Base
from irodori.recipe.passes import Img2Img
from irodori.recipe.recipe import Recipe
from irodori.recipe.resolve import overlay

KEPT: Final = (
    "prompt",
    "negative_prompt",
    "dialect",
    "emphasis",
    "empty_negative",
    "base",
    "model",
    "networks",
    "compat",
)
"""What a picture's recipe hands on; its later passes and its place in a batch it keeps."""

LARGEST: Final = 1536 * 1536 / (832 * 1216)
"""A picture up to this many times the model's own area is drawn at its size (practice P18)."""

BANDS: Final = (
    (0.1, 0.2, "refines"),
    (0.3, 0.5, "makes variations"),
    (0.65, 0.75, "keeps the composition only"),
)
"""What denoise does, by practice P19; what lies between, the linter remarks."""

_CELL: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRequest:
    """What a person asked to be done with a picture.

    Attributes:
        file: the picture.
        recipe: a partial recipe as the person said it; prompt and all else may be missing.
        mask: a mask's file, for inpainting.
        keeps_seed: draws with the picture's own seed; else as the recipe says, by default anew.
        model: a path or name; None is the one that drew the picture where it is there.
        preset: a way of working; None is none.
        count: how many pictures; picture i has the seed + i.
        out: the file to write; None is the next free name in the outputs folder.
        parent: id of the picture it is made from, or "".
    """

    file: Path
    recipe: Mapping[str, Any] = field(default_factory=dict)
    mask: Path | None = None
    keeps_seed: bool = False
    model: str | None = None
    preset: str | None = None
    count: int = 1
    out: Path | None = None
    parent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a picture says of itself, and who will draw.

    Attributes:
        layer: a partial recipe; empty where it says nothing.
        model: what to draw with; None is the model that comes with Irodori.
        notes: for people.
    """

    layer: Mapping[str, Any]
    model: str | None
    notes: tuple[str, ...]


def img2img_request(asked: PictureRequest, config: Config) -> GenerateRequest:
    """Return the request to draw over a picture; with a mask or room around it, under that only.

    The size is the picture's, for img2img a little cropped to a multiple of 8, and made smaller
    where the model does not draw so large; where only the masked part is drawn, it is the model's.

    Raises:
        InputError: no picture, or no prompt anywhere.
        ModelFileError: the model's file cannot be read.
    """
    picture = given_picture(asked.file)
    told = _told(asked, config)
    own = {"source": encode(picture.source)}
    pictures = [picture]
    layer = overlay({"img2img": own}, asked.recipe)
    inpaint = layer.get("inpaint")
    if asked.mask is not None:
        mask = given_picture(asked.mask)
        pictures.append(mask)
        layer = overlay({"inpaint": {"mask": encode(mask.source)}}, layer)
        inpaint = layer["inpaint"]
    only_masked = isinstance(inpaint, Mapping) and inpaint.get("area") == "Only masked"
    notes = told.notes
    if not only_masked and not _has_size(layer):
        wide = _extended(picture, inpaint)
        width, height = _drawn_size(*wide, told, config)
        if inpaint is not None and (width, height) == (_cut(wide[0]), _cut(wide[1])):
            width, height = _filled_up(wide[0]), _filled_up(wide[1])  # nothing is cut off
        layer = overlay({"base": {"width": width, "height": height}}, layer)
        layer = overlay({"img2img": {"resize_mode": "Crop and resize"}}, layer)
        if width < wide[0] or height < wide[1]:
            keeps = "" if inpaint is None else "; --only-masked keeps its size"
            drawn = f"the picture has {wide[0]}x{wide[1]}, drawn is {width}x{height}{keeps}"
            notes = (*notes, drawn)
    if inpaint is None:
        notes = (*notes, *_band(layer["img2img"].get("denoise", Img2Img().denoise)))
    return _request(asked, replace(told, notes=notes), layer, tuple(pictures), config)


def hires_request(asked: PictureRequest, config: Config) -> GenerateRequest:
    """Return the request for a second pass over a finished picture, whoever drew it.

    The picture itself is not drawn again: it is the start, at denoise 0, and the second pass goes
    on from its pixels, with its own seed where it tells one.

    Raises:
        InputError: no picture, or no prompt anywhere.
        ModelFileError: the model's file cannot be read.
    """
    picture = given_picture(asked.file)
    told = _told(asked, config)
    width, height = _cut(picture.width), _cut(picture.height)
    start = {
        "base": {"width": width, "height": height},
        # Upstream runs a step at denoise 0, also for its own pictures; here the picture must stay.
        "compat": {"flags": {"img2img_from_start": False}},
        "img2img": {
            "source": encode(picture.source),
            "denoise": 0.0,
            "resize_mode": "Crop and resize",
        },
        "hires": {},
    }
    return _request(asked, told, overlay(start, asked.recipe), (picture,), config)


def detail_request(asked: PictureRequest, config: Config) -> GenerateRequest:
    """Return the request to draw what detectors find in a finished picture anew.

    The picture itself is not drawn again; parts are drawn at the size the model draws at, unless
    the detailer says another.

    Raises:
        InputError: no picture, or no prompt anywhere.
        ModelFileError: the model's file cannot be read.
    """
    told = _told(asked, config)
    width, height = _usual_size(told, config)
    detailers = [
        {"width": width, "height": height, **each} for each in asked.recipe.get("detailers", ())
    ]
    request = hires_request(replace(asked, recipe={**asked.recipe, "detailers": detailers}), config)
    return replace(
        request,
        recipe={name: part for name, part in request.recipe.items() if name != "hires"},
    )


def _told(asked: PictureRequest, config: Config) -> _Told:
    """Return what a picture says of itself, as far as a new recipe takes it over."""
    recipe, notes = _recipe_of(asked.file)
    if recipe is None:
        return _Told(layer={}, model=asked.model, notes=notes)
    whole = to_mapping(recipe)
    layer: dict[str, Any] = {name: whole[name] for name in KEPT}
    base = layer["base"]
    layer["base"] = {name: base[name] for name in base if name not in ("width", "height")}
    noise = {"kind": recipe.noise.kind.value, "ensd": recipe.noise.ensd}
    if asked.keeps_seed:
        noise["seed"] = recipe.noise.seed
    layer["noise"] = noise
    model = asked.model
    if model is None and recipe.model.file.name:
        try:
            choose_model(recipe.model.file.name, config)
            model = recipe.model.file.name
        except UnknownNameError:
            notes = (*notes, f"it was drawn by '{recipe.model.file.title}', which is not here")
    return _Told(layer=layer, model=model, notes=notes)


def _recipe_of(file: Path) -> tuple[Recipe | None, tuple[str, ...]]:
    """Return the recipe in a picture; none is no error."""
    try:
        recipe = read_picture(file).recipe
    except (
        PictureFileError
    ):  # a format without metadata; whether it is a picture is asked elsewhere
        recipe = None
    if recipe is None:
        return None, (f"{file.name} does not say how it was drawn",)
    return recipe, ()


def _request(
    asked: PictureRequest,
    told: _Told,
    layer: Mapping[str, Any],
    pictures: tuple[GivenPicture, ...],
    config: Config,
) -> GenerateRequest:
    if "prompt" not in layer and "prompt" not in told.layer:
        raise InputError(f"{asked.file.name} does not say its prompt; give one")
    return GenerateRequest(
        recipe=layer,
        model=told.model,
        preset=asked.preset,
        count=asked.count,
        out=asked.out,
        parent=asked.parent or known_id(asked.file, config),
        told=told.layer,
        given=Given(pictures=pictures),
        notes=told.notes,
    )


def _band(denoise: float) -> tuple[str, ...]:
    """Return what so much denoise does, where practice knows."""
    return tuple(
        f"denoise {denoise:g} {does} (P19)" for low, high, does in BANDS if low <= denoise <= high
    )


def _has_size(layer: Mapping[str, Any]) -> bool:
    base = layer.get("base")
    return isinstance(base, Mapping) and "width" in base


def _extended(picture: GivenPicture, inpaint: object) -> tuple[int, int]:
    """Return a picture's size with the room that outpainting adds."""
    margins = inpaint.get("extend") if isinstance(inpaint, Mapping) else None
    left, top, right, bottom = margins or (0, 0, 0, 0)
    return picture.width + left + right, picture.height + top + bottom


def _drawn_size(width: int, height: int, told: _Told, config: Config) -> tuple[int, int]:
    """Return the size a picture is drawn at: its own, unless it is far beyond the model's."""
    usual = math.prod(_usual_size(told, config))
    factor = min(1.0, math.sqrt(usual * LARGEST / (width * height)))
    return _cut(int(width * factor)), _cut(int(height * factor))


def _usual_size(told: _Told, config: Config) -> tuple[int, int]:
    """Return the size that a model draws at, as its card says."""
    defaults = choose_model(told.model, config).defaults().get("base")
    own = defaults if isinstance(defaults, Mapping) else {}
    usual = Base()
    return own.get("width", usual.width), own.get("height", usual.height)


def _filled_up(side: int) -> int:
    """Return the multiple of 8 above, at least two cells."""
    return max(-(-side // _CELL) * _CELL, 2 * _CELL)


def _cut(side: int) -> int:
    """Return the multiple of 8 below, at least two cells."""
    return max(side // _CELL * _CELL, 2 * _CELL)
