"""The shipped model, asked and judged by the commands of docs/training.md."""

from pathlib import Path

from click.testing import CliRunner
from PIL import Image

from irodori.app.models import SHIPPED
from irodori.cli.main import root

JUDGE = Path(__file__).parents[2] / "training" / "judge.safetensors"


def figures(*arguments: object) -> dict[str, list[str]]:
    """Return the cells of each question's row: asked, drawn, painted, through latents, floor."""
    command = ["paint", "evaluate", "--judge", JUDGE, *arguments]
    result = CliRunner().invoke(root, list(map(str, command)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    rows = (line.strip("| ").split(" | ") for line in result.output.splitlines())
    return {name: cells for name, *cells in rows if len(cells) == 5 and cells[0].isdigit()}


def test_the_model_draws_what_the_judge_is_sure_of(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    drawing = ("--model", SHIPPED, "--dtype", "bfloat16", "--sheet", sheet)
    found = figures(*drawing, "--count", 16, "--size", "192x256")
    for question, least in (("hair colour", 0.7), ("framing", 0.8), ("count", 0.65)):
        _, drawn, painted, through_latents, floor = map(float, found[question])
        assert drawn >= least, question
        assert min(painted, through_latents) >= 0.85, question
        assert drawn > floor, question
    with Image.open(sheet) as opened:
        assert opened.size == (8 * 192, 2 * 256)


def test_the_judge_alone_tells_what_the_painter_painted() -> None:
    found = figures("--count", 32, "--size", "256x256")
    assert float(found["hair colour"][2]) >= 0.9
    assert float(found["expression"][2]) >= 0.7
    assert float(found["pose"][2]) >= 0.65
    assert {cells[1] for cells in found.values()} == {"-"}
