"""Write the pages of the linter's rules into docs/rules/, one a rule and an index.

python scripts/gen_rules.py            write
python scripts/gen_rules.py --check    exit 1 if a page is not of today
"""

import sys
from pathlib import Path
from typing import Final

from irodori.lint.page import as_markdown
from irodori.lint.registry import FAMILIES, all_rules

FOLDER: Final = Path(__file__).parents[1] / "docs" / "rules"
HEAD: Final = """# Rules

What `irodori lint` looks for. Every rule's page has an example that makes it speak and one that
leaves it silent; both are run as tests. An *error* loses a part of the prompt or cannot be drawn, a
*warning* is near-certain, a *hint* may be meant. What fixes may do: [The linter](../linter.md).
"""


def pages() -> dict[str, str]:
    """Return the text of every page by file name."""
    found = {f"{rule.meta.code}.md": as_markdown(rule) for rule in all_rules()}
    return {"index.md": index(), **found}


def index() -> str:
    """Return the table of all rules."""
    lines = [HEAD]
    for family, (_, about) in FAMILIES.items():
        lines += [f"## {family}: {about}", "", "| code | name | finds | severity | fix |"]
        lines += ["|---|---|---|---|---|"]
        for rule in all_rules():
            meta = rule.meta
            if meta.family == family:
                fix = meta.applicability.value if meta.applicability else ""
                summary = meta.summary.replace("|", "\\|")
                lines.append(
                    f"| [{meta.code}]({meta.code}.md) | {meta.name} | {summary} "
                    f"| {meta.severity.value} | {fix} |"
                )
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Write or check the pages."""
    wanted = pages()
    present = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    if "--check" in sys.argv[1:]:
        stale = sorted(
            name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name)
        )
        for name in stale:
            print(f"docs/rules/{name} is not of today: run python scripts/gen_rules.py")
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in present.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        if present.get(name) != text:
            (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
