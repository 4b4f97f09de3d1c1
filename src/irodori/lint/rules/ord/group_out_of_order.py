"""ORD001: a tag that stands far behind where its group belongs."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context, TagUse
from irodori.lint.diagnostic import Applicability, Diagnostic, Severity
from irodori.lint.edits import fix
from irodori.lint.order import PLACES, Stretch, sorted_edits, stretches
from irodori.lint.rule import Option, Rule, RuleMeta

_JUDGED: Final = PLACES.keys() - {"people"}

_SUBJECTS: Final = frozenset({"animal", "object", "vehicle", "plant"})


class GroupOutOfOrder(Rule):
    """A tag that stands far behind where its group belongs.

    The order is `quality?, people, character?, action, appearance, background, composition,
    style/artist?, quality?`. Each chunk is looked at for itself. People have a rule of their own;
    what enters late by a schedule may stand anywhere, and pictures with `no humans` are left alone.

    ## Why is this bad?
    Earlier is stronger: what the picture is about belongs to the front. The order also keeps
    related tags in one chunk.

    ## Example
        1girl, white background, cowboy shot, smile, long hair

    ## Use instead
        1girl, smile, long hair, white background, cowboy shot

    ## Options
    `ord.tolerance` (1): how many places two groups may be apart the wrong way round.

    ## Fix
    Safe: the tags of the chunk are sorted by group; within one group their order stays, and tags
    without a group stay behind the one before them.

    ## Evidence
    Practice P2. One person's experience.
    """

    meta = RuleMeta(
        code="ORD001",
        name="group-out-of-order",
        summary="tag stands far behind where its group belongs",
        severity=Severity.HINT,
        since="0.2.0",
        source="P2",
        applicability=Applicability.SAFE,
        options=(Option(name="ord.tolerance", doc="places that two groups may be apart"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        if view.named("no humans") is not None:
            return  # animals and things are the subject there, not the background
        for stretch in view.once(stretches):
            found = _misplaced(stretch, context.settings.ord.tolerance)
            if found is None:
                continue
            use, before = found
            yield self.at(
                use.span,
                f"'{use.name}' ({use.group}) stands behind '{before.name}' ({before.group})",
                help="earlier is stronger: people, action, appearance, background, composition",
                fixes=fix(
                    "sort the tags of this chunk",
                    sorted_edits(view, stretch),
                    Applicability.SAFE,
                ),
            )


def _misplaced(stretch: Stretch, tolerance: int) -> tuple[TagUse, TagUse] | None:
    """Return the first tag that stands too far behind, and the one it should stand before."""
    furthest: TagUse | None = None
    for inside in stretch.uses:
        use = min(
            (one for one in inside if _is_judged(one)),
            key=lambda one: PLACES[one.group],
            default=None,
        )
        if use is None:
            continue
        if furthest is not None and PLACES[use.group] < PLACES[furthest.group] - tolerance:
            return use, furthest
        if furthest is None or PLACES[use.group] > PLACES[furthest.group]:
            furthest = use
    return None


def _is_judged(use: TagUse) -> bool:
    """Tell whether a tag has its place: things may be what a picture is about."""
    return use.group in _JUDGED and use.facet not in _SUBJECTS and use.start == 0
