r"""Irodori's own language, which is A1111's: read from the tree, written with escapes."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from irodori.prompt.ast import (
    Alternation,
    Break,
    Comment,
    Escape,
    Group,
    Network,
    Node,
    Prompt,
    Schedule,
    Variants,
    Weight,
    Wildcard,
)
from irodori.prompt.convert.document import (
    Added,
    Alternating,
    ChunkBreak,
    Document,
    Item,
    Listed,
    Loss,
    Picked,
    Plain,
    Remark,
    Scheduled,
    Section,
    Weighted,
)
from irodori.prompt.convert.lower import Abilities
from irodori.prompt.convert.scan import number
from irodori.prompt.dialect import Dialect
from irodori.prompt.entries import flat, top_rows
from irodori.prompt.escaping import escape
from irodori.prompt.numbers import find_part_weight
from irodori.prompt.parser import parse
from irodori.prompt.render import render_nodes
from irodori.prompt.span import Span
from irodori.prompt.weights import weight_text

ABILITIES: Final = Abilities(
    name="A1111",
    schedules=True,
    alternation=True,
    breaks=True,
    networks=frozenset({"lora", "lyco", "hypernet"}),
    odds=True,
    counts=True,
    wildcards=True,
    remarks=True,
    sections=True,
)


_BREAK: Final = re.compile(r"\s*\bBREAK\b\s*")


def read(text: str) -> tuple[Document, tuple[Loss, ...]]:
    """Return what a prompt says; a weight that is itself scheduled is lost."""
    return read_tree(parse(text))


def read_a1111(text: str) -> tuple[Document, tuple[Loss, ...]]:
    """Return what a prompt says to A1111 with the dynamic prompts extension.

    The extension fills the variants before A1111 reads the text, so a template is read as a
    template and everything else to A1111's letter.
    """
    template = parse(text)
    nodes = flat([node for row in top_rows(template) for node in row])
    if any(isinstance(node, Variants | Wildcard) for node in nodes):
        return read_tree(template)
    return read_tree(parse(text, dialect=Dialect.A1111))


def read_tree(prompt: Prompt) -> tuple[Document, tuple[Loss, ...]]:
    """Return what a parsed prompt says; see `read`."""
    losses: list[Loss] = []
    sections = tuple(
        Section(
            items=tuple(_items((*part.nodes, *part.tail), losses)),
            weight=1.0 if part.weight is None else part.weight.value,
            span=part.span,
        )
        for part in prompt.parts
    )
    return Document(sections=sections), tuple(losses)


def _items(nodes: Iterable[Node], losses: list[Loss]) -> Iterator[Item]:
    for node in nodes:
        yield _item(node, losses)


def _item(node: Node, losses: list[Loss]) -> Item:  # noqa: C901, PLR0911  # one case per kind
    span = node.span
    match node:
        case Group():
            items = tuple(_items(node.nodes, losses))
            return Weighted(span=span, items=items, weight=_factor(node, losses))
        case Schedule():
            return Scheduled(
                span=span,
                before=tuple(_items(node.before or (), losses)),
                after=tuple(_items(node.after, losses)),
                when=node.when.value,
                is_fraction=node.when.is_fraction,
            )
        case Alternation():
            options = tuple(tuple(_items(option, losses)) for option in node.options)
            drawn = Alternating(span=span, options=options)
            if node.weight is None:
                return drawn
            return Weighted(span=span, items=(drawn,), weight=_weight(node.weight, losses))
        case Variants():
            return Picked(
                span=span,
                options=tuple(tuple(_items(option.nodes, losses)) for option in node.options),
                odds=tuple(option.weight for option in node.options),
                least=node.least,
                most=node.most,
                joiner=node.joiner,
            )
        case Wildcard():
            return Listed(span=span, name=node.name)
        case Network():
            return Added(span=span, kind=node.kind, items=node.items)
        case Break():
            return ChunkBreak(span=span)
        case Comment():
            return Remark(span=span, text=node.source.lstrip("#").strip())
        case Escape():
            return Plain(span=span, text=node.value)
        case _:
            return Plain(span=span, text=node.source)


def _factor(group: Group, losses: list[Loss]) -> float:
    if group.weight is None or not group.weight.nodes:
        return group.factor
    return _weight(group.weight, losses)


def _weight(weight: Weight, losses: list[Loss]) -> float:
    """Return a weight; of one that is scheduled, the first number in it."""
    if weight.value is not None:
        return weight.value
    written_first = render_nodes(weight.nodes).strip("[] ").split(":")[0].split("|")[0]
    value = number(written_first)
    losses.append(Loss(span=weight.span, message="a scheduled weight became its first number"))
    return 1.1 if value is None else value


def write(document: Document) -> str:
    """Return any document as a prompt."""
    several = len(document.sections) > 1
    return " AND ".join([_section(one, guarded=several) for one in document.sections])


def write_a1111(document: Document) -> str:
    """Return any document as a prompt for A1111, which reads `:3` at the end as a weight."""
    return " AND ".join([_section(one, guarded=True) for one in document.sections])


def _section(section: Section, *, guarded: bool) -> str:
    """Return one section; `guarded` keeps a number at its end from being its weight."""
    text = _BREAK.sub(" BREAK ", _written(section.items, colons=False)).strip()
    if section.weight != 1.0:
        return f"{text} :{weight_text(section.weight)}"
    ending = find_part_weight(text) if guarded else None
    if ending is None:
        return text
    # No backslash helps against A1111's search for a weight at the end; a bracket does.
    return f"{text[: ending.start()]}({text[ending.start() :].strip()}:1)"


def _written(items: Iterable[Item], *, colons: bool) -> str:
    """Return items as text; `colons` where a colon would structure."""
    return "".join([_one(item, colons=colons) for item in _joined(items)])


def _joined(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items, neighbouring texts as one: `A` and `ND` side by side are a word."""
    for is_plain, run in groupby(items, key=lambda item: isinstance(item, Plain)):
        if is_plain:
            text = "".join([item.text for item in run if isinstance(item, Plain)])
            yield Plain(span=Span(0, 0), text=text)
        else:
            yield from run


