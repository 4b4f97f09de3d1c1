"""From a tree back to its text: the exact inverse of `parse`."""

from collections.abc import Iterable

from irodori.prompt.ast import (
    Alternation,
    Break,
    Comment,
    Escape,
    Group,
    Network,
    Node,
    Part,
    Prompt,
    Schedule,
    Separator,
    Space,
    Stray,
    Text,
    VariantOption,
    Variants,
    Weight,
    Wildcard,
)


def render(prompt: Prompt) -> str:
    """The text of a tree; `render(parse(text)) == text` for every text."""
    return "".join(render_part(part) for part in prompt.parts)


def render_part(part: Part) -> str:
    """The text of one AND part, with the `AND` before it and the weight after it."""
    joiner = "AND" if part.joiner is not None else ""
    weight = part.weight.source if part.weight is not None else ""
    return joiner + render_nodes(part.nodes) + weight + render_nodes(part.tail)


def render_nodes(nodes: Iterable[Node]) -> str:
    """The text of some nodes, one after the other."""
    return "".join([render_node(node) for node in nodes])


def render_node(node: Node) -> str:
    """The text of one node."""
    match node:
        case Text() | Separator() | Space() | Escape() | Stray() | Comment():  # most are the first
            text = node.source
        case Group(bracket=bracket, nodes=nodes, weight=weight):
            text = f"{bracket}{render_nodes(nodes)}{render_weight(weight)}{bracket.closer}"
        case Schedule(before=before, after=after, when=when):
            first = "" if before is None else render_nodes(before) + ":"
            text = f"[{first}{render_nodes(after)}:{when.source}]"
        case Alternation(bracket=bracket, options=options, weight=weight):
            inside = "|".join(map(render_nodes, options))
            text = f"{bracket}{inside}{render_weight(weight)}{bracket.closer}"
        case Variants(options=variants, count_source=count):
            text = "{" + count + "|".join(map(_render_option, variants)) + "}"
        case Network(kind=kind, items=items):
            text = f"<{kind}:{':'.join(items)}>"
        case Wildcard(name=name):
            text = f"__{name}__"
        case Break():
            text = "BREAK"
    return text


def render_weight(weight: Weight | None) -> str:
    """The `:1.2` of a group, or nothing."""
    if weight is None:
        return ""
    return ":" + render_nodes(weight.nodes) if weight.nodes else weight.source


def _render_option(option: VariantOption) -> str:
    return option.weight_source + render_nodes(option.nodes)
