"""From a prompt to the parts that AND joins, each with its weight.

The prediction is uncond + cfg_scale x sum_i w_i (pred_i - uncond).

Source: Liu et al. 2022, arXiv:2206.01714, equation 11; the syntax is AUTOMATIC1111's.
"""

from irodori.prompt.ast import Part
from irodori.prompt.dialect import Dialect
from irodori.prompt.parser import parse, parse_verbatim
from irodori.prompt.render import render_nodes


def composition(text: str, *, dialect: Dialect | str = "irodori") -> list[tuple[str, float]]:
    """The parts of a prompt with their weights; one of weight 1 where there is no AND.

    Blanks at the end of a part are dropped, those at its start kept. In dialect a1111 a number at
    the end is a weight even without AND (`1girl, :3` is `1girl,` three times as strong), and AND
    splits inside brackets, too.

    Raises:
        UnknownNameError: no such dialect.
    """
    is_a1111 = Dialect.named(dialect) is Dialect.A1111
    prompt = parse_verbatim(text, split=True) if is_a1111 else parse(text)
    return [(part_text(part), part_weight(part)) for part in prompt.parts]


def part_text(part: Part) -> str:
    """The text of a part: without its AND, its weight and the blanks at its end."""
    return (render_nodes(part.nodes).rstrip() + render_nodes(part.tail)).rstrip()


def part_weight(part: Part) -> float:
    """The weight of a part, 1.0 if none is written."""
    return part.weight.value if part.weight is not None else 1.0
