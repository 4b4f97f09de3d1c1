"""The page of practice_samplers.py: its table, its plot, and what each claim of P16 came to.

A claim is judged by a rule written down here before anything was measured, so that the page cannot
be kinder to it than the numbers are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from irodori.cli.chart import Axes, Curve, line_chart, svg_text

CONVERGED: Final = 160
"""Steps of what counts as the converged picture."""

SETTLED: Final = 0.10
"""Below this distance a picture counts as converged: hard to tell apart side by side."""

NEAR: Final = 1.25
"""Two distances within this factor count as the same."""

BROKEN: Final = 1.5
"""A method that is this much further away at more steps has broken."""

Rows = Mapping[str, Mapping[int, "Distances"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distances:
    """Of one sampler at one step count: over the pictures' distances to the converged ones."""

    median: float
    worst: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All that a run found.

    Attributes:
        model: stem of the file.
        sha256: of the file.
        cfg_scale: of all pictures.
        pixels: width and height.
        pictures: how many each median is of.
        floor: median distance of the two references; None where they are missing.
        rows: by row name, by step count.
    """

    model: str
    sha256: str
    cfg_scale: float
    pixels: int
    pictures: int
    floor: float | None
    rows: Rows

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Measured":
        rows = {
            name: {int(steps): Distances(**each) for steps, each in found.items()}
            for name, found in data["rows"].items()
        }
        return cls(**{**data, "rows": rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One claim of P16.

    Attributes:
        words: the claim.
        rule: when it counts as confirmed, in words.
        judge: rows -> (verdict, the numbers it rests on); raises KeyError where one is missing.
    """

    words: str
    rule: str
    judge: Callable[[Rows], tuple[bool | None, str]]


def page(told: Measured | None) -> str:
    """Return the page's Markdown."""
    parts = [_HEAD]
    if told is None:
        parts += [_NOTHING_YET, _claims_without_numbers()]
    else:
        drawn = [_table(told.rows), _PLOT] if any(told.rows.values()) else []
        parts += [_conditions(told), *drawn, _claims(told.rows)]
    return "\n".join([*parts, _NOT_MEASURED])


def plot(told: Measured | None) -> str | None:
    """Return the plot's SVG, or None where there is nothing to plot."""
    if told is None:
        return None
    curves = [
        Curve(
            name=name,
            x=tuple(float(steps) for steps in found),
            y=tuple(max(each.median, 1e-4) for each in found.values()),
        )
        for name, found in told.rows.items()
        if found
    ]
    if not curves:
        return None
    axes = Axes(
        title=f"Distance to the converged picture, median of {told.pictures}",
        x_label="steps",
        y_label="distance",
    )
    return svg_text(line_chart(curves, axes, width=860))


def settled_at(found: Mapping[int, Distances]) -> int | None:
    """Return the fewest measured steps from which on the median stays below `SETTLED`."""
    settled = None
    for steps, each in sorted(found.items(), reverse=True):
        if each.median > SETTLED:
            break
        settled = steps
    return settled


def _conditions(told: Measured) -> str:
    floor = "not known" if told.floor is None else f"{told.floor:.3f}"
    lines = (
        f"Model `{told.model}` (sha256 {told.sha256[:10]}), CFG {told.cfg_scale:g},",
        f"{told.pictures} prompts at {told.pixels} x {told.pixels}.",
        f"The converged picture is DPM++ 2M Karras at {CONVERGED} steps;",
        f"Heun at {CONVERGED // 2} steps is {floor} away from it: smaller differences say nothing.",
    )
    return "\n".join([*lines, ""])


def _table(rows: Rows) -> str:
    every = sorted({steps for found in rows.values() for steps in found})
    head = "| sampler, schedule | " + " | ".join(map(str, every)) + " | settled at |"
    lines = [head, "|---" * (len(every) + 2) + "|"]
    for name, found in rows.items():
        cells = [f"{found[steps].median:.3f}" if steps in found else "" for steps in every]
        at = settled_at(found)
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {at if at else 'never'} |")
    return "\n".join([*lines, ""])


def _claims(rows: Rows) -> str:
    lines = ["## What the claims of P16 came to on this model", "", *_CLAIM_HEAD]
    for claim in CLAIMS:
        try:
            confirmed, numbers = claim.judge(rows)
        except KeyError:
            confirmed, numbers = None, "not all of it was drawn"
        verdict = {True: "**confirmed**", False: "**not confirmed**", None: "open"}[confirmed]
        lines.append(f"| {claim.words} | {claim.rule} | {verdict} | {numbers} |")
    return "\n".join([*lines, ""])


def _claims_without_numbers() -> str:
    lines = ["## How the claims of P16 are judged", "", "| claim | confirmed when |", "|---|---|"]
    lines += [f"| {claim.words} | {claim.rule} |" for claim in CLAIMS]
    return "\n".join([*lines, ""])


# --- rules ---------------------------------------------------------------------------------------

_TWO_M, _AYS = "DPM++ 2M, Karras", "DPM++ 2M, Align Your Steps"
_IPNDM, _SDE, _DEIS = "IPNDM, Normal", "DPM++ 3M SDE, Exponential", "DEIS, SGM Uniform"
_IPNDM_V = ("IPNDM_V, Karras", "IPNDM_V, Exponential")
_DETERMINISTIC = (_TWO_M, _AYS, _IPNDM, *_IPNDM_V, _DEIS, "Euler, Normal", "Euler, Karras")


def _at(rows: Rows, name: str, steps: int) -> float:
    return rows[name][steps].median


def _enough(name: str, steps: int) -> Callable[[Rows], tuple[bool, str]]:
    def judge(rows: Rows) -> tuple[bool, str]:
        distance = _at(rows, name, steps)
        return distance <= SETTLED, f"{distance:.3f} at {steps}; settled at {_told(rows, name)}"

    return judge


