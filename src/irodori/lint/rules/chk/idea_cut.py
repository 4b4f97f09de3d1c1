"""CHK001: an idea that the border of a chunk cuts in two."""

from collections.abc import Iterator

from irodori.lint.context import Context, PromptView
from irodori.lint.diagnostic import Applicability, Diagnostic, Edit, Severity
from irodori.lint.edits import fix
from irodori.lint.rule import Rule, RuleMeta
from irodori.prompt.arrange import insert_break
from irodori.prompt.ast import Break
from irodori.prompt.chunk import CHUNK_LENGTH
from irodori.prompt.chunked import ChunkedPrompt, TagPlace
from irodori.prompt.entries import flat


class IdeaCutByChunk(Rule):
    """An idea that the border of a chunk cuts in two.

    ## Why is this bad?
    Chunks of 75 tokens are encoded apart: `red` in one and `hair` in the next are two things, and
    so are `holding sword` and `katana`.

    ## Example
        1girl, solo, looking at viewer, smile, standing, arms behind back, head tilt, blush,
        long hair, blonde hair, blue eyes, hair ribbon, red ribbon, white shirt, collared shirt,
        long sleeves, black thighhighs, brown footwear, red necktie, school bag, day, outdoors,
        tree, cherry blossoms, petals, black skirt, pleated skirt, wind

    ## Use instead
        1girl, solo, looking at viewer, smile, standing, arms behind back, head tilt, blush,
        long hair, blonde hair, blue eyes, hair ribbon, red ribbon, white shirt, collared shirt,
        long sleeves, black thighhighs, brown footwear, red necktie, school bag, day, outdoors,
        tree, cherry blossoms, petals, wind
        BREAK black skirt, pleated skirt

    ## Fix
    Unsafe: BREAK is written before the idea, so that the next chunk begins with it. None where that
    would cut it again: an idea that begins its chunk, is longer than one or holds a BREAK of its
    own wants fewer words.

    ## Evidence
    Practice P11; the tokens: `irodori explain`. A warning where the border runs through a tag, a
    hint where it parts two that belong together.
    """

    meta = RuleMeta(
        code="CHK001",
        name="idea-cut-by-chunk",
        summary="border of a chunk cuts an idea in two",
        severity=Severity.WARNING,
        since="0.2.0",
        source="P11",
        applicability=Applicability.UNSAFE,
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for chunked in view.chunked:
                for place in chunked.tags:
                    if place.is_cut:
                        message = "is cut in two by the border of a chunk"
                    elif place.parted_from is not None and place.parted_from > place.span:
                        other = place.parted_from.of(view.text)
                        message = f"is parted from '{other}' by the border of a chunk"
                    else:
                        continue
                    yield self._report(view, chunked, place, message)

    def _report(
        self, view: PromptView, chunked: ChunkedPrompt, place: TagPlace, message: str
    ) -> Diagnostic:
        edits = [
            Edit(field=view.field, span=edit.span, text=edit.text)
            for edit in insert_break(view.text, place.span.start, tree=view.tree)
            if _fits_after_break(chunked, place, edit.span.start)
            and not _breaks_itself(view, place)
        ]
        return self.at(
            place.span,
            f"'{place.name}' {message}",
            field=view.field,
            help="write BREAK before it, or move it to the front" if edits else "make it shorter",
            fixes=fix("write BREAK before it", edits, Applicability.UNSAFE),
            severity=Severity.WARNING if place.is_cut else Severity.HINT,
        )


def _fits_after_break(chunked: ChunkedPrompt, place: TagPlace, cursor: int) -> bool:
    """Tell whether a BREAK at a cursor gives a place a chunk that holds it.

    It does not where nothing of the chunk stands before the cursor: there is a BREAK already, or
    the text begins there, and the next check would ask for one more.
    """
    length = sum(one.end - one.start for one in place.places)
    first = place.places[0]
    before = chunked.chunks[first.chunk].spans[: first.start]
    return length <= CHUNK_LENGTH and any(span.start < cursor for span in before)


def _breaks_itself(view: PromptView, place: TagPlace) -> bool:
    """Tell whether a BREAK inside a tag, as in `(red BREAK long:1.1) hair`, is what cuts it."""
    return any(
        isinstance(node, Break) and place.span.start < node.span.start < place.span.end
        for part in view.tree.parts
        for node in flat(part.nodes)
    )
