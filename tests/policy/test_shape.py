"""The shape of the code base: sizes, one error tree, commands with help, no traces of machines."""

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
from pathlib import Path

import pytest
import torch
from click import Command
from torch.nn import functional

import irodori
from irodori import errors
from irodori.cli.main import COMMANDS, LazyGroup, root

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "irodori"
SIZE_ALARM = 420
"""Lines a module may have before somebody must say why it is one subject (300 is the aim)."""
LONG_BY_NATURE: dict[str, str] = {
    # path: why it is one subject, or a table
    "recipe/sampler_table.py": "a table: one entry a sampler",
    "painter/frequency.py": "tables: how often each thing is painted",
}


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def test_modules_are_of_one_subject() -> None:
    lines = {str(p.relative_to(SOURCE)): len(p.read_text().splitlines()) for p in modules()}
    long = {name: n for name, n in lines.items() if n > SIZE_ALARM and name not in LONG_BY_NATURE}
    assert long == {}
    stale = [name for name in LONG_BY_NATURE if lines.get(name, 0) <= SIZE_ALARM]
    assert stale == []


def test_every_module_says_what_it_is() -> None:
    silent = [str(p) for p in modules() if not ast.get_docstring(ast.parse(p.read_text()))]
    assert silent == []


def test_error_tree_is_drawn_in_its_docstring() -> None:
    drawn = set(re.findall(r"\w+Error", errors.__doc__ or ""))
    defined = {
        name
        for name, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, errors.IrodoriError)
    }
    assert drawn == defined


def test_every_exception_hangs_on_the_tree() -> None:
    strays = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and path.name != "errors.py":
                bases = {ast.unparse(base) for base in node.bases}
                if bases & {"Exception", "ValueError", "RuntimeError", "KeyError", "TypeError"}:
                    strays.append(f"{path.name}:{node.name}")
    assert strays == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    assert isinstance(root, LazyGroup)
    with root.make_context("irodori", [name, "--help"], resilient_parsing=True) as context:
        command = root.get_command(context, name)
    assert isinstance(command, Command)
    assert command.help
    assert COMMANDS[name][1].endswith(".")


def test_importing_the_package_patches_nobody() -> None:
    holders = {
        "torch": torch,
        "torch.nn.functional": functional,
        "torch.nn.Module": torch.nn.Module,
    }
    before = {
        (where, name): value
        for where, holder in holders.items()
        for name, value in vars(holder).items()
        if callable(value)
    }
    for module in pkgutil.walk_packages(irodori.__path__, "irodori."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    assert [
        key for key, value in before.items() if vars(holders[key[0]])[key[1]] is not value
    ] == []


def test_nothing_speaks_of_the_machine_it_was_made_on() -> None:
    pattern = r"/wo[r]k/|[.][.]/shar[e]d|/[.]librar[y]|farm-ben[c]h"
    found = subprocess.run(
        ["git", "grep", "-nIE", pattern, "--", ".", ":!locks"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""
