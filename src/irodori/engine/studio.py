"""What passes work with: a model ready to draw, and where a recipe's other files come from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from irodori.engine.approximate.of_model import NO_SPEED_UPS, ModelSpeedUps
from irodori.engine.detection import Detector
from irodori.engine.events import Previewed
from irodori.engine.image import Picture
from irodori.engine.loading.checkpoint import LoadedModel
from irodori.engine.lora.schedule import FindNetwork
from irodori.engine.lora.shelf import NetworkShelf
from irodori.engine.modules.autoencoder import Autoencoder
from irodori.engine.network import Walkable
from irodori.engine.prompting import Prompter
from irodori.engine.residence import Residence
from irodori.engine.samplers import Step
from irodori.engine.upscalers import Upscaler, find_resampler
from irodori.errors import InputError
from irodori.recipe.parts import FileIdentity
from irodori.recipe.passes import SourcePicture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Studio:
    """A model and what is kept between its pictures.

    Attributes:
        model: what draws.
        prompter: its encoded texts.
        networks: LoRAs and their kin, fitted to it.
        residence: where its parts are, phase by phase.
        speed_ups: what was done to it for speed.
    """

    model: LoadedModel
    prompter: Prompter
    networks: NetworkShelf
    residence: Residence
    speed_ups: ModelSpeedUps = NO_SPEED_UPS

    @property
    def network(self) -> Walkable:
        """The UNet as it is to be called."""
        return self.speed_ups.compiled or self.residence.network


def _no_model(file: FileIdentity) -> Studio:
    raise InputError(f"the recipe needs a second checkpoint, '{file.title}'; none can be opened")


def _no_autoencoder(file: FileIdentity) -> None:
    """Find nothing."""


def _is_ready(studio: Studio) -> None:
    """Do nothing: a model that is open can draw."""


def _no_picture(source: SourcePicture) -> Picture:
    raise InputError(f"the recipe begins with the picture '{source.name}'; it was not given")


def _no_preview(studio: Studio, step: Step) -> None:
    """Make none."""


def _no_detector(name: str) -> None:
    """Find nothing."""


def _no_network(name: str) -> None:
    """Find nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplies:
    """Where a recipe's other files come from: recipes name them, only the caller can find them.

    Attributes:
        open_model: a checkpoint ready to draw, for hires, refiner and detailers with their own.
            It may be asked for the same one again and decides what is kept in memory.
        open_picture: the picture or mask a recipe begins with.
        open_upscaler: an upscaler by name; by default those that need no model.
        open_detector: a detector by name; None where there is none, which is told with the picture
            and no error.
        ready: called before a model draws; brings it back where two do not fit into memory.
        open_autoencoder: an autoencoder in place of a checkpoint's own; None where there is none,
            which is told with the picture and no error.
        find_network: the file of a network by the name a prompt has for it; None where there is
            none, which is told with the picture and no error.

        preview: asked after every step of a model; what it gives is told. By default nothing.

    Those that open raise an `InputError` or `ModelFileError` where there is no such file.
    """

    open_model: Callable[[FileIdentity], Studio] = _no_model
    open_picture: Callable[[SourcePicture], Picture] = _no_picture
    open_upscaler: Callable[[str], Upscaler] = find_resampler
    open_detector: Callable[[str], Detector | None] = _no_detector
    ready: Callable[[Studio], None] = _is_ready
    open_autoencoder: Callable[[FileIdentity], Autoencoder | None] = _no_autoencoder
    find_network: FindNetwork = _no_network
    preview: Callable[[Studio, Step], Previewed | None] = _no_preview


NOTHING_ELSE: Final = Supplies()
"""For recipes that need their model only."""
