"""A hundred thousand mangled prompts: no exception, every place inside its text.

    python benchmarks/fuzz_lint.py [COUNT] [--seed N]

The bounded twin with hypothesis beside it: tests/property/test_lint_properties.py.
"""

import argparse
import importlib.util
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path
from types import ModuleType

from irodori.lint import LintInput
from irodori.prompt import Dialect, load_tokenizer
from irodori.tags import open_vocabulary

ROOT = Path(__file__).parents[1]
CLEAN = ROOT / "tests" / "fixtures" / "clean_prompts" / "prompts.txt"


def properties() -> ModuleType:
    """The test module, whose mangling and judgement are used here."""
    path = ROOT / "tests" / "property" / "test_lint_properties.py"
    spec = importlib.util.spec_from_file_location("test_lint_properties", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> int:
    """Mangle, check, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)  # noqa: S311  # a fixed stream of mistakes, no secret
    test, tokenizer = properties(), load_tokenizer()
    lines = [line for line in CLEAN.read_text("utf-8").splitlines() if line[0] != "#"]
    found: Counter[str] = Counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_vocabulary(Path(folder) / "tags.sqlite") as vocabulary,
    ):
        for number in range(asked.count):
            source = LintInput(
                prompt=test.mangled(rng, rng.choice(lines)),
                negative_prompt=test.mangled(rng, rng.choice(lines)),
                dialect=rng.choice(list(Dialect)),
            )
            try:
                found.update(one.code for one in test.assert_sound(source, vocabulary, tokenizer))
            except Exception:
                print(f"failed on {source!r}")
                raise
            if number % 10_000 == 9_999:
                print(f"{number + 1} prompts", flush=True)
    print(f"{asked.count} prompts, no exception; {sum(found.values())} findings")
    print(", ".join(f"{code} {count}" for code, count in sorted(found.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