def _one(item: Item, *, colons: bool) -> str:  # noqa: PLR0911  # one case per kind
    match item:
        case Plain():
            return escape(item.text, colons=colons)
        case Weighted():
            inside = _written(item.items, colons=colons)
            return inside if item.weight == 1.0 else f"({inside}:{weight_text(item.weight)})"
        case Scheduled():
            before = _written(item.before, colons=True)
            return f"[{before}:{_written(item.after, colons=True)}:{_when(item)}]"
        case Alternating():
            return "[" + "|".join([_written(o, colons=True) for o in item.options]) + "]"
        case Picked():
            return _pick(item, colons=colons)
        case Listed():
            return f"__{item.name}__"
        case Added():
            return f"<{item.kind}:{':'.join(item.items)}>"
        case ChunkBreak():
            return " BREAK "
        case Remark():
            return f"# {item.text}\n"


def _when(item: Scheduled) -> str:
    if not item.is_fraction:
        return str(int(item.when))
    text = weight_text(item.when)
    return text if "." in text else f"{text}.0"


def _pick(item: Picked, *, colons: bool) -> str:
    counts = ""
    if (item.least, item.most) != (1, 1):
        most = f"-{item.most}" if item.most > item.least else ""
        joiner = "" if item.joiner == ", " else f"{item.joiner}$$"
        counts = f"{item.least}{most}$${joiner}"
    options = [
        ("" if odds == 1.0 else f"{odds:g}::") + _written(option, colons=colons)
        for option, odds in zip(item.options, item.odds, strict=True)
    ]
    return "{" + counts + "|".join(options) + "}"
