"""What a picture or a pasted text says: the program, the prompts, the settings, the recipe.

Every reader is asked in the order in which its mark is surest. Foreign content never raises;
only a file that cannot be read, or asks too much, does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from irodori.errors import InputError, PictureFileError
from irodori.recipe.codec import Json, from_json, to_mapping
from irodori.recipe.embed import PARAMETERS, RECIPE
from irodori.recipe.foreign.comfyui import read_comfyui
from irodori.recipe.foreign.drawthings import read_drawthings, xmp_comment
from irodori.recipe.foreign.easydiffusion import read_easydiffusion
from irodori.recipe.foreign.fooocus import read_fooocus
from irodori.recipe.foreign.invokeai import read_invokeai
from irodori.recipe.foreign.novelai import read_novelai
from irodori.recipe.foreign.sheet import Sheet, mapping, plain
from irodori.recipe.foreign.stealth import read_stealth
from irodori.recipe.foreign.swarmui import read_swarmui
from irodori.recipe.infotext import Infotext, Source, parse, recipe_of, source_of
from irodori.recipe.picture import Metadata, read_metadata
from irodori.recipe.picture.limits import check_text_size, load_json
from irodori.recipe.recipe import Recipe

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
_TEXT_FILES: Final = frozenset({".json", ".txt"})
_JSON_READERS: Final = (read_swarmui, read_fooocus, read_drawthings, read_easydiffusion)


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureInfo:
    """What a picture or a text says.

    Args:
        source: the program that wrote it.
        prompt: as written.
        negative_prompt: as written.
        parameters: key and value as written, under A1111's keys where there is one.
        recipe: what draws it here, as near as it can be; None where too little is known.
        warnings: what was not read, guessed, or is drawn otherwise here.
    """

    source: Source
    prompt: str
    negative_prompt: str
    parameters: Mapping[str, str]
    recipe: Recipe | None
    warnings: tuple[str, ...]

    def to_mapping(self) -> dict[str, Json]:
        """Return what `irodori info --json` prints."""
        return {
            "source": self.source.value,
            "prompt": self.prompt,
            "negative_prompt": self.negative_prompt,
            "parameters": dict(self.parameters),
            "recipe": None if self.recipe is None else to_mapping(self.recipe),
            "warnings": list(self.warnings),
        }


def read_text(text: str) -> PictureInfo:
    """Return what a pasted text says: infotext, a recipe's JSON, or another program's JSON.

    Raises:
        PictureFileError: the text is too long, or JSON nested too deep.
    """
    check_text_size(len(text), "the text")
    stripped = text.strip()
    if stripped.startswith("{"):
        found = _from_json(stripped)
        if found is not None:
            return found
    return _of_infotext(parse(text))


def read_picture(source: Path | bytes, *, stealth: bool = True) -> PictureInfo:
    """Return what a picture file says.

    Args:
        source: a file, or its bytes.
        stealth: look into the pixels where nothing else is found.

    Raises:
        PictureFileError: see `read_metadata`.
    """
    metadata = read_metadata(source)
    try:
        found = _from_metadata(metadata)
    except PictureFileError as error:
        raise PictureFileError(
            f"{source}: {error}" if isinstance(source, Path) else error
        ) from error
    if found is None and stealth and metadata.format in ("png", "webp"):
        found = _from_stealth(source)
    if found is None:
        found = _nothing("the picture says nothing about how it was drawn")
    return replace(found, warnings=(*metadata.warnings, *found.warnings))


def read_source(path: Path) -> PictureInfo:
    """Return what a picture, a recipe's JSON file or a text file of infotext says.

    Raises:
        PictureFileError: the file cannot be read; see `read_picture`.
    """
    if path.suffix.lower() not in _TEXT_FILES:
        return read_picture(path)
    try:
        check_text_size(path.stat().st_size, str(path))
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PictureFileError(f"{path}: cannot be read: {error}") from error
    try:
        return read_text(text)
    except PictureFileError as error:
        raise PictureFileError(f"{path}: {error}") from error


def _from_metadata(metadata: Metadata) -> PictureInfo | None:
    texts = metadata.texts
    if RECIPE in texts:
        return _own(texts)
    size = _size(metadata)
    comment = metadata.exif.get("UserComment", "").strip()
    for text in (comment, texts.get(PARAMETERS, ""), metadata.comment):
        if text.strip():
            return _of_text(text, {**texts, **metadata.exif}, size)
    for read in (read_novelai, read_invokeai, read_easydiffusion, read_comfyui):
        sheet = read(texts)
        if sheet is not None:
            return _of_sheet(sheet, size)
    return _from_exif(metadata, size)


def _size(metadata: Metadata) -> Mapping[str, str]:
    """Return the picture's own size, for programs that do not write the size they drew at."""
    if not metadata.width:
        return _NOTHING
    return MappingProxyType({"Size": f"{metadata.width}x{metadata.height}"})


def _from_exif(metadata: Metadata, size: Mapping[str, str]) -> PictureInfo | None:
    """Read what stands in XMP, and ComfyUI's graphs in the EXIF of its WebPs."""
    text = xmp_comment(metadata.xmp)
    if text:
        return _of_text(text, metadata.exif, size)
    graphs = {}
    for value in metadata.exif.values():
        name, colon, rest = value.partition(":")
        if colon and name.casefold() in ("prompt", "workflow"):
            graphs[name.casefold()] = rest
    sheet = read_comfyui(graphs)
    return None if sheet is None else _of_sheet(sheet, size)