def _needs(name: str, fewer: int, best: int) -> Callable[[Rows], tuple[bool, str]]:
    def judge(rows: Rows) -> tuple[bool, str]:
        before, at_best = _at(rows, name, fewer), _at(rows, name, best)
        numbers = f"{before:.3f} at {fewer}, {at_best:.3f} at {best}"
        return before > SETTLED >= at_best, f"{numbers}; settled at {_told(rows, name)}"

    return judge


def _looks_like_28(rows: Rows) -> tuple[bool, str]:
    few, many, same = _at(rows, _AYS, 11), _at(rows, _TWO_M, 28), _at(rows, _TWO_M, 11)
    numbers = f"{few:.3f} at 11; Karras {many:.3f} at 28 and {same:.3f} at 11"
    return few <= SETTLED or few <= NEAR * many, numbers


def _breaks_above_40(rows: Rows) -> tuple[bool, str]:
    pairs = [(name, _at(rows, name, 40), _at(rows, name, 60)) for name in _IPNDM_V]
    numbers = "; ".join(f"{name}: {at:.3f} at 40, {beyond:.3f} at 60" for name, at, beyond in pairs)
    return all(beyond > BROKEN * at for _, at, beyond in pairs), numbers


def _most_stable(rows: Rows) -> tuple[bool, str]:
    ratios = {name: _at_worst(rows, name, 40) for name in _DETERMINISTIC}
    best = min(ratios, key=lambda name: ratios[name])
    numbers = f"worst picture at 40: DEIS {ratios[_DEIS]:.3f}, least {ratios[best]:.3f} ({best})"
    return ratios[_DEIS] <= NEAR * ratios[best], numbers


def _never_settles(rows: Rows) -> tuple[bool, str]:
    distance = _at(rows, "Euler a, Normal", 60)
    return distance > SETTLED, f"{distance:.3f} at 60"


def _at_worst(rows: Rows, name: str, steps: int) -> float:
    return rows[name][steps].worst


def _told(rows: Rows, name: str) -> str:
    at = settled_at(rows[name])
    return str(at) if at else "no count measured"


CLAIMS: Final[Sequence[Claim]] = (
    Claim(
        words="DPM++ 2M Karras at 28 is enough",
        rule=f"its distance at 28 is at most {SETTLED}",
        judge=_enough(_TWO_M, 28),
    ),
    Claim(
        words="DPM++ 2M with Align Your Steps at 10-12 looks like 28",
        rule=f"its distance at 11 is at most {SETTLED}, or within {NEAR} times Karras's at 28",
        judge=_looks_like_28,
    ),
    Claim(
        words="DPM++ 3M SDE Exponential needs 40, best 60",
        rule=f"it is above {SETTLED} at 28 and not at 60",
        judge=_needs(_SDE, 28, 60),
    ),
    Claim(
        words="IPNDM Normal needs 40, best 60",
        rule=f"it is above {SETTLED} at 28 and not at 60",
        judge=_needs(_IPNDM, 28, 60),
    ),
    Claim(
        words="IPNDM_V breaks above 40",
        rule=f"with both schedules it is {BROKEN} times further away at 60 than at 40",
        judge=_breaks_above_40,
    ),
    Claim(
        words="IPNDM_V Karras at 40 is enough",
        rule=f"its distance at 40 is at most {SETTLED}",
        judge=_enough(_IPNDM_V[0], 40),
    ),
    Claim(
        words="DEIS SGM Uniform is the most stable",
        rule=f"its worst picture at 40 is within {NEAR} times the least of all deterministic rows",
        judge=_most_stable,
    ),
    Claim(
        words="Euler Normal at 28 is enough",
        rule=f"its distance at 28 is at most {SETTLED}",
        judge=_enough("Euler, Normal", 28),
    ),
    Claim(
        words="Euler a never settles (common knowledge, not in P16)",
        rule=f"it is above {SETTLED} at 60",
        judge=_never_settles,
    ),
)

_CLAIM_HEAD: Final = ("| claim | confirmed when | verdict | numbers |", "|---|---|---|---|")
_PLOT: Final = "![Distance to the converged picture over steps](practice-samplers.svg)\n"
_HEAD: Final = f"""# The samplers of the practice, measured

Practice P16 names samplers, schedules and step counts that people found to work. Here each is
measured on the shipped model: how far its picture is from the **converged** one, the picture that
ever more steps lead to.

The distance is the root mean square difference in latents over the converged latents' standard
deviation: 0 is the same picture, 1.4 an unrelated one. At {SETTLED:g} and below a picture counts as
settled. Deterministic samplers start from the same noise and share one limit; DPM++ 3M SDE is
compared with itself at {CONVERGED} steps on the same Brownian path.

Near to converged is not the same as beautiful: a picture may be far from its limit and fine. What
this can say is from where on more steps change nothing.
"""
_NOTHING_YET: Final = """No model has been measured yet. The table, the plot and the verdicts are
filled in by `python benchmarks/practice_samplers.py MODEL`.
"""
_NOT_MEASURED: Final = """## What this cannot tell

- That IPNDM has fewer artifacts than DPM++ 3M SDE, and that Align Your Steps merges hands in
  crowds: such faults are for eyes, and the shipped model draws few hands.
- LCM at 5 steps needs its LoRA at weight 1 and CFG 1-1.5; with Sumire's own it is shown in
  [the guide to networks](guides/networks.md#five-steps-lcm), not here.
- A small model is smoother than Illustrious and settles earlier. The order of the samplers carries
  over better than the counts.

Made by `benchmarks/practice_samplers.py`; the rules above were written before the first run
(`benchmarks/practice_page.py`).
"""
