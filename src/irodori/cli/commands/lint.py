"""`irodori lint`: what is wrong with a prompt, before it is drawn."""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from irodori import __version__
from irodori.errors import InputError

if TYPE_CHECKING:
    from irodori.app.linting import Linter
    from irodori.lint.checker import LintInput
    from irodori.lint.diagnostic import Diagnostic

EXIT_FINDINGS: Final = 1
_LOOK_AGAIN: Final = 0.3  # seconds between two looks at a watched file
_LONGEST_NAME: Final = 255


@click.command()
@click.argument("source", metavar="PROMPT|FILE|-")
@click.option("--negative", "-n", help="Negative prompt, in place of the file's.")
@click.option("--recipe", type=click.Path(path_type=Path), help="Settings: a picture or recipe.")
@click.option("--profile", help="The model's family; see: irodori lint --help.")
@click.option("--select", multiple=True, metavar="CODE", help="Run only these rules or families.")
@click.option("--ignore", multiple=True, metavar="CODE", help="Do not run these.")
@click.option("--fix", "do_fix", is_flag=True, help="Apply safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply fixes that change what is drawn, too.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--sarif", is_flag=True, help="Print the findings as SARIF 2.1.0.")
@click.option("--watch", is_flag=True, help="Check a file again whenever it changes.")
def command(**given: Any) -> None:  # click has typed them
    """Check a prompt: PROMPT itself, a text file, a picture with metadata, or - (standard input).

    Profiles: illustrious-0.1 (default), illustrious-1.x, noobai, noobai-vpred, sumire. Thresholds
    and rules are set in irodori.toml; a comment in the prompt switches a rule off:
    # irodori: ignore CODE.

    With --fix the fixed prompt is written back into a text file, and printed for anything else.

    Exit codes: 0 nothing but hints, 1 errors or warnings are left, 2 the input was refused.
    """
    if given["watch"] and as_path(given["source"]) is None:
        raise InputError("--watch needs a file")
    with _open(given) as linter:
        if given["watch"]:
            _watch(given, linter)
        elif _once(given, linter):
            sys.exit(EXIT_FINDINGS)


def _once(given: dict[str, Any], linter: "Linter") -> bool:
    """Check once and print; True if an error or a warning is left."""
    from irodori.app.config import load_config
    from irodori.app.linting import with_its_model

    source, path = read_argument(given["source"], given["negative"])
    if given["recipe"] is not None:
        source = _with_recipe(source, given["recipe"])
    if path is not None:
        source = with_its_model(source, load_config())
    findings = linter.check(source)
    if given["do_fix"] or given["unsafe_fixes"]:
        result = linter.fix(source, unsafe=given["unsafe_fixes"])
        _put_back(result.source, path, quiet=given["as_json"] or given["sarif"])
        source, findings = result.source, result.findings
    _print(findings, source, given)
    return any(found.severity.value != "hint" for found in findings)


def _open(given: dict[str, Any]) -> "Linter":
    from irodori.app.config import load_config
    from irodori.app.linting import open_linter, own_profile

    path = as_path(given["source"])
    drawn_by = own_profile(read_argument(given["source"], None)[0]) if path else None
    return open_linter(
        load_config(),
        path.parent if path else Path(),
        profile=given["profile"] or drawn_by,
        select=_split(given["select"]),
        ignore=_split(given["ignore"]),
    )


def _split(listed: tuple[str, ...]) -> list[str]:
    return [code for each in listed for code in each.replace(",", " ").split()]


def as_path(source: str) -> Path | None:
    """Return the file that an argument names; None for a prompt and for standard input.

    Raises:
        InputError: it looks like a file's name, and there is none.
    """
    from irodori.app.linting import PICTURE_FILES, PROMPT_FILES

    if source == "-" or "\n" in source or len(source) > _LONGEST_NAME:
        return None
    path = Path(source)
    if path.suffix.lower() not in PICTURE_FILES | PROMPT_FILES:
        return None
    if path.is_file():
        return path
    if "," in source or " " in source:
        return None
    raise InputError(f"there is no file '{source}'")


def read_argument(source: str, negative: str | None) -> "tuple[LintInput, Path | None]":
    """Return what an argument says, and its file if it names one.

    Args:
        source: a prompt, a file's name, or `-` for standard input.
        negative: a negative prompt in place of the one it has.

    Raises:
        InputError: there is no such file, or it says nothing.
    """
    from dataclasses import replace

    from irodori.app.linting import read_lint_file, read_lint_text
    from irodori.lint.checker import LintInput

    path = as_path(source)
    if path is not None:
        given = read_lint_file(path)
    elif source == "-":
        given = read_lint_text(sys.stdin.read())
    else:
        given = LintInput(prompt=source)
    return (given if negative is None else replace(given, negative_prompt=negative)), path


def _with_recipe(source: "LintInput", file: Path) -> "LintInput":
    """Return a prompt with the settings of a picture or recipe."""
    from dataclasses import replace

    from irodori.app.linting import read_lint_file

    recipe = read_lint_file(file).recipe
    if recipe is None:
        raise InputError(f"{file} holds no complete recipe")
    return replace(source, recipe=recipe, dialect=recipe.dialect)


def _put_back(source: "LintInput", path: Path | None, *, quiet: bool) -> None:
    """Write fixed prompts into the text file they are from, or print them."""
    from irodori.app.linting import as_text, write_back

    if not (path and write_back(path, source)) and not quiet:
        click.echo(as_text(source))


def _print(findings: "tuple[Diagnostic, ...]", source: "LintInput", given: dict[str, Any]) -> None:
    from irodori.lint.diagnostic import Field
    from irodori.lint.report import as_json, as_sarif

    if given["as_json"]:
        click.echo(json.dumps(as_json(findings), ensure_ascii=False, indent=2))
        return
    if given["sarif"]:
        texts = {Field.PROMPT: source.prompt, Field.NEGATIVE_PROMPT: source.negative_prompt}
        path = as_path(given["source"])
        uri = path.as_posix() if path else "prompt"
        log = as_sarif(findings, texts, version=__version__, uri=uri)
        click.echo(json.dumps(log, ensure_ascii=False, indent=2))
        return
    from irodori.cli.findings_view import findings_lines, summary

    fixing = given["do_fix"] or given["unsafe_fixes"]
    for line in findings_lines(findings, source):
        click.echo(line, err=fixing)
    click.secho(summary(findings), bold=True, err=fixing)


def _watch(given: dict[str, Any], linter: "Linter") -> None:
    """Check a file, and again whenever it changes, until it is gone or this is interrupted."""
    path = Path(given["source"])
    seen: tuple[int, int] | None = None
    while path.is_file():
        state = path.stat()
        if (state.st_mtime_ns, state.st_size) != seen:
            seen = (state.st_mtime_ns, state.st_size)
            click.clear()
            _once(given, linter)
        time.sleep(_LOOK_AGAIN)
