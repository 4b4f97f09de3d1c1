"""`irodori generate` says what is wrong with a prompt before it draws, and draws all the same."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from irodori.cli.main import root

FAULTY = "1girl, long_hair, smile,, hererochromia, arm up, arm behind back, (hat:2.5)"


def test_findings_come_first_the_rest_is_folded_and_the_picture_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IRODORI_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    arguments = ["generate", FAULTY, "--steps", "1", "--size", "64x64", "--out", "a.png"]
    result = CliRunner().invoke(root, arguments)
    assert result.exit_code == 0, result.output
    said = result.stderr
    assert "warnings" in said.splitlines()[1]
    assert "SYN020" in said
    assert "did you mean 'heterochromia'?" in said
    assert said.count("help: ") == 3
    assert "more: irodori lint" in said
    assert said.index("SYN020") < said.index("base")
    assert (tmp_path / "a.png").is_file()
