"""The practice, one experiment a heading: conditions, what is counted, and what it says."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from practice_gallery import Condition, Seen, Viewer, likeness, saturation, sharpness

from irodori.painter.questions import QUESTIONS, TWO_HAIR_COLOURS
from irodori.painter.sampling import sample_scene
from irodori.recipe.schedules import Schedule

PLAIN = "1girl, solo, looking at viewer, upper body, simple background, white background"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One experiment's result: a Markdown table and whether the practice is seen.

    Attributes:
        title: with the P-number.
        how: what was drawn and counted, in a sentence or two.
        rows: cells of the table, the heading first.
        shown: whether this model shows what the practice says.
        verdict: what the figures say.
    """

    title: str
    how: str
    rows: tuple[tuple[str, ...], ...]
    shown: bool
    verdict: str

    def text(self) -> str:
        head, *body = self.rows
        lines = [
            f"## {self.title}",
            "",
            self.how,
            "",
            "| " + " | ".join(head) + " |",
            "|" + "---|" * len(head),
            *("| " + " | ".join(row) + " |" for row in body),
            "",
            f"**{'Shown' if self.shown else 'Not shown'}.** {self.verdict}",
            "",
        ]
        return "\n".join(lines)


def bleeding(gallery: Viewer) -> Section:
    rows: list[tuple[str, ...]] = [
        ("hair", "eyes asked for", "eyes of the hair's colour", "eyes as asked for")
    ]
    spread, cured = [], []
    for colour, other in (("green", "blue"), ("red", "blue"), ("purple", "yellow")):
        alone = gallery.see(Condition(prompt=f"{PLAIN}, {colour} hair"))
        named = gallery.see(Condition(prompt=f"{PLAIN}, {colour} hair, {other} eyes"))
        without = alone.share("eye colour", f"{colour} eyes")
        spread.append(without)
        cured.append(named.share("eye colour", f"{colour} eyes"))
        rows += [
            (colour, "none", _percent(without), ""),
            (
                colour,
                other,
                _percent(cured[-1]),
                _percent(named.share("eye colour", f"{other} eyes")),
            ),
        ]
    return Section(
        title="A colour spreads, and naming another cures it (P7)",
        how="Lone girls of one hair colour, with no eye colour named and with one.",
        rows=tuple(rows),
        shown=bool(np.mean(spread) > 1.5 / 8 and np.mean(cured) < np.mean(spread) / 2),
        verdict=f"Unnamed, the eyes take the hair's colour in {_percent(np.mean(spread))} (one in "
        f"eight by chance alone); with another colour named in {_percent(np.mean(cured))}.",
    )


def people(gallery: Viewer) -> Section:
    together = "2girls, multiple girls, upper body, simple background, white background"
    rows: list[tuple[str, ...]] = [
        ("prompt", "two people", "each her own colour", "left as written")
    ]
    figures = {}
    for name, prompt in (
        ("one chunk", f"{together}, red hair, blue hair"),
        ("BREAK", f"{together}, red hair BREAK blue hair"),
    ):
        condition = Condition(prompt=prompt, width=256)
        whole = gallery.see(condition)
        left, right = gallery.halves(condition)
        red, blue = ("hair colour", "red hair"), ("hair colour", "blue hair")
        as_written = left.shows(*red) & right.shows(*blue)
        figures[name] = whole.share(*_RED_AND_BLUE)
        rows.append(
            (
                name,
                _percent(whole.share("count", "2girls")),
                _percent(figures[name]),
                _percent(as_written.mean()),
            )
        )
    better = figures["BREAK"] >= figures["one chunk"] + 0.1
    return Section(
        title="Two people, each with her own hair colour (P13)",
        how="256x192; right is a picture whose two surest faces have the two colours, in any "
        "order; left as written: red in the left half, blue in the right one.",
        rows=tuple(rows),
        shown=better and figures["BREAK"] >= 0.4,
        verdict=f"Both colours stand apart in {_percent(figures['one chunk'])} of the pictures "
        f"from one chunk and in {_percent(figures['BREAK'])} with BREAK.",
    )


def chunk_borders(gallery: Viewer) -> Section:
    rows: list[tuple[str, ...]] = [
        ("where the colour and its noun stand", "red hair", "red somewhere else")
    ]
    shares = []
    for name, prompt in (
        ("one chunk: red hair", f"{PLAIN}, red hair"),
        ("two chunks: red BREAK hair", f"{PLAIN}, red BREAK hair"),
        ("second chunk whole: BREAK red hair", f"{PLAIN} BREAK red hair"),
    ):
        seen = gallery.see(Condition(prompt=prompt))
        shares.append(seen.share("hair colour", "red hair"))
        rows.append((name, _percent(shares[-1]), _percent(_red_apart(seen))))
    return Section(
        title="An idea cut by a chunk border falls apart (P11)",
        how="A colour and its noun in one chunk, in two, and both in the second.",
        rows=tuple(rows),
        shown=shares[1] < shares[0] - 0.15 and shares[2] > shares[1],
        verdict=f"`red hair` in one chunk: {_percent(shares[0])}; cut in two: "
        f"{_percent(shares[1])}; whole in the second chunk: {_percent(shares[2])}.",
    )


