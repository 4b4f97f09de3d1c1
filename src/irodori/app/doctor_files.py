"""The doctor's checks of files: models, networks, upscalers, detectors, pictures begun with."""

from collections.abc import Iterator
from typing import Final

from irodori.app.doctor_findings import Case, Effect, Finding
from irodori.app.shelf import Match
from irodori.prompt import networks
from irodori.recipe.names import NetworkKind
from irodori.recipe.parts import FileIdentity
from irodori.recipe.passes import Overrides, SourcePicture
from irodori.recipe.recipe import Recipe


def _model(case: Case) -> Iterator[Finding]:
    wanted = case.recipe.model.file
    if not wanted.name and not wanted.short_hash:
        yield Finding(
            code="model-not-stated",
            effect=Effect.DIFFERS,
            why="the picture does not say which model drew it",
            cure="name it: irodori redraw --model FILE",
        )
        return
    yield from _judged("model", wanted, case.place.shelf.checkpoint(wanted))


def _judged(what: str, wanted: FileIdentity, match: Match) -> Iterator[Finding]:
    """Judge a checkpoint that the recipe needs."""
    if match.path is None:
        yield Finding(
            code=f"{_code(what)}-missing",
            effect=Effect.CANNOT,
            why=f"the {what} '{wanted.title}' is not in the configured folders",
            cure="put it into a folder of `models`, or name another: irodori redraw --model FILE",
        )
    elif not wanted.short_hash:
        yield Finding(
            code=f"{_code(what)}-unsure",
            effect=Effect.NOTE,
            why=f"the picture has no hash of the {what} '{wanted.name}': only its name fits",
        )
    elif not match.is_sure:
        yield Finding(
            code=f"{_code(what)}-differs",
            effect=Effect.DIFFERS,
            why=f"'{match.path.name}' here is another {what}: hash {match.found_hash}, "
            f"the picture's is {wanted.short_hash}",
            cure="get the file with the picture's hash; model sites search by it",
        )


def _further_models(case: Case) -> Iterator[Finding]:
    recipe = case.recipe
    further = [("refiner", recipe.refiner.checkpoint)] if recipe.refiner else []
    further += [
        ("model of a later pass", own.checkpoint)
        for own in _overrides(recipe)
        if own.checkpoint is not None
    ]
    for what, wanted in further:
        yield from _judged(what, wanted, case.place.shelf.checkpoint(wanted))


def _autoencoders(case: Case) -> Iterator[Finding]:
    """Judge the autoencoders that stand in for the checkpoints' own."""
    library = case.place.shelf.library
    wanted = [case.recipe.model.vae]
    wanted += [own.vae for own in _overrides(case.recipe) if own.vae is not None]
    for vae in dict.fromkeys(each for each in wanted if each.name):
        path = library.autoencoder(vae.name)
        if path is None:
            yield Finding(
                code="vae-missing",
                effect=Effect.DIFFERS,
                why=f"the VAE '{vae.name}' is not in the configured folders: the checkpoint's own "
                "decodes, with other colours",
                cure="put it into a folder of `models`",
            )
            continue
        found = library.hashes.of(path).sha256
        if not found.startswith(vae.sha256 or vae.short_hash):
            yield Finding(
                code="vae-differs",
                effect=Effect.DIFFERS,
                why=f"'{path.name}' here is another VAE: hash {found[:10]}, "
                f"the picture's is {vae.short_hash}",
            )


def _networks(case: Case) -> Iterator[Finding]:
    recipe = case.recipe
    prompts = [recipe.prompt]
    prompts += [own.prompt for own in _overrides(recipe) if own.prompt is not None]
    names = dict.fromkeys(
        tag.name for prompt in prompts for tag in networks(prompt, dialect=recipe.dialect)
    )
    embeddings = [each.name for each in recipe.networks if each.kind is NetworkKind.EMBEDDING]
    for name in (*names, *embeddings):
        match = case.place.shelf.network(name, recipe.networks)
        stated = next((each for each in recipe.networks if each.name == name), None)
        what = "embedding" if name in embeddings else "LoRA"
        if match.path is None:
            yield Finding(
                code="network-missing",
                effect=Effect.DIFFERS,
                why=f"the {what} '{name}' is not in the configured folders: drawn without it",
                cure="put it into a folder of `models`",
            )
        elif match.damage:
            yield Finding(code="network-damaged", effect=Effect.CANNOT, why=match.damage)
        elif stated is None or not (stated.digest or stated.sha256):
            yield Finding(
                code="network-unsure",
                effect=Effect.NOTE,
                why=f"the picture has no hash of the {what} '{name}': only its name fits",
            )
        elif not match.is_sure:
            yield Finding(
                code="network-differs",
                effect=Effect.DIFFERS,
                why=f"'{match.path.name}' here is another {what}: hash {match.found_hash}, the "
                f"picture's is {stated.digest or stated.sha256}",
            )


def _upscalers(case: Case) -> Iterator[Finding]:
    recipe = case.recipe
    names = [recipe.hires.upscaler] if recipe.hires else []
    names += [recipe.upscale.upscaler] if recipe.upscale else []
    for name in dict.fromkeys(names):
        if not case.place.shelf.has_upscaler(name):
            yield Finding(
                code="upscaler-missing",
                effect=Effect.CANNOT,
                why=f"the upscaler '{name}' is not in the configured folders",
                cure="put it into a folder of `models`, or draw with another: irodori iterate "
                "PICTURE --same-seed --set hires.upscaler=Lanczos",
            )


def _detectors(case: Case) -> Iterator[Finding]:
    for name in dict.fromkeys(detailer.model for detailer in case.recipe.detailers):
        if case.place.shelf.library.detector(name) is None:
            yield Finding(
                code="detector-missing",
                effect=Effect.DIFFERS,
                why=f"the detector '{name}' is not in the configured folders",
                cure="put it into a folder of `models`",
            )


def _sources(case: Case) -> Iterator[Finding]:
    recipe = case.recipe
    wanted: list[tuple[str, SourcePicture]] = []
    if recipe.img2img is not None:
        wanted.append(("picture", recipe.img2img.source))
    if recipe.inpaint is not None:
        wanted.append(("mask", recipe.inpaint.mask))
    for what, source in wanted:
        if not case.place.has_source(source):
            yield Finding(
                code="source-missing",
                effect=Effect.CANNOT,
                why=f"the {what} '{source.name or 'without a name'}' that it begins with is not "
                "here",
                cure="put it beside the picture or into the outputs folder",
            )


def _overrides(recipe: Recipe) -> Iterator[Overrides]:
    if recipe.hires is not None:
        yield recipe.hires.own
    for detailer in recipe.detailers:
        yield detailer.own


def _code(what: str) -> str:
    return what.replace(" ", "-")


CHECKS: Final = (
    _model,
    _further_models,
    _autoencoders,
    _networks,
    _upscalers,
    _detectors,
    _sources,
)
