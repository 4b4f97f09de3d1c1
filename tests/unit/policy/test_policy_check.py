"""What is refused and what is not; words of the lists are named no more than the rules need."""

from dataclasses import dataclass, replace

import pytest

from irodori.errors import PolicyError
from irodori.policy import Rating, ceiling_allows, check_prompt, check_recipe
from irodori.policy.words import Kind, known_words
from irodori.prompt import Dialect
from irodori.recipe.parts import Base, Noise
from irodori.recipe.passes import Detailer, Hires, Overrides
from irodori.recipe.recipe import Recipe

PLAIN = Recipe(prompt="1girl, park", noise=Noise(seed=1))


def refusal(text: str, ceiling: Rating = Rating.SENSITIVE, **how: Dialect) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        check_prompt(text, ceiling, **how)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "1girl, nsfw",
        "NSFW",
        "n.s.f.w, park",
        "N S F W",
        "n,s,f,w",
        "n-s_f/w",
        "ns fw",
        "n5fw",
        "n$fw!",
        "n*fw",
        "nsfvv",
        "nsfwgirl",
        "girlnsfw",
        "nsfwart, park",
        "nnnsssfw",
        "ｎｓｆｗ",
        "𝓃𝓈𝒻𝓌",
        "ⓝⓢⓕⓦ",
        "🅝🅢🅕🅦",
        "ns\u200bf\u00adw",
        "n\u0301s\u0323fw",
        "nѕfw",
        "park\nnsfw",
        "__nsfw__",
        "<lora:nsfw_helper:1>",
        "1girl, questionable",
    ],
)
def test_every_spelling_above_the_ceiling_is_refused(text: str) -> None:
    refused = refusal(text)
    assert refused.rule == "rating-ceiling"
    assert refused.ceiling == "sensitive"
    assert refused.words
    assert "rating ceiling 'sensitive'" in str(refused)
    check_prompt(text, Rating.EXPLICIT)


@pytest.mark.parametrize(
    "text",
    [
        "(ns:1.2)fw",
        "((n)s)fw",
        "ns[fw]",
        "ns(f:0.8)(w)",
        r"ns\(fw",
        "[ns:park:0.5]fw",
        "[:ns:3]fw",
        "[ns|park]fw",
        "(ns|park:1.1)fw",
        "{ns|park}fw",
        "{0.1::park|5::ns}fw",
        "{2$$ $$ns|fw}",
        "{park|{hat|ns}}fw",
        "{n|a}{s|b}{f|c}{w|d}",
        "ns BREAK fw",
        "ns AND fw",
        "ns <lora:hat:1> fw",
        "ns<lora:hat:1>fw",
        "ns#a comment\nfw",
        "park # nsfw",
    ],
)
def test_words_split_by_the_prompt_language_are_refused(text: str) -> None:
    refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "hat" + ")" * 5000,
        "[" * 300 + "hat" + ":0.5]" * 300,
        "{" * 300 + "hat" + "|cat}" * 300,
        "{hat|cat}" * 300,
        "[hat|cat]" * 50,
        "hat" * 5000,
        "h " * 2000,
        "*" * 5000,
        "h*" * 2000,
        "hat* " * 1000,
    ],
    ids=lambda text: text[:6],
)
def test_large_and_deep_texts_are_judged(text: str) -> None:
    check_prompt(text, Rating.GENERAL)


def test_braces_are_text_in_the_a1111_dialect_and_still_no_cover() -> None:
    refusal("{ns}fw", dialect=Dialect.A1111)
    refusal("{nsfw}", dialect=Dialect.A1111)


@pytest.mark.parametrize("ceiling", list(Rating))
@pytest.mark.parametrize(
    "text",
    [
        "nsfw, child",
        "[nsfw:kid:0.5]",
        "nsfw AND 12 years old",
        "nsfw, k1d",
        "{nsfw|park}, {kid|hat}",
        "n.s.f.w, c h i l d",
        "questionable, 17yo",
        "nude, aged seventeen",
        "nude, under 18",
        "lingerie, little girl",
        "cleavage, elementary school student",
        "nude, anya (spy x family)",
    ],
)
def test_no_ceiling_allows_minors(text: str, ceiling: Rating) -> None:
    refused = refusal(text, ceiling)
    assert refused.rule == "minors"
    assert not refused.words
    assert not refused.ceiling
    assert "no setting allows it" in str(refused)


@pytest.mark.parametrize("ceiling", list(Rating))
def test_names_of_such_pictures_are_refused_by_themselves(ceiling: Rating) -> None:
    for word in known_words():
        if word.kind is Kind.BOTH:
            assert refusal(f"1girl, {word.core}, park", ceiling).rule == "minors"


