"""Drawing in this process: one model, one job at a time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from irodori.engine.events import Event, ModelReady
from irodori.engine.image import Picture, read_pixels
from irodori.engine.kept_bases import KeptBases
from irodori.engine.listener import Listener
from irodori.engine.loading.autoencoder import load_autoencoder
from irodori.engine.loading.source import open_source
from irodori.engine.lora.network import Stamp, stamp_of
from irodori.engine.memory_plan import NO_WISHES, MemoryWishes
from irodori.engine.modules.autoencoder import Autoencoder
from irodori.engine.pipeline import Drawn, draw, open_studio
from irodori.engine.preview import Previewer
from irodori.engine.shelf import ModelShelf
from irodori.engine.studio import Studio, Supplies
from irodori.engine.threads import use_threads
from irodori.recipe.parts import FileIdentity
from irodori.recipe.passes import SourcePicture
from irodori.recipe.recipe import Recipe
from irodori.runtime.detectors import DetectorShelf
from irodori.runtime.finder import NOTHING_FOUND, Finder
from irodori.runtime.upscalers import UpscalerShelf


class LocalExecutor:
    """Draws with one model file, loaded once.

    Args:
        path: a single-file SDXL checkpoint.
        device: `auto` or a device's name.
        threads: CPU threads; None leaves it to PyTorch.
        tell: hears of every event.
        finder: where pictures and further models are.
        preview_every: tell a preview every so many steps; 0 tells none.
        wishes: how memory is used.

    Raises:
        ModelFileError: the file is no SDXL checkpoint, or damaged.
        InputError: the device is not there.
    """

    def __init__(  # noqa: PLR0913  # one process's whole composition, all by keyword
        self,
        path: Path,
        *,
        device: str,
        threads: int | None,
        tell: Callable[[Event], None],
        finder: Finder = NOTHING_FOUND,
        preview_every: int = 0,
        wishes: MemoryWishes = NO_WISHES,
    ) -> None:
        if threads is not None:
            use_threads(threads)
        self._tell = tell
        self._device = device
        self._finder = finder
        self._wishes = wishes
        self._studio = self._opened(path)
        self._shelf = ModelShelf(self._studio, budget=wishes.others_bytes)
        self._kept = KeptBases()
        self._detectors = DetectorShelf(finder.detector, device)
        self._upscalers = UpscalerShelf(finder.upscaler, device)
        self._previewer = Previewer(every=preview_every)
        self._opened_autoencoder: tuple[Stamp, Autoencoder] | None = None

    def draw(
        self, recipes: Sequence[Recipe], *, cancelled: Callable[[], bool] = lambda: False
    ) -> tuple[Drawn, ...]:
        """Return the pictures of one batch, in order; none when it was cancelled.

        Raises:
            RecipeError: the recipes ask for what this engine cannot do.
        """
        listener = Listener(tell=self._tell, cancelled=cancelled)
        begun = self._kept.canvas(recipes)
        drawn = draw(self._studio, recipes, listener, self._supplies(), begun)
        self._kept.keep(drawn)
        return drawn

    def _supplies(self) -> Supplies:
        return Supplies(
            open_model=self._model,
            open_picture=self._picture,
            open_upscaler=self._upscalers.open,
            open_detector=self._detectors.open,
            preview=self._previewer.preview,
            ready=self._shelf.ready,
            find_network=self._finder.network,
            open_autoencoder=self._autoencoder,
        )

    def _model(self, file: FileIdentity) -> Studio:
        path = self._finder.model(file)
        # What it takes is told by its numbers, not by its file, which may hold them in other types.
        policy = self._studio.model.policy
        size = open_source(path).header.elements * policy.storage.itemsize
        return self._shelf.opened(str(path.resolve()), lambda: self._opened(path), size)

    def _autoencoder(self, file: FileIdentity) -> Autoencoder | None:
        path = self._finder.autoencoder(file)
        if path is None:
            return None
        stamp = stamp_of(path)
        if self._opened_autoencoder is None or self._opened_autoencoder[0] != stamp:
            model = self._studio.model
            opened = load_autoencoder(
                path, model.policy.at_home, latent_channels=model.unet.config.latent_channels
            )
            self._opened_autoencoder = (stamp, opened)
        return self._opened_autoencoder[1]

    def _picture(self, source: SourcePicture) -> Picture:
        return read_pixels(self._finder.picture(source))

    def _opened(self, path: Path) -> Studio:
        begun = perf_counter()
        studio = open_studio(
            path,
            device=self._device,
            find_embeddings=self._finder.embeddings,
            wishes=self._wishes,
        )
        unknown = studio.model.report.unknown
        notes = (f"{len(unknown)} tensors of the file are not used",) if unknown else ()
        self._tell(ModelReady(name=path.stem, seconds=perf_counter() - begun, notes=notes))
        return studio
