"""Reference pages that scripts write are those of today."""

import importlib.util
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_table_of_infotext_keys_is_current() -> None:
    path = ROOT / "scripts" / "gen_infotext_docs.py"
    spec = importlib.util.spec_from_file_location("gen_infotext_docs", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    text = module.PAGE.read_text(encoding="utf-8")
    assert module.page(text) == text, "run python scripts/gen_infotext_docs.py"


def test_the_pages_of_the_rules_are_current() -> None:
    path = ROOT / "scripts" / "gen_rules.py"
    spec = importlib.util.spec_from_file_location("gen_rules", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    present = {file.name: file.read_text("utf-8") for file in module.FOLDER.glob("*.md")}
    assert module.pages() == present, "run python scripts/gen_rules.py"