@pytest.mark.parametrize(
    "text",
    [
        "1girl, solo, swimsuit, smile, beach",
        "child, park, 1girl, balloon",
        "mother and daughter, baby, family, 3 years old",
        "child's drawing",
        "children's book illustration",
        "baby blue dress",
        "kid icarus, pit (kid icarus)",
        "teen titans, raven (dc)",
        "sunflower, scunthorpe, sussex, essex, grapes, assassin, bass guitar",
        "analog clock, cocktail dress, peacock, hancock, cumulus cloud, cucumber",
        "shiitake, titanium, scarecrow, sextant, sextuplets, therapist, document",
        "great tits, moby dick, pussy willow, sperm whale, the pen is red",
        "2b (nier:automata), 9s, a2, 4koma, 1980s (style), 69 km, 100k, 5boys",
        "a girl with a mole standing in a lace-up skirt, a happy face sitting by a cream pie",
        "an USA flag, the pen is on the table, they shot a film, no pants but t-shirt",
        "year 2015, 18 years old, 20 years old, 100 year old oak",
        "masterpiece,best quality,amazing quality",
        "h*t, n***w, ***, f****",
        "^_^, :3, ;p, x_x, o_o, >:(, \\m/, +_+",
        "(red hair|blue hair:1.0), [dawn:night:0.3], {cat|dog}",
        "",
        "\u200b",
        "日本語, 赤い服",
    ],
)
def test_what_is_for_everybody_passes(text: str) -> None:
    check_prompt(text, Rating.GENERAL)


@pytest.mark.parametrize(
    "text",
    [
        "baby blue dress, cleavage",
        "kid icarus, lingerie",
        "teen titans, cleavage",
        "gothic lolita, cleavage",
        "18 years old, cleavage",
        "year 2015, lingerie",
        "asia minor, lingerie",
        "baby's breath, cleavage",
    ],
)
def test_a_harmless_phrase_is_no_minor(text: str) -> None:
    check_prompt(text, Rating.SENSITIVE)


def test_a_ceiling_lets_through_what_is_within_it() -> None:
    check_prompt("1girl, cleavage", Rating.SENSITIVE)
    assert refusal("1girl, cleavage", Rating.GENERAL).words == ("cleavage",)
    check_prompt("1girl, topless", Rating.QUESTIONABLE)
    refusal("1girl, explicit", Rating.QUESTIONABLE)


def test_the_texts_of_all_passes_are_judged_together() -> None:
    check_recipe(PLAIN, Rating.GENERAL)
    refused = Overrides(prompt="nsfw")
    recipes = [
        replace(PLAIN, hires=Hires(own=refused)),
        replace(PLAIN, detailers=(Detailer(), Detailer(own=refused))),
        replace(PLAIN, template="{nsfw|1girl}, park"),
        replace(PLAIN, prompt="nsfw"),
    ]
    for recipe in recipes:
        with pytest.raises(PolicyError, match="rating ceiling"):
            check_recipe(recipe, Rating.SENSITIVE)
        check_recipe(recipe, Rating.EXPLICIT)
        young = replace(recipe, prompt=f"{recipe.prompt}, child")
        with pytest.raises(PolicyError, match="no setting allows it"):
            check_recipe(young, Rating.EXPLICIT)


def test_what_is_kept_away_is_not_asked_for() -> None:
    away = replace(
        PLAIN,
        negative_prompt="nsfw, child",
        hires=Hires(own=Overrides(negative_prompt="nsfw")),
    )
    check_recipe(away, Rating.GENERAL)


def test_every_step_is_looked_at() -> None:
    # Ten alternations in a row have more combinations than are tried before drawing; of those the
    # steps really draw, one spells the word.
    letters = "".join(f"[{'.' * i}|{'.' * i}]" for i in range(10))
    hidden = "[a|n][a|s][a|f][a|w]" + letters
    refusal(hidden)
    with pytest.raises(PolicyError):
        check_recipe(replace(PLAIN, prompt=hidden, base=Base(steps=4)), Rating.SENSITIVE)


def test_a_schedule_of_the_hires_pass_is_looked_at() -> None:
    late = replace(PLAIN, hires=Hires(steps=10, own=Overrides(prompt="[1girl:ns:1.5]fw, park")))
    with pytest.raises(PolicyError):
        check_recipe(late, Rating.SENSITIVE)


@dataclass(frozen=True)
class Tag:
    name: str
    sensitive: bool = False


def test_searches_show_what_the_ceiling_allows() -> None:
    assert ceiling_allows(Tag("red hair"), Rating.GENERAL)
    assert ceiling_allows(Tag("bikini", sensitive=True), Rating.SENSITIVE)
    assert not ceiling_allows(Tag("bikini", sensitive=True), Rating.GENERAL)
    assert not ceiling_allows(Tag("topless"), Rating.SENSITIVE)
    assert ceiling_allows(Tag("topless"), Rating.QUESTIONABLE)
    assert not ceiling_allows(Tag("lolicon"), Rating.EXPLICIT)


def test_ratings_have_an_order() -> None:
    assert [rating.rank for rating in Rating] == [0, 1, 2, 3]
    assert Rating.SENSITIVE.allows(Rating.GENERAL)
    assert not Rating.SENSITIVE.allows(Rating.QUESTIONABLE)
