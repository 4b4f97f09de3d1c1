"""ASC: what tags carry, and what pins it. RAT: ratings."""

from pathlib import Path

import pytest

from irodori.errors import InputError
from irodori.tags.associations import Carries, carried, read_associations


def test_every_shipped_association_can_be_read() -> None:
    listed = read_associations()
    assert {each.kind for each in listed} == set(Carries)
    assert all(each.note and each.brings and each.cure for each in listed)
    assert all(each.tags or each.works or each.marks for each in listed)


def test_a_wrong_entry_is_told_by_its_number(tmp_path: Path) -> None:
    good = 'kind = "age"\nbrings = []\ncure = []\nnote = ""\n'
    bad = good.replace('"age"', '"weight"')
    file = tmp_path / "associations.toml"
    file.write_text(f"[[association]]\n{good}\n[[association]]\n{bad}", encoding="utf-8")
    with pytest.raises(InputError, match=r"associations\.toml, entry 2: 'weight'"):
        read_associations(tmp_path)


def test_a_mark_in_a_name_carries() -> None:
    assert {each.kind for each in carried("dawn (pokemon)")} >= {Carries.STYLE}
    assert carried("dawn (nowhere)") == ()
    assert {each.kind for each in carried("school uniform")} == {Carries.AGE}


@pytest.mark.parametrize(
    ("prompt", "codes"),
    [
        ("1girl, solo, school uniform", ["ASC001"]),
        ("1girl, solo, mature female, school uniform", []),
        (r"1girl, solo, dawn \(pokemon\)", ["ASC002"]),
        (r"1girl, solo, dawn \(pokemon\), [:sketch:0.3]", []),
        (r"1girl, solo, dawn \(pokemon\), <lora:own_style:0.7>", []),
        ("1girl, solo, beach, swimsuit, day, blue sky", []),
    ],
)
def test_what_is_carried_is_said_until_it_is_pinned(prompt: str, codes: list[str], lint) -> None:
    assert [one.code for one in lint(prompt, only=("ASC",))] == codes


def test_cures_fit_who_is_in_the_picture(lint) -> None:
    (girl,) = lint("1girl, solo, school uniform", only=("ASC001",))
    (boy,) = lint("1boy, solo, school uniform", only=("ASC001",))
    assert girl.fixes[0].title == "add 'mature female'"
    assert "mature female" not in str(boy.fixes)


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ("1girl, solo, petite", "mature female, tall, toned"),
        ("1boy, solo, skinny", "mature male, tall, toned"),
        ("1girl, solo, large breasts", "toned, tall"),  # nothing against the build asked for
        ("1girl, solo, curvy", "toned, tall"),
        ("1girl, solo, muscular", "toned"),
        ("1boy, solo, muscular", "toned, bishounen"),
        ("1boy, solo, beard", "bishounen, stubble"),
        ("2boys, brothers", "mature male"),
    ],
)
def test_the_cure_of_a_build_leaves_the_build(prompt: str, wanted: str, lint) -> None:
    (found,) = lint(prompt, only=("ASC001",))
    assert found.help == f"name what is wanted instead: {wanted}"
    assert [one.title for one in found.fixes] == [
        f"add '{name}'" for name in wanted.split(", ")[:2]
    ]


@pytest.mark.parametrize("tag", ["chibi", "aged down", "minigirl", "lipstick", "short shorts"])
def test_what_is_asked_for_by_its_name_needs_no_cure(tag: str, lint) -> None:
    assert lint(f"1girl, solo, {tag}", only=("ASC001",)) == ()


@pytest.mark.parametrize(
    ("prompt", "codes"),
    [
        ("1girl, solo, smile, general", []),
        ("1girl, solo, smile, sensitive", ["RAT001"]),
        ("1girl, solo, cleavage, sensitive", []),
        ("1girl, solo, explicit", ["RAT002"]),
        ("1girl, solo, cleavage, general", ["RAT003"]),
    ],
)
def test_ratings(prompt: str, codes: list[str], lint) -> None:
    assert [one.code for one in lint(prompt, only=("RAT",))] == codes


def test_the_ceiling_can_be_lowered(lint) -> None:
    found = lint("1girl, solo, cleavage, sensitive", only=("RAT",), rat={"ceiling": "general"})
    assert [one.code for one in found] == ["RAT002"]
