"""The local configuration: the only reader of the environment and of the configuration file.

The file is `config.toml` in the user's configuration folder, or the one IRODORI_CONFIG names:

    outputs = "~/Pictures/irodori"     # where pictures go
    picture-folder = "[kind]/[date]"   # and in which folder there; fields: app/output_names.py
    picture-name = "[number]-[seed]"   # and under which name
    picture-format = "png"             # png, jpg, webp, avif
    models = ["~/models"]              # folders searched for models of every kind, in this order;
                                       # or installations of A1111, Forge, ComfyUI
    cache = "~/.cache/irodori"         # what is known of models; may be deleted at any time
    wildcards = ["~/wildcards"]        # folders searched for __name__; unset: in the data folder
    device = "auto"                    # auto, cpu, cuda, rocm, mps; cuda:1 for the second card
    dtype = "auto"                     # auto, float32, bfloat16, float16: the arithmetic of models
    threads = 2                        # CPU threads; unset: as many as PyTorch takes
    vram = 8                           # GiB of the card that may be used; unset: what is free
    memory-plan = "streamed"           # resident, text-after-use, in-turns, streamed (see: irodori
                                       # models plan); unset: the fastest that fits
    fp8 = false                        # true: hold the UNet in 8 bits; half the memory, and
                                       # pictures that differ, which their metadata says
    models-memory = 16                 # GiB that the checkpoints of later passes may take together;
                                       # unset: what is free. The oldest is closed first
    approximate = ["block-cache=2"]    # speed-ups that change pictures, which their metadata says:
                                       # block-cache, token-merging, skip-late-cfg, int8, compile
    rating-ceiling = "sensitive"       # general, sensitive, questionable, explicit

Only the owner of the machine raises the ceiling, here; no request does.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import platformdirs

from irodori.app.output_names import DEFAULT, FOLDER, NAME, Patterns
from irodori.errors import InputError, UnknownNameError
from irodori.policy import Rating
from irodori.recipe.names import Dtype

if TYPE_CHECKING:
    from irodori.recipe.parts import Approximation

DEVICES: Final = ("auto", "cpu", "cuda", "rocm", "mps")
KEYS: Final = (
    "outputs",
    "picture-folder",
    "picture-name",
    "picture-format",
    "models",
    "cache",
    "wildcards",
    "device",
    "dtype",
    "threads",
    "vram",
    "memory-plan",
    "fp8",
    "models-memory",
    "approximate",
    "rating-ceiling",
)
T = TypeVar("T")


def _cache_folder() -> Path:
    return platformdirs.user_cache_path("irodori")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What the owner of the machine has set.

    Attributes:
        outputs: the folder every picture goes to; nothing outside it is ever written unasked.
        patterns: folders and names of pictures there.
        models: folders searched for models of every kind, in this order; or installations of
            A1111, Forge and ComfyUI.
        cache: the folder for what is known of models; may be deleted at any time.
        wildcards: folders searched for `__name__` in prompts, in this order.
        device: `auto`, `cpu`, `cuda`, `rocm` or `mps`, with `:1` for the second card.
        dtype: the arithmetic of models; `auto` is what suits machine and model.
        threads: CPU threads of the engine; None leaves it to PyTorch.
        vram: GiB of the card that may be used, the driver's share among them; None is all that is
            free.
        memory_plan: the memory plan by name; None is the fastest that fits.
        fp8: the UNet's weights are held in eight bits.
        models_memory: GiB that the checkpoints of later passes may take together; None is what is
            free.
        approximate: speed-ups that change pictures, where a request does not say otherwise.
        rating_ceiling: prompts above it are refused.
    """

    outputs: Path
    patterns: Patterns = DEFAULT
    models: tuple[Path, ...] = ()
    cache: Path = field(default_factory=_cache_folder)
    wildcards: tuple[Path, ...] = ()
    device: str = "auto"
    dtype: Dtype = Dtype.AUTO
    threads: int | None = None
    vram: float | None = None
    memory_plan: str | None = None
    fp8: bool = False
    models_memory: float | None = None
    approximate: "tuple[Approximation, ...]" = ()
    rating_ceiling: Rating = Rating.SENSITIVE


def config_path(environment: Mapping[str, str]) -> Path:
    """Return where the configuration file is, or would be."""
    named = environment.get("IRODORI_CONFIG")
    if named:
        return Path(named).expanduser()
    return platformdirs.user_config_path("irodori") / "config.toml"


def default_config() -> Config:
    """Return the configuration of a machine without a configuration file."""
    return Config(
        outputs=Path("outputs"),
        wildcards=(platformdirs.user_data_path("irodori") / "wildcards",),
    )