WEIGHED = (
    ("red hair", "hair colour", "red hair"),
    ("green hair", "hair colour", "green hair"),
    ("blue eyes", "eye colour", "blue eyes"),
    ("twintails", "hair style", "twintails"),
    ("long hair", "hair length", "long hair"),
    ("night", "background", "night"),
    ("beach", "background", "beach"),
    ("hoodie", "outfit", "hoodie"),
    ("straw hat", "accessory", "straw hat"),
    ("sketch", "style", "sketch"),
)
WEIGHTS = (0.0, 0.5, 1.0, 1.5, 2.0)


def weights(gallery: Viewer) -> Section:
    rows: list[tuple[str, ...]] = [("tag", *(f"{weight:g}" for weight in WEIGHTS), "monotone")]
    monotone = 0
    for tag, question, answer in WEIGHED:
        frame = "1girl, solo, upper body"
        chances = [
            gallery.see(Condition(prompt=f"{frame}, ({tag}:{weight:g})")).chance(question, answer)
            for weight in WEIGHTS
        ]
        rises = all(b >= a - 0.02 for a, b in pairwise(chances))
        rises = rises and chances[-1] > chances[0] + 0.05
        monotone += rises
        rows.append((tag, *(f"{chance:.2f}" for chance in chances), "yes" if rises else "no"))
    asked = len(rows) - 1
    return Section(
        title="A tag's weight (P12)",
        how="The judge's mean probability of what the tag asks for, by the tag's weight. Monotone: "
        "never falls by more than 0.02, and rises by more than 0.05 in all.",
        rows=tuple(rows),
        shown=monotone >= 0.8 * asked,
        verdict=f"{monotone} of {asked} tags rise with their weight.",
    )


def order(gallery: Viewer) -> Section:
    body = "solo, looking at viewer, smile, blue eyes, long hair, white shirt, outdoors, day"
    tags = (
        ("red hair", "hair colour", "red hair"),
        ("twintails", "hair style", "twintails"),
        ("crossed arms", "pose", "crossed arms"),
        ("straw hat", "accessory", "straw hat"),
    )
    rows: list[tuple[str, ...]] = [("tag", "first", "last")]
    differences = []
    for tag, question, answer in tags:
        first = gallery.see(Condition(prompt=f"{tag}, 1girl, {body}")).chance(question, answer)
        last = gallery.see(Condition(prompt=f"1girl, {body}, {tag}")).chance(question, answer)
        differences.append(first - last)
        rows.append((tag, f"{first:.2f}", f"{last:.2f}"))
    mean = float(np.mean(differences))
    return Section(
        title="Earlier is stronger (P2)",
        how="The same tag at the head and at the tail of a prompt of ten tags: mean probability.",
        rows=tuple(rows),
        shown=mean > 0.03,
        verdict=f"At the head a tag is {'+' if mean >= 0 else ''}{mean:.2f} likelier than at the "
        "tail. This model learned from captions in shuffled order.",
    )


