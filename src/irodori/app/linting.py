"""The linter with this machine's vocabulary and this project's settings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from irodori.app.config import Config, find_project_file, read_project_lint
from irodori.app.vocabulary import open_tags
from irodori.errors import InputError, IrodoriError, OutputError
from irodori.lint.checker import LintInput, check
from irodori.lint.diagnostic import Diagnostic
from irodori.lint.fix import FixResult, fix
from irodori.lint.registry import FAMILIES, find_rule
from irodori.lint.settings import ALL, Settings, read_settings
from irodori.prompt.tokenizer import Tokenizer, load_tokenizer
from irodori.tags import Vocabulary
from irodori.tags.profile import DEFAULT_PROFILE, Profile, load_profile, profile_names

if TYPE_CHECKING:
    from irodori.recipe.info import PictureInfo

PROMPT_FILES: Final = frozenset({".txt", ".prompt", ".json"})
PICTURE_FILES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".avif"})
_NEGATIVE: Final = "\nNegative prompt:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linter:
    """What checks prompts: open once, use often, close (or use it in a `with`).

    Attributes:
        vocabulary: the tag data.
        settings: thresholds and which rules run.
        profile: of the model's family.
        tokenizer: CLIP's.
    """

    vocabulary: Vocabulary
    settings: Settings
    profile: Profile
    tokenizer: Tokenizer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the vocabulary's file back."""
        self.vocabulary.close()

    def check(self, source: LintInput) -> tuple[Diagnostic, ...]:
        """Return the findings, the gravest first."""
        return check(
            source,
            self.vocabulary,
            settings=self.settings,
            profile=self.profile,
            tokenizer=self.tokenizer,
        )

    def fix(self, source: LintInput, *, unsafe: bool = False) -> FixResult:
        """Return the prompts with every fix applied that may be; see `irodori.lint.fix`."""
        return fix(source, self.check, unsafe=unsafe)


def open_linter(
    config: Config,
    folder: Path,
    *,
    profile: str | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> Linter:
    """Return the linter as a project wants it.

    Thresholds are the practice's, then the profile's, then those of the project's `irodori.toml`.

    Args:
        config: of this machine.
        folder: whose project file counts, or the nearest above it.
        profile: the model's family; None takes the project's, or the first.
        select: codes, families or names of rules to run; empty leaves it to the project.
        ignore: the same not to run, besides the project's.

    Raises:
        InputError: a setting, profile or rule is not known, or the project's file cannot be read.
    """
    for wanted in (*select, *ignore):
        _check_name(wanted)
    file = find_project_file(folder)
    table = dict(read_project_lint(file)) if file else {}
    named = profile or table.pop("profile", DEFAULT_PROFILE)
    if not isinstance(named, str):
        raise InputError(f"{file}: profile must be a text, not {named!r}")
    table.pop("profile", None)
    family = load_profile(named)
    base = read_settings(
        {"rat": {"ceiling": config.rating_ceiling.value}}, read_settings(family.layer)
    )
    settings = read_settings(table, base, where=f"[lint] of {file}")
    for wanted in (*settings.select, *settings.ignore):
        _check_name(wanted)
    if select:
        settings = read_settings({"select": list(select)}, settings)
    if ignore:
        settings = read_settings({"ignore": [*settings.ignore, *ignore]}, settings)
    return Linter(
        vocabulary=open_tags(config),
        settings=settings,
        profile=family,
        tokenizer=load_tokenizer(),
    )


def read_lint_text(text: str) -> LintInput:
    """Return what a text says: infotext, a recipe's JSON, or a prompt and its negative prompt.

    Raises:
        InputError: it is JSON that cannot be read.
    """
    stripped = text.strip()
    if stripped.startswith("{") or "\nSteps:" in f"\n{stripped}":
        from irodori.recipe.info import read_text

        return _of_info(read_text(text))
    prompt, _, negative = stripped.partition(_NEGATIVE)
    return LintInput(prompt=prompt.strip("\n"), negative_prompt=negative.strip())


def read_lint_file(path: Path) -> LintInput:
    """Return what a picture, a recipe's JSON or a text file says.

    Raises:
        InputError: the file cannot be read, or the picture says nothing.
    """
    if path.suffix.lower() in PROMPT_FILES:
        try:
            return read_lint_text(path.read_text("utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: cannot be read: {error}") from error
    from irodori.recipe.info import read_picture

    info = read_picture(path)
    if not info.prompt and not info.negative_prompt:
        raise InputError(f"{path}: {'; '.join(info.warnings) or 'it has no prompt'}")
    return _of_info(info)


def with_its_model(source: LintInput, config: Config) -> LintInput:
    """Return prompts with what the file of the model that drew the picture says, if it is here."""
    recipe = source.recipe
    if recipe is None or source.model is not None or not recipe.model.file.name:
        return source
    from irodori.app.library import Library
    from irodori.app.model_facts import model_facts
    from irodori.app.models import choose_model

    try:
        model = choose_model(recipe.model.file.name, config)
        return replace(source, model=model_facts(model, recipe, Library(config)))
    except IrodoriError:
        return source  # another machine's model; the rules do without


def own_profile(source: LintInput) -> str | None:
    """Return the profile of the model that drew a picture, where that model has one of its own."""
    name = source.recipe.model.file.name.casefold() if source.recipe else ""
    return name if name in profile_names() else None


def as_text(source: LintInput) -> str:
    """Return both prompts as one text, as `read_lint_text` reads them."""
    if not source.negative_prompt:
        return source.prompt
    return f"{source.prompt}{_NEGATIVE} {source.negative_prompt}"


def write_back(path: Path, source: LintInput) -> bool:
    """Write prompts into the file they are from, whole or not at all; True if that was done.

    A picture, and a text that holds settings too, is left alone.

    Raises:
        InputError: the file cannot be read.
        OutputError: it cannot be written.
    """
    if path.suffix.lower() not in PROMPT_FILES or read_lint_file(path).recipe is not None:
        return False
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(as_text(source) + "\n", encoding="utf-8")
        beside.chmod(path.stat().st_mode)
        beside.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return True


def _of_info(info: "PictureInfo") -> LintInput:
    if info.recipe is not None:
        return LintInput.of(info.recipe)
    return LintInput(prompt=info.prompt, negative_prompt=info.negative_prompt)


def _check_name(wanted: str) -> None:
    """Refuse the name of a rule or family that does not exist."""
    if wanted != ALL and wanted not in FAMILIES:
        find_rule(wanted)