def _from_stealth(source: Path | bytes) -> PictureInfo | None:
    try:
        text = read_stealth(source)
    except PictureFileError as error:
        return _nothing(f"the pixels were searched for hidden text: {error}")
    return None if text is None else _of_text(text, {})


def _of_text(
    text: str, beside: Mapping[str, str], size: Mapping[str, str] = _NOTHING
) -> PictureInfo:
    """Return what the main text of a picture says; `beside` are its other texts."""
    if text.strip().startswith("{"):
        found = _from_json(text, size)
        if found is not None:
            return found
    found = _of_infotext(parse(text), size)
    if found.recipe is None and {"prompt", "workflow"} & beside.keys():
        sheet = read_comfyui(beside)
        if sheet is not None:
            return _of_sheet(sheet, size)
    return found


def _from_json(text: str, size: Mapping[str, str] = _NOTHING) -> PictureInfo | None:
    """Return what a JSON text says, or None where no program writes JSON like it."""
    try:
        data = load_json(text, "the text")
    except ValueError:
        return None
    values = mapping(data)
    if "noise" in values and "base" in values and "prompt" in values:
        return _own({RECIPE: text})
    sheet: Sheet | None
    for read in _JSON_READERS:
        sheet = read(values)
        if sheet is not None:
            return _of_sheet(sheet, size)
    texts = _as_texts(values)
    sheet = (
        read_novelai(texts)
        or _bare_novelai(values, text)
        or _bare_invokeai(values, text)
        or read_comfyui(texts)
        or read_comfyui({"prompt": text})
    )
    return None if sheet is None or not _says_something(sheet) else _of_sheet(sheet, size)


def _says_something(sheet: Sheet) -> bool:
    return bool(sheet.prompt or sheet.parameters)


def _bare_novelai(values: Mapping[str, Any], text: str) -> Sheet | None:
    """Read NovelAI's comment where it stands alone."""
    if "uc" in values and "sampler" in values and "scale" in values:
        return read_novelai({"Software": "NovelAI", "Comment": text})
    return None


def _bare_invokeai(values: Mapping[str, Any], text: str) -> Sheet | None:
    """Read InvokeAI's metadata where it stands alone."""
    if "positive_prompt" in values or "generation_mode" in values:
        return read_invokeai({"invokeai_metadata": text})
    if "model_weights" in values and "image" in values:
        return read_invokeai({"sd-metadata": text})
    return None


def _as_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return a JSON object's values as a picture's texts would hold them."""
    import json

    return {
        key: plain(value) or json.dumps(value) for key, value in values.items() if value is not None
    }


def _own(texts: Mapping[str, str]) -> PictureInfo:
    """Return what a picture of our own says: the recipe's JSON, and its infotext as written."""
    infotext = parse(texts.get(PARAMETERS, ""))
    try:
        recipe = from_json(texts[RECIPE])
    except InputError as error:
        told = replace(infotext, warnings=(*infotext.warnings, f"its recipe was not read: {error}"))
        return _of_infotext(told)
    return PictureInfo(
        source=Source.IRODORI,
        prompt=recipe.prompt,
        negative_prompt=recipe.negative_prompt,
        parameters=infotext.parameters,
        recipe=recipe,
        warnings=infotext.warnings,
    )


def _of_infotext(infotext: Infotext, size: Mapping[str, str] = _NOTHING) -> PictureInfo:
    recipe, warnings = recipe_of(infotext, implied=_unless_enlarged(size, infotext))
    return _info(source_of(infotext.parameters), infotext, recipe, warnings)


def _unless_enlarged(size: Mapping[str, str], infotext: Infotext) -> Mapping[str, str]:
    """Return the picture's size, unless a second pass made it larger than it was drawn."""
    return _NOTHING if any(key.startswith("Hires") for key in infotext.parameters) else size


def _of_sheet(sheet: Sheet, size: Mapping[str, str] = _NOTHING) -> PictureInfo:
    infotext = sheet.infotext()
    recipe, warnings = recipe_of(
        sheet.meaning(),
        implied={**sheet.implied, **_unless_enlarged(size, infotext)},
    )
    if sheet.networks:
        warnings = (
            *warnings,
            f"loaded outside the prompt, so added to the recipe's: {' '.join(sheet.networks)}",
        )
    return _info(sheet.source, infotext, recipe, warnings)


def _info(
    source: Source, infotext: Infotext, recipe: Recipe | None, warnings: tuple[str, ...]
) -> PictureInfo:
    return PictureInfo(
        source=source,
        prompt=infotext.prompt,
        negative_prompt=infotext.negative_prompt,
        parameters=infotext.parameters,
        recipe=recipe,
        warnings=(*infotext.warnings, *warnings),
    )


def _nothing(why: str) -> PictureInfo:
    return PictureInfo(
        source=Source.UNKNOWN,
        prompt="",
        negative_prompt="",
        parameters=MappingProxyType({}),
        recipe=None,
        warnings=(why,),
    )
