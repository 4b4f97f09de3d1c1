"""Which text a pass is told at which call of the model.

Source: compat 1.2 to 1.4; practice P12. In the dialect `irodori` an entry of a prompt schedule
covers whole sampler steps; in `a1111` model calls, the first entry one more than written.
"""

from dataclasses import dataclass

from irodori.prompt import composition, prepared, prompt_schedule
from irodori.prompt.dialect import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How a pass counts.

    Attributes:
        steps: sampler steps of the recipe's first pass.
        hires_steps: of the second pass, when this is the second pass; else None.
        calls_per_step: model calls of one sampler step.
        dialect: how the prompt is read and calls are counted.
        old_timelines: prompt timelines of before 1.6.
    """

    steps: int
    hires_steps: int | None = None
    calls_per_step: int = 1
    dialect: Dialect = Dialect.IRODORI
    old_timelines: bool = False

    @property
    def calls(self) -> int:
        """How many model calls the pass has, of a sampler that asks at every step alike."""
        return (self.hires_steps or self.steps) * self.calls_per_step


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """One prompt, or one part of it, over a pass.

    Attributes:
        entries: (last step, text), ascending; a1111 counts model calls.
        timing: how calls become steps.
    """

    entries: tuple[tuple[int, str], ...]
    timing: Timing

    def index_at(self, call: int) -> int:
        """Return which entry is in force at a call, counted from 0; the last one beyond the end."""
        if self.timing.dialect is Dialect.A1111:
            # Compared before it is counted, so the first entry gets one call more (compat 1.3).
            found = (i for i, (end, _) in enumerate(self.entries) if call <= end)
            return next(found, 0)
        step = call // self.timing.calls_per_step + 1
        found = (i for i, (end, _) in enumerate(self.entries) if step <= end)
        return next(found, len(self.entries) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassTexts:
    """All texts of one picture's pass.

    Attributes:
        parts: a weight and a timeline for each AND part; one of weight 1 for a plain prompt.
        negative: the negative prompt's timeline.
    """

    parts: tuple[tuple[float, Timeline], ...]
    negative: Timeline

    @property
    def has_empty_negative(self) -> bool:
        """Whether the negative prompt says nothing at any step; a blank is not nothing."""
        return all(text == "" for _, text in self.negative.entries)


def pass_texts(prompt: str, negative: str, timing: Timing) -> PassTexts:
    """Return the texts of a pass.

    Args:
        prompt: as the recipe has it; AND parts and schedules are read from it.
        negative: as the recipe has it; schedules only.
        timing: of the pass.
    """
    positive = prepared(prompt, dialect=timing.dialect)
    return PassTexts(
        parts=tuple(
            (weight, _timeline(text, timing))
            for text, weight in composition(positive, dialect=timing.dialect)
        ),
        negative=_timeline(prepared(negative, dialect=timing.dialect, negative=True), timing),
    )


def _timeline(text: str, timing: Timing) -> Timeline:
    entries = prompt_schedule(
        text,
        timing.steps,
        hires_steps=timing.hires_steps,
        old_timelines=timing.old_timelines,
        dialect=timing.dialect,
        calls_per_step=timing.calls_per_step,
    )
    return Timeline(entries=tuple(entries), timing=timing)
