"""`irodori lint`, `format` and `rule`: sources, output forms, fixes, exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from irodori.cli.commands import lint as lint_module
from irodori.cli.main import root
from irodori.recipe import Noise, Recipe
from irodori.recipe.embed import save_picture

FAULTY = "1girl, long_hair, hererochromia"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IRODORI_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path.parent / "data"))

    def invoke(*arguments: str, text: str | None = None):
        return CliRunner().invoke(root, arguments, input=text)

    return invoke


def codes(result) -> list[str]:
    return [found["code"] for found in json.loads(result.output)]


def test_a_prompt_is_checked_and_the_exit_code_says_so(run) -> None:
    found = run("lint", FAULTY)
    assert found.exit_code == 1
    assert "SYN020" in found.output
    assert "heterochromia" in found.output
    assert "2 warnings" in found.output
    clean = run("lint", "1girl, smile")
    assert clean.exit_code == 0
    assert clean.output == "nothing to remark\n"
    assert run("lint", "1girl, smile,, solo").exit_code == 0  # hints alone


def test_json_is_a_list(run) -> None:
    result = run("lint", FAULTY, "--json", "--select", "SYN,POP002")
    data = json.loads(result.output)
    assert [one["code"] for one in data] == ["SYN020", "POP002"]
    assert data[0]["span"] == [7, 16]
    assert json.loads(run("lint", "1girl", "--json").output) == []


def test_sarif_names_the_file(run, tmp_path: Path) -> None:
    (tmp_path / "a.prompt").write_text(FAULTY)
    log = json.loads(run("lint", "a.prompt", "--sarif").output)
    where = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "a.prompt#prompt"


def test_the_negative_prompt_is_checked_too(run) -> None:
    result = run("lint", "1girl, smile", "--negative", "sensitive", "--json")
    assert codes(result) == ["NEG002"]
    assert json.loads(result.output)[0]["field"] == "negative_prompt"


def test_text_files_and_standard_input_hold_both_prompts(run, tmp_path: Path) -> None:
    text = "1girl, smile\nNegative prompt: sensitive\n"
    (tmp_path / "a.txt").write_text(text)
    assert codes(run("lint", "a.txt", "--json")) == ["NEG002"]
    assert codes(run("lint", "-", "--json", text=text)) == ["NEG002"]
    whole = text + "Steps: 5, Sampler: LCM, Schedule type: SGM Uniform, CFG scale: 7, Seed: 1"
    assert "NEG002" in codes(run("lint", "-", "--json", text=whole))
    assert any(code.startswith("RCP") for code in codes(run("lint", "-", "--json", text=whole)))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp"])
def test_pictures_are_read(run, tmp_path: Path, name: str) -> None:
    recipe = Recipe(prompt=FAULTY, negative_prompt="sensitive", noise=Noise(seed=1))
    save_picture(Image.new("RGB", (8, 8)), tmp_path / name, recipe)
    found = codes(run("lint", name, "--json"))
    assert {"SYN020", "POP002", "NEG002"} <= set(found)


def test_a_picture_is_judged_by_the_model_that_drew_it(run, tmp_path: Path) -> None:
    """128x192 is what the shipped model is made for, and far too small for any other."""
    for name, found in (("sumire", False), ("some other model", True)):
        path = tmp_path / f"{name}.txt"
        path.write_text(
            "1girl, solo, red hair, blue eyes\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras,"
            f" CFG scale: 3.5, Seed: 1, Size: 128x192, Model: {name}, Clip skip: 2",
            encoding="utf-8",
        )
        assert ("RCP010" in codes(run("lint", str(path), "--json"))) is found


def test_a_picture_that_says_nothing_is_refused(run, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "b.png")
    assert run("lint", "b.png").exit_code != 0
    assert run("lint", "missing.png").exit_code != 0
    assert run("lint", "1girl, photo of missing.png", "--select", "SYN").exit_code == 0


def test_settings_come_from_a_recipe(run, tmp_path: Path) -> None:
    recipe = Recipe(prompt="x", noise=Noise(seed=1))
    save_picture(Image.new("RGB", (8, 8)), tmp_path / "a.png", recipe)
    assert (
        codes(run("lint", "1girl, smile", "--recipe", "a.png", "--json", "--select", "RCP")) == []
    )
    assert run("lint", "1girl", "--recipe", "b.png").exit_code != 0


def test_fixing_prints_prompts_and_writes_text_files(run, tmp_path: Path) -> None:
    fixed = run("lint", FAULTY, "--fix", "--select", "SYN")
    assert fixed.output.startswith("1girl, long hair, hererochromia\n")
    assert fixed.exit_code == 0
    every = run("lint", FAULTY, "--unsafe-fixes")
    assert every.output.startswith("1girl, long hair, heterochromia\n")
    file = tmp_path / "a.prompt"
    file.write_text(FAULTY + "\nNegative prompt: bad_quality\n")
    run("lint", "a.prompt", "--fix")
    assert file.read_text() == "1girl, long hair, hererochromia\nNegative prompt: bad quality\n"


def test_pictures_and_infotext_are_never_written(run, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    text = f"{FAULTY}\nSteps: 20, Sampler: Euler, CFG scale: 5, Seed: 1, Size: 64x64"
    file.write_text(text)
    assert run("lint", "a.txt", "--fix").output.startswith("1girl, long hair")
    assert file.read_text() == text


def test_the_project_decides(run, tmp_path: Path) -> None:
    (tmp_path / "irodori.toml").write_text(
        '[lint]\nignore = ["SYN020"]\nknown-tags = ["hererochromia"]\n[lint.pop]\ngeneral-min = 1\n'
    )
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.prompt").write_text(FAULTY)
    assert run("lint", FAULTY).output == "nothing to remark\n"
    assert run("lint", "deep/a.prompt").output == "nothing to remark\n"
    (tmp_path / "irodori.toml").write_text('[lint]\nprofile = "noobai"\n')
    assert run("lint", "1girl, very awa", "--select", "QLT006").exit_code == 0
    (tmp_path / "irodori.toml").write_text('[lint]\nignor = ["SYN020"]\n')
    assert "ignore" in str(run("lint", FAULTY).exception)
    (tmp_path / "irodori.toml").write_text('[lint]\nignore = ["SYN999"]\n')
    assert "unknown rule 'SYN999'" in str(run("lint", FAULTY).exception)
    (tmp_path / "irodori.toml").write_text('[lint.pop]\ngeneral-min = "x"\n')
    message = str(run("lint", FAULTY).exception)
    assert message.startswith("[lint.pop] of ")
    assert message.endswith("irodori.toml: general-min must be a whole number, not 'x'")


def test_unknown_rules_and_profiles_are_refused(run) -> None:
    for arguments in (("--select", "SYN999"), ("--ignore", "XYZ"), ("--profile", "pony")):
        assert run("lint", "1girl", *arguments).exit_code != 0


def test_format_applies_what_is_safe(run, tmp_path: Path) -> None:
    text = "long_hair, white background, cowboy shot, smile,, 1girl, masterpiece"
    assert run("format", text).output == (
        "1girl, smile, long hair, white background, cowboy shot, masterpiece\n"
    )
    file = tmp_path / "a.prompt"
    file.write_text(text + "\n")
    assert run("format", "a.prompt", "--check").exit_code == 1
    assert file.read_text() == text + "\n"
    assert run("format", "a.prompt").output == ""
    assert file.read_text().startswith("1girl, smile")
    assert run("format", "a.prompt", "--check").exit_code == 0


def test_rules_are_listed_and_shown(run) -> None:
    listed = run("rule").output
    assert "POP002" in listed
    assert "unknown-tag" in listed
    shown = run("rule", "unknown-tag").output
    assert "hererochromia" in shown
    assert "Why is this bad?" in shown
    data = json.loads(run("rule", "POP005", "--json").output)
    assert data["options"]["pop.dominance"]
    assert data["sections"]["Example"]
    assert len(json.loads(run("rule", "--json").output)) > 60
    assert run("rule", "POP999").exit_code != 0


def test_watching_checks_again_when_the_file_changes(run, tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "a.prompt"
    file.write_text("1girl, smile")
    steps = iter(["1girl, long_hair, a longer text", None])
    assert run("lint", "1girl", "--watch").exit_code != 0

    def sleep(_: float) -> None:
        text = next(steps)
        file.write_text(text) if text else file.unlink()

    monkeypatch.setattr(lint_module.time, "sleep", sleep)
    result = run("lint", "a.prompt", "--watch")
    assert result.exit_code == 0
    assert "nothing to remark" in result.output
    assert "SYN020" in result.output
