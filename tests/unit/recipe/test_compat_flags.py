"""Which tool wrote a picture, and which of its behaviours are then reproduced."""

import pytest

from irodori.recipe.compat import (
    OUR_BEHAVIOUR,
    AysRange,
    CompatFlags,
    Tool,
    compat_of,
    tool_of_version,
)


def test_our_own_pictures_reproduce_nothing() -> None:
    assert compat_of(Tool.IRODORI) is OUR_BEHAVIOUR
    assert not OUR_BEHAVIOUR.any
    assert CompatFlags() == OUR_BEHAVIOUR


@pytest.mark.parametrize("tool", [Tool.A1111, Tool.FORGE, Tool.REFORGE])
def test_others_differ(tool: Tool) -> None:
    flags = compat_of(tool)
    assert flags.any
    assert flags.variation_by_column
    assert flags.forge_beta_schedule is (tool is Tool.FORGE)
    expected = AysRange.RATIO if tool is Tool.REFORGE else AysRange.LITERAL
    assert flags.ays_range is expected


@pytest.mark.parametrize(
    ("version", "tool"),
    [
        ("f2.0.1v1.10.1-previous-669-gdfdcbab6", Tool.FORGE),
        ("f0.0.17v1.8.0rc-latest-276-g29be1da7", Tool.FORGE),
        ("v1.10.1", Tool.A1111),
        ("1.6.0", Tool.A1111),
        ("irodori 0.1.0", Tool.IRODORI),
        (None, Tool.A1111),
        ("", Tool.A1111),
    ],
)
def test_version_says_which_tool(version: str | None, tool: Tool) -> None:
    assert tool_of_version(version) is tool
