"""Looking back, diagnosing and searching load neither PyTorch nor a model."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from irodori.recipe import Noise, Recipe
from irodori.recipe.embed import save_picture

PROBE = """
import sys
from click.testing import CliRunner
from irodori.cli.main import root
result = CliRunner().invoke(root, sys.argv[1:])
assert result.exit_code in (0, 3), result.output
print("torch" in sys.modules)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("doctor", "x.png"),
        ("history", "rebuild"),
        ("history", "log"),
        ("history", "tree", "x.png"),
        ("history", "tree", "x.png", "--html", "tree.html", "--png", "tree.png"),
        ("history", "search", "1girl"),
        ("history", "show", "x.png"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_no_torch(arguments: tuple[str, ...], tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    recipe = Recipe(prompt="1girl", noise=Noise(seed=1))
    save_picture(Image.new("RGB", (16, 16)), outputs / "x.png", recipe)
    config = tmp_path / "config.toml"
    config.write_text(f'outputs = "{outputs}"\ncache = "{tmp_path / "cache"}"\n')
    environment = {**os.environ, "IRODORI_CONFIG": str(config)}
    given = [str(outputs / one) if one.endswith((".png", ".html")) else one for one in arguments]
    for words in (["history", "rebuild"], given):
        done = subprocess.run(
            [sys.executable, "-c", PROBE, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
        )
        assert done.stdout.strip() == "False", done.stderr