def read_config(path: Path) -> Config:
    """Return the configuration in a file, or the default one when there is no file.

    Raises:
        InputError: the file is no TOML, or a key or a value in it is not known; says which.
    """
    default = default_config()
    try:
        with path.open("rb") as handle:
            table = tomllib.load(handle)
    except FileNotFoundError:
        return default
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"'{path}' is not valid TOML: {error}") from error
    for key in table:
        if key not in KEYS:
            raise UnknownNameError(f"key in {path}", key, KEYS)

    def value(key: str, read: Callable[[Path, object], T], otherwise: T) -> T:
        return read(path, table[key]) if key in table else otherwise

    return Config(
        outputs=value("outputs", partial(_folder, "outputs"), default.outputs),
        patterns=_patterns(path, table),
        models=value("models", partial(_folders, "models"), default.models),
        cache=value("cache", partial(_folder, "cache"), default.cache),
        wildcards=value("wildcards", partial(_folders, "wildcards"), default.wildcards),
        device=value("device", _device, default.device),
        dtype=value("dtype", _dtype, default.dtype),
        threads=value("threads", _threads, default.threads),
        vram=value("vram", partial(_gib, "vram"), default.vram),
        memory_plan=value("memory-plan", _memory_plan, default.memory_plan),
        fp8=value("fp8", _fp8, default.fp8),
        models_memory=value("models-memory", partial(_gib, "models-memory"), default.models_memory),
        approximate=value("approximate", _approximate, default.approximate),
        rating_ceiling=value("rating-ceiling", _ceiling, default.rating_ceiling),
    )


def load_config() -> Config:
    """Return the configuration of this machine and user."""
    return read_config(own_config_path())


def own_config_path() -> Path:
    """Return where this machine's and user's configuration is, or would be."""
    return config_path(os.environ)  # noqa: TID251  # this is the one home


PROJECT_FILE: Final = "irodori.toml"
"""A project's own settings: `[lint]`, see `irodori.lint.settings`."""


def find_project_file(folder: Path) -> Path | None:
    """Return the nearest `irodori.toml`, in a folder or above it."""
    start = folder.resolve()
    files = (each / PROJECT_FILE for each in (start, *start.parents))
    return next((file for file in files if file.is_file()), None)


def read_project_lint(path: Path) -> Mapping[str, object]:
    """Return what stands under `[lint]` in a project's file; nothing if the table is missing.

    Raises:
        InputError: the file cannot be read, or is no TOML.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read '{path}': {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"'{path}' is not valid TOML: {error}") from error
    lint = table.get("lint", {})
    if not isinstance(lint, dict):
        raise InputError(f"{path}: lint must be a table, not {lint!r}")
    return lint


def _wrong(path: Path, key: str, wanted: str, value: object) -> InputError:
    return InputError(f"{path}: {key} must be {wanted}, not {value!r}")


def _folder(key: str, path: Path, value: object) -> Path:
    if not isinstance(value, str) or not value:
        raise _wrong(path, key, "a folder's path", value)
    return Path(value).expanduser()


def _patterns(path: Path, table: Mapping[str, object]) -> Patterns:
    given = {}
    for key, otherwise in (
        ("picture-folder", FOLDER),
        ("picture-name", NAME),
        ("picture-format", "png"),
    ):
        value = table.get(key, otherwise)
        if not isinstance(value, str):
            raise _wrong(path, key, "a text", value)
        given[key.removeprefix("picture-")] = value
    suffix = "." + given["format"].lstrip(".").lower()
    return Patterns(folder=given["folder"], name=given["name"], suffix=suffix)


def _folders(key: str, path: Path, value: object) -> tuple[Path, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(path, key, "a list of folders", value)
    return tuple(Path(item).expanduser() for item in value)


def _device(path: Path, value: object) -> str:
    kind, _, number = str(value).partition(":")
    numbered = number.isdecimal() and kind in {"cuda", "rocm"}
    if kind not in DEVICES or (str(value) != kind and not numbered):
        raise _wrong(path, "device", f"one of {', '.join(DEVICES)}, or cuda:1", value)
    return str(value)


def _dtype(path: Path, value: object) -> Dtype:
    if value not in tuple(Dtype):
        raise _wrong(path, "dtype", f"one of {', '.join(Dtype)}", value)
    return Dtype(str(value))


def _threads(path: Path, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1024:
        raise _wrong(path, "threads", "a number from 1 to 1024", value)
    return value


def _gib(key: str, path: Path, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 1024:
        raise _wrong(path, key, "GiB, a number from 1 to 1024", value)
    return float(value)


def _memory_plan(path: Path, value: object) -> str:
    from irodori.runtime.plans import NAMES

    if value not in NAMES:
        raise _wrong(path, "memory-plan", f"one of {', '.join(NAMES)}", value)
    return str(value)


def _fp8(path: Path, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(path, "fp8", "true or false", value)
    return value


def _approximate(path: Path, value: object) -> "tuple[Approximation, ...]":
    from irodori.recipe.approximations import read_approximation

    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(path, "approximate", 'a list such as ["block-cache=2"]', value)
    try:
        return tuple(read_approximation(item) for item in value)
    except InputError as error:
        raise InputError(f"{path}: approximate: {error}") from error


def _ceiling(path: Path, value: object) -> Rating:
    if value not in tuple(Rating):
        raise _wrong(path, "rating-ceiling", f"one of {', '.join(Rating)}", value)
    return Rating(str(value))
