"""Commands that need no model never load PyTorch, and help loads next to nothing."""

import json
import subprocess
import sys

import pytest

HEAVY = ("torch", "numpy", "PIL", "rich", "transformers", "diffusers", "skia")

PROBE = """
import json, sys
from click.testing import CliRunner
from irodori.cli.main import root
result = CliRunner().invoke(root, json.loads(sys.argv[1]))
loaded = sorted(name for name in json.loads(sys.argv[2]) if name in sys.modules)
print(json.dumps({"exit": result.exit_code, "output": result.output[-2000:], "loaded": loaded}))
"""


def probe(*arguments: str) -> dict[str, object]:
    """Run one command in a new interpreter: its exit code, output, and heavy modules loaded."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(arguments), json.dumps(HEAVY)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    answer = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(answer, dict)
    return answer


def test_help_loads_nothing_heavy() -> None:
    answer = probe("--help")
    assert answer["exit"] == 0
    assert "generate" in str(answer["output"])
    assert answer["loaded"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("generate", "--help"),
        ("explain", "1girl, [red hair:blue hair:0.5], (smile:1.2)", "--json"),
        ("convert", "--from", "a1111", "--to", "comfyui", "(smile:1.2)"),
        ("lint", "1girl, smile", "--json"),
        ("format", "1girl, long_hair"),
        ("rule", "POP001", "--json"),
        ("samplers", "--json"),
        (
            "info",
            "--text",
            "1girl\nSteps: 20, Sampler: Euler a, CFG scale: 5, Seed: 1, Size: 64x64",
        ),
        ("recipe", "new", "1girl"),
    ],
    ids=lambda arguments: arguments[0] + " " + arguments[1][:8],
)
def test_no_model_means_no_torch(arguments: tuple[str, ...]) -> None:
    answer = probe(*arguments)
    assert answer["exit"] == 0, answer["output"]
    assert "torch" not in str(answer["loaded"])


def test_the_probe_can_fail() -> None:
    code = PROBE.replace(
        "from irodori.cli.main import root", "import rich; from irodori.cli.main import root"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, '["--help"]', json.dumps(HEAVY)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(done.stdout.splitlines()[-1])["loaded"] == ["rich"]
