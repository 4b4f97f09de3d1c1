"""Write the table of infotext keys into docs/reference/infotext.md.

python scripts/gen_infotext_docs.py           write it
python scripts/gen_infotext_docs.py --check   exit 1 when it is out of date
"""

import sys
from pathlib import Path
from typing import Final

from irodori.recipe.infotext.keys import DETAILER, KEYS, Key

PAGE: Final = Path(__file__).parents[1] / "docs" / "reference" / "infotext.md"
START: Final = "<!-- keys: written by scripts/gen_infotext_docs.py -->"


def table(keys: tuple[Key, ...]) -> list[str]:
    """Return the rows of a table of keys."""
    rows = [f"| `{key.name}` | `{'`, `'.join(key.fields)}` |" for key in keys]
    return ["| key | field |", "|---|---|", *rows]


def page(text: str) -> str:
    """Return the page with the tables of today."""
    head = text[: text.index(START) + len(START)]
    lines = ["", "", *table(KEYS), "", "Of each detailer:", "", *table(DETAILER), ""]
    return head + "\n".join(lines)


if __name__ == "__main__":
    written = PAGE.read_text(encoding="utf-8")
    if "--check" not in sys.argv:
        PAGE.write_text(page(written), encoding="utf-8")
    elif page(written) != written:
        sys.exit(f"{PAGE} is out of date; run scripts/gen_infotext_docs.py")
