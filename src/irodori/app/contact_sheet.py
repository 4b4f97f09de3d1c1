"""A tree of pictures as one page: HTML with the thumbnails inside, or a PNG."""

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from irodori.app.history import TreeRow, moment_of, summary
from irodori.errors import PictureFileError
from irodori.store.thumbnails import thumbnail

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

SIDE: Final = 160
"""Longest side of a thumbnail on the sheet, pixels."""

LANE: Final = 28
"""Distance between lanes, pixels."""

_GAP: Final = 12
_TEXT_COLUMNS: Final = 78
_TEXT_WIDTH: Final = 560
_LINE: Final = 19
_INK, _FAINT, _PAPER, _STAR = "#24242c", "#77778a", "#ffffff", "#c98a00"
_STYLE: Final = f"""
 body {{ font: 15px/1.45 system-ui, sans-serif; color: {_INK}; background: {_PAPER}; margin: 2em }}
 li {{ display: flex; gap: 1em; margin: .6em 0; list-style: none; align-items: flex-start }}
 img, .lost {{ width: {SIDE}px; border-radius: 6px; flex: none }}
 .lost {{ height: {SIDE // 2}px; border: 1px dashed {_FAINT}; color: {_FAINT}; text-align: center }}
 ul {{ padding: 0 }} .id {{ font-family: ui-monospace, monospace }}
 .what {{ color: {_FAINT} }} .star {{ color: {_STAR} }} .note {{ font-style: italic }}
 li.branch {{ border-left: 3px solid {_FAINT}; padding-left: .6em }}
"""


def sheet_html(rows: Sequence[TreeRow], outputs: Path, *, title: str = "Irodori") -> str:
    """Return a page that shows a tree; it needs no other file.

    Args:
        rows: the tree.
        outputs: the outputs folder, which has the thumbnails.
        title: of the page.
    """
    items = "\n".join(_item(row, outputs) for row in rows)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title>\n<style>{_STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n"
        f"<ul>\n{items}\n</ul></body></html>\n"
    )


def sheet_png(rows: Sequence[TreeRow], outputs: Path) -> bytes:
    """Return a picture that shows a tree: thumbnails in lanes, beside them what changed.

    Args:
        rows: the tree.
        outputs: the outputs folder, which has the thumbnails.
    """
    from PIL import Image, ImageDraw

    small = [_small(row, outputs) for row in rows]
    texts = [_texts(row) for row in rows]
    heights = [
        max(picture.height, _LINE * len(text)) + _GAP
        for picture, text in zip(small, texts, strict=True)
    ]
    lanes = max((row.lane for row in rows), default=0)
    width = 2 * _GAP + (lanes + 1) * LANE + SIDE + _GAP + _TEXT_WIDTH
    sheet = Image.new("RGB", (width, sum(heights) + _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    tops = [_GAP + sum(heights[:index]) for index in range(len(rows))]
    _draw_lanes(draw, rows, tops)
    for row, picture, text, top in zip(rows, small, texts, tops, strict=True):
        left = _GAP + (row.lane + 1) * LANE
        sheet.paste(picture, (left, top))
        _draw_texts(draw, text, (left + SIDE + _GAP, top))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _item(row: TreeRow, outputs: Path) -> str:
    output = row.output
    try:
        data = thumbnail(outputs, output.id, output.path).read_bytes()
        code = base64.b64encode(data).decode()
        shown = f'<img src="data:image/webp;base64,{code}" alt="{escape(output.prompt)}">'
    except PictureFileError:
        shown = '<div class="lost">the file is gone</div>'
    star = ' <span class="star">★</span>' if output.starred else ""
    note = f'<div class="note">{escape(output.note)}</div>' if output.note else ""
    changes = "".join(f"<div>{escape(str(change))}</div>" for change in row.changes)
    told = changes or f"<div>{escape(summary(row))}</div>"
    return (
        f'<li{" class=branch" if row.is_branch else ""} style="margin-left: {row.lane * 3}em">'
        f'{shown}<div><div class="what"><span class="id">{output.id[:8]}</span> '
        f"{escape(_what(row))}{star}</div>{told}{note}</div></li>"
    )


def _what(row: TreeRow) -> str:
    output = row.output
    step = "first" if output.step is None else output.step.value
    return f"{step}, {output.width}x{output.height}, {moment_of(output):%Y-%m-%d %H:%M}"


def _small(row: TreeRow, outputs: Path) -> "Image":
    from PIL import Image

    try:
        path = thumbnail(outputs, row.output.id, row.output.path)
        with Image.open(path) as picture:
            small = picture.convert("RGB")
    except PictureFileError:
        return Image.new("RGB", (SIDE, SIDE // 2), "#dddddd")
    scale = SIDE / max(small.size)
    size = (max(round(small.width * scale), 1), max(round(small.height * scale), 1))
    return small.resize(size, Image.Resampling.LANCZOS)


def _texts(row: TreeRow) -> list[tuple[str, str]]:
    """Return the lines beside a picture with their colours."""
    star = "  *" if row.output.starred else ""
    lines = [(f"{row.output.id[:8]}  {_what(row)}{star}", _STAR if star else _FAINT)]
    told = [str(change) for change in row.changes] or [summary(row)]
    for text in told:
        lines += [(line, _INK) for line in wrap(text, _TEXT_COLUMNS)]
    if row.output.note:
        lines += [(line, _FAINT) for line in wrap(row.output.note, _TEXT_COLUMNS)]
    return lines


def _draw_texts(
    draw: "ImageDraw", texts: Sequence[tuple[str, str]], place: tuple[int, int]
) -> None:
    from PIL import ImageFont

    font = ImageFont.load_default(14)
    for index, (text, colour) in enumerate(texts):
        draw.text((place[0], place[1] + index * _LINE), text, fill=colour, font=font)


def _draw_lanes(draw: "ImageDraw", rows: Sequence[TreeRow], tops: Sequence[int]) -> None:
    """Draw a dot a picture, and lines between each and the one it was made from."""
    places = {
        row.output.id: (_GAP + row.lane * LANE + LANE // 2, top + 12)
        for row, top in zip(rows, tops, strict=True)
    }
    for row in rows:
        x, y = places[row.output.id]
        if row.output.parent in places:
            above_x, above_y = places[row.output.parent]
            draw.line((above_x, above_y, above_x, y), fill=_FAINT, width=2)
            draw.line((above_x, y, x, y), fill=_FAINT, width=2)
    for x, y in places.values():
        draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=_INK)
