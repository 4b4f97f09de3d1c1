"""The examples on the linter's page do what they show, and its figures are those of today."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from irodori.cli.main import root
from irodori.lint import Settings, read_settings
from irodori.lint.registry import FAMILIES, all_rules

PAGE = (Path(__file__).parents[2] / "docs" / "linter.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> list[str]:
    return [found[2] for found in BLOCK.finditer(PAGE) if found[1] == kind]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IRODORI_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path.parent / "data"))


def test_the_command_prints_what_is_shown() -> None:
    (example,) = blocks("console")
    line, _, shown = example.partition("\n")
    _, *arguments = shlex.split(line.removeprefix("$ "))
    result = CliRunner().invoke(root, arguments)
    assert result.exit_code == 1
    assert result.output == shown


def test_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = blocks("python")
    exec(example, {})  # noqa: S102  # our own page
    assert "SYN020" in capsys.readouterr().out


def test_settings_are_read() -> None:
    (example,) = blocks("toml")
    table = tomllib.loads(example)["lint"]
    assert table.pop("profile") == "noobai"
    settings = read_settings(table)
    assert settings != Settings()
    assert settings.pop.general_min == 500


def test_the_number_of_rules_is_todays() -> None:
    assert f"| {len(all_rules())} in {len(FAMILIES)} families |" in PAGE
