"""Drawing in this process: one model, one job at a time."""

from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter

from irodori.engine.events import Event, ModelReady
from irodori.engine.listener import Listener
from irodori.engine.pipeline import Drawn, draw, open_studio
from irodori.engine.threads import use_threads
from irodori.recipe.recipe import Recipe


class LocalExecutor:
    """Draws with one model file, loaded once.

    Args:
        path: a single-file SDXL checkpoint.
        device: `auto` or a device's name.
        threads: CPU threads; None leaves it to PyTorch.
        tell: hears of every event.

    Raises:
        ModelFileError: the file is no SDXL checkpoint, or damaged.
        InputError: the device is not there.
    """

    def __init__(
        self, path: Path, *, device: str, threads: int | None, tell: Callable[[Event], None]
    ) -> None:
        begun = perf_counter()
        if threads is not None:
            use_threads(threads)
        self._tell = tell
        self._studio = open_studio(path, device=device)
        unknown = self._studio.model.report.unknown
        notes = (f"{len(unknown)} tensors of the file are not used",) if unknown else ()
        tell(ModelReady(name=path.stem, seconds=perf_counter() - begun, notes=notes))

    def draw(
        self, recipes: Sequence[Recipe], *, cancelled: Callable[[], bool] = lambda: False
    ) -> tuple[Drawn, ...]:
        """Return the pictures of one batch, in order; none when it was cancelled.

        Raises:
            RecipeError: the recipes ask for what this engine cannot do.
        """
        return draw(self._studio, recipes, Listener(tell=self._tell, cancelled=cancelled))
