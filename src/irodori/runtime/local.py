"""Drawing in this process: one model, one job at a time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from irodori.engine.events import Event, ModelReady
from irodori.engine.image import Picture, read_pixels
from irodori.engine.listener import Listener
from irodori.engine.pipeline import Drawn, draw, open_studio
from irodori.engine.shelf import ModelShelf
from irodori.engine.studio import Studio, Supplies
from irodori.engine.threads import use_threads
from irodori.recipe.parts import FileIdentity
from irodori.recipe.passes import SourcePicture
from irodori.recipe.recipe import Recipe
from irodori.runtime.finder import NOTHING_FOUND, Finder
from irodori.runtime.kept import KeptBases


class LocalExecutor:
    """Draws with one model file, loaded once.

    Args:
        path: a single-file SDXL checkpoint.
        device: `auto` or a device's name.
        threads: CPU threads; None leaves it to PyTorch.
        tell: hears of every event.
        finder: where pictures and further models are.

    Raises:
        ModelFileError: the file is no SDXL checkpoint, or damaged.
        InputError: the device is not there.
    """

    def __init__(
        self,
        path: Path,
        *,
        device: str,
        threads: int | None,
        tell: Callable[[Event], None],
        finder: Finder = NOTHING_FOUND,
    ) -> None:
        if threads is not None:
            use_threads(threads)
        self._tell = tell
        self._device = device
        self._finder = finder
        self._studio = self._opened(path)
        self._shelf = ModelShelf(self._studio)
        self._kept = KeptBases()

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
            ready=self._shelf.ready,
            find_network=self._finder.network,
        )

    def _model(self, file: FileIdentity) -> Studio:
        path = self._finder.model(file)
        return self._shelf.opened(
            str(path.resolve()), lambda: self._opened(path), path.stat().st_size
        )

    def _picture(self, source: SourcePicture) -> Picture:
        return read_pixels(self._finder.picture(source))

    def _opened(self, path: Path) -> Studio:
        begun = perf_counter()
        studio = open_studio(path, device=self._device, find_embeddings=self._finder.embeddings)
        unknown = studio.model.report.unknown
        notes = (f"{len(unknown)} tensors of the file are not used",) if unknown else ()
        self._tell(ModelReady(name=path.stem, seconds=perf_counter() - begun, notes=notes))
        return studio