def population(gallery: Viewer) -> Section:
    counted = 4000
    met: Counter[tuple[str, str]] = Counter()
    for seed in range(1, counted + 1):
        scene = sample_scene(seed)
        for question in QUESTIONS:
            value = question.of(scene)
            if value is not None:
                met[question.name, value] += 1
    rows: list[tuple[str, ...]] = [("tag", "pictures in 4,000", "obeyed")]
    pairs = []
    for asked in ("hair style", "accessory", "outfit"):
        tags = [key for key in met if key[0] == asked and key[1] not in {"none", "loose"}]
        tags.sort(key=lambda key: met[key])
        for key in (tags[0], tags[len(tags) // 2], tags[-1]):
            seen = gallery.see(Condition(prompt=f"1girl, solo, {key[1]}, cowboy shot"))
            pairs.append((met[key], seen.share(*key)))
            rows.append((key[1], str(met[key]), _percent(pairs[-1][1])))
    rank = float(np.corrcoef(_ranks([p for p, _ in pairs]), _ranks([s for _, s in pairs]))[0, 1])
    return Section(
        title="Rare tags are obeyed less (P5)",
        how="The rarest, a middling and the commonest answer of three questions.",
        rows=tuple(rows),
        shown=rank > 0.4,
        verdict=f"Rank correlation of population and obedience: {rank:.2f}.",
    )


def redundant(gallery: Viewer) -> Section:
    rows: list[tuple[str, ...]] = [("prompt", "seen from behind", "portrait")]
    asked = (
        ("from behind", "1girl, solo, from behind, upper body"),
        (
            "from behind + eyes and mouth",
            "1girl, solo, from behind, upper body, green eyes, open mouth, blush",
        ),
        ("portrait", "1girl, solo, portrait"),
        ("portrait + what is below", "1girl, solo, portrait, boots, pleated skirt, sitting"),
    )
    behind, portrait = [], []
    for name, prompt in asked:
        seen = gallery.see(Condition(prompt=prompt))
        behind.append(seen.share("camera", "from behind"))
        portrait.append(seen.share("framing", "portrait"))
        rows.append((name, _percent(behind[-1]), _percent(portrait[-1])))
    shown = behind[1] < behind[0] - 0.1 or portrait[3] < portrait[2] - 0.1
    return Section(
        title="What cannot be seen turns the camera (P6)",
        how="A camera or crop alone, and with tags of what it hides.",
        rows=tuple(rows),
        shown=shown,
        verdict=f"From behind: {_percent(behind[0])}, with face tags {_percent(behind[1])}. "
        f"Portrait: {_percent(portrait[2])}, with tags of legs {_percent(portrait[3])}.",
    )


def late_styles(gallery: Viewer) -> Section:
    plain = gallery.see(Condition(prompt=PLAIN + ", red hair"))
    rows: list[tuple[str, ...]] = [("prompt", "sketch", "same layout as without")]
    kept = {}
    for name, prompt in (
        ("sketch from the start", f"{PLAIN}, red hair, sketch"),
        ("[:sketch:0.2]", f"{PLAIN}, red hair, [:sketch:0.2]"),
        ("[:sketch:0.5]", f"{PLAIN}, red hair, [:sketch:0.5]"),
    ):
        seen = gallery.see(Condition(prompt=prompt))
        kept[name] = (seen.share("style", "sketch"), likeness(plain.pictures, seen.pictures))
        rows.append((name, _percent(kept[name][0]), f"{kept[name][1]:.2f}"))
    start, late = kept["sketch from the start"], kept["[:sketch:0.2]"]
    return Section(
        title="A style that enters late keeps the composition (P14)",
        how="Same seeds with and without the style; layouts are compared at 16x16 in grey.",
        rows=tuple(rows),
        shown=late[1] > start[1] + 0.02 and late[0] > 0.3,
        verdict=f"From step 0 the layout keeps {start[1]:.2f} and {_percent(start[0])} are "
        f"sketches; from 0.2 on, {late[1]:.2f} and {_percent(late[0])}.",
    )


def blends(gallery: Viewer) -> Section:
    rows: list[tuple[str, ...]] = [("prompt", "red hair", "blue hair", "purple hair")]
    purple = {}
    for name, text in (
        ("[red hair:blue hair:0.5]", "[red hair:blue hair:0.5]"),
        ("[red hair|blue hair]", "[red hair|blue hair]"),
        ("red hair, blue hair", "red hair, blue hair"),
    ):
        seen = gallery.see(Condition(prompt=f"{PLAIN}, {text}"))
        shares = [seen.share("hair colour", f"{c} hair") for c in ("red", "blue", "purple")]
        purple[name] = shares[2]
        rows.append((f"`{name}`".replace("|", "\\|"), *(_percent(share) for share in shares)))
    return Section(
        title="Blends (P15)",
        how="What the hair is taken for.",
        rows=tuple(rows),
        shown=max(purple.values()) > 0.2,
        verdict="A blend that is seen as purple: "
        + ", ".join(f"`{name}` {_percent(share)}" for name, share in purple.items())
        + ".",
    )


def guidance(gallery: Viewer) -> Section:
    rows: list[tuple[str, ...]] = [("CFG", "red hair", "background as asked", "saturation")]
    obeyed, colour = [], []
    prompt = "1girl, solo, red hair, upper body, beach"
    scales = (1.0, 2.0, 3.5, 5.0, 7.0, 10.0)
    for scale in scales:
        seen = gallery.see(Condition(prompt=prompt, cfg_scale=scale))
        obeyed.append(seen.share("hair colour", "red hair"))
        colour.append(saturation(seen.pictures))
        rows.append(
            (
                f"{scale:g}",
                _percent(obeyed[-1]),
                _percent(seen.share("background", "beach")),
                f"{colour[-1]:.2f}",
            )
        )
    best = scales[int(np.argmax(obeyed))]
    return Section(
        title="The range of CFG",
        how="One prompt at six scales.",
        rows=tuple(rows),
        shown=obeyed[0] < max(obeyed) - 0.1 and colour[-1] > colour[2],
        verdict=f"Obedience is best at {best:g}; saturation goes from {colour[0]:.2f} at 1 to "
        f"{colour[-1]:.2f} at 10.",
    )


def quality(gallery: Viewer) -> Section:
    rows: list[tuple[str, ...]] = [("negative prompt", "sharpness", "red hair")]
    found = []
    for name, negative, prompt in (
        ("none", "", f"{PLAIN}, red hair"),
        ("worst quality", "worst quality", f"{PLAIN}, red hair"),
        ("none; `worst quality` in the prompt", "", f"{PLAIN}, red hair, worst quality"),
    ):
        seen = gallery.see(Condition(prompt=prompt, negative=negative))
        found.append(sharpness(seen.pictures))
        rows.append((name, f"{found[-1]:.1f}", _percent(seen.share("hair colour", "red hair"))))
    return Section(
        title="Negative quality tags are cheap and work (P3)",
        how="Mean difference of neighbouring pixels: edges, in levels of 255.",
        rows=tuple(rows),
        shown=found[1] > found[0] and found[2] < found[0],
        verdict=f"Sharpness {found[0]:.1f}, with the negative tag {found[1]:.1f}; asked for as a "
        f"positive tag it falls to {found[2]:.1f}.",
    )


def sizes(gallery: Viewer) -> Section:
    rows: list[tuple[str, ...]] = [("size", "one girl", "red hair")]
    counts = {}
    base = Condition(prompt="1girl, solo, red hair, cowboy shot, outdoors")
    for side in (96, 128, 192, 256, 384):
        seen = gallery.see(replace(base, width=side, height=side))
        counts[side] = seen.share("count", "1girl")
        rows.append((f"{side}x{side}", _percent(counts[side]), _percent(seen.share(*_RED_HAIR))))
    return Section(
        title="Larger than trained (P18)",
        how="Trained at 128 to 256; 384 is 1.5 times the largest size.",
        rows=tuple(rows),
        shown=counts[384] < counts[256] - 0.1,
        verdict=f"One girl in {_percent(counts[256])} at 256 and in {_percent(counts[384])} at "
        "384: what lies outside the trained sizes repeats itself.",
    )


def few_steps(gallery: Viewer) -> Section:
    rows: list[tuple[str, ...]] = [
        ("schedule and steps", "red hair", "beach", "sharpness", "same layout as Karras 28")
    ]
    base = Condition(prompt="1girl, solo, red hair, upper body, beach")
    karras = gallery.see(replace(base, schedule=Schedule.KARRAS, steps=28))
    alike = {}
    for name, schedule, steps in (
        ("Karras 28", Schedule.KARRAS, 28),
        ("Karras 12", Schedule.KARRAS, 12),
        ("Align Your Steps 12", Schedule.ALIGN_YOUR_STEPS, 12),
    ):
        seen = gallery.see(replace(base, schedule=schedule, steps=steps))
        alike[name] = likeness(karras.pictures, seen.pictures)
        rows.append(
            (
                name,
                _percent(seen.share(*_RED_HAIR)),
                _percent(seen.share("background", "beach")),
                f"{sharpness(seen.pictures):.1f}",
                f"{alike[name]:.3f}",
            )
        )
    return Section(
        title="Align Your Steps at 12 against Karras at 28 (P16)",
        how="Same seeds; see practice-samplers for distances to the converged picture.",
        rows=tuple(rows),
        shown=alike["Align Your Steps 12"] > 0.9,
        verdict=f"The layout agrees to {alike['Align Your Steps 12']:.3f} with Karras at 28 "
        f"(Karras at 12: {alike['Karras 12']:.3f}).",
    )


EXPERIMENTS: Sequence[Callable[[Viewer], Section]] = (
    bleeding,
    people,
    chunk_borders,
    order,
    quality,
    population,
    redundant,
    late_styles,
    blends,
    few_steps,
    guidance,
    sizes,
    weights,
)
_RED_HAIR = ("hair colour", "red hair")
_RED_AND_BLUE = (
    "two hair colours",
    next(
        pair
        for pair in TWO_HAIR_COLOURS.answers
        if {"red hair", "blue hair"} == set(pair.split(" and "))
    ),
)


def _red_apart(seen: Seen) -> float:
    """Return the share of pictures that are red in a place other than the hair."""
    pictures = seen.pictures.astype(np.int16)
    red = (pictures[..., 0] > 150) & (pictures[..., 1] < 90) & (pictures[..., 2] < 100)
    return float(((red.mean((1, 2)) > 0.04) & ~seen.shows(*_RED_HAIR)).mean())


def _ranks(values: Sequence[float]) -> list[int]:
    return [int(rank) for rank in np.argsort(np.argsort(values, kind="stable"), kind="stable")]


def _percent(share: float | np.floating) -> str:
    return f"{100 * float(share):.0f} %"
