"""CHK003: a chunk with next to nothing in it."""

from collections.abc import Iterator
from itertools import pairwise

from irodori.lint.context import Context, PromptView
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Option, Rule, RuleMeta
from irodori.prompt.chunk import Chunk, ChunkEnd
from irodori.prompt.span import Span


class NearlyEmptyChunk(Rule):
    """A chunk with next to nothing in it.

    ## Why is this bad?
    Every chunk weighs as much as any other: two tags that ran over the end of the first count as
    much there as all before them, and a chunk without tokens is noise. A short chunk that BREAK
    made is meant.

    ## Example
        1girl, smile BREAK BREAK forest

    ## Use instead
        1girl, smile BREAK forest

    ## Options
    `chk.nearly-empty` (8): tokens below which a chunk that nobody asked for is reported.

    ## Fix
    None: what to leave out, or what to move with BREAK, only the author knows.

    ## Evidence
    Practice P11; the tokens: `irodori explain`.
    """

    meta = RuleMeta(
        code="CHK003",
        name="nearly-empty-chunk",
        summary="chunk with next to nothing in it",
        severity=Severity.HINT,
        since="0.2.0",
        source="P11",
        options=(Option(name="chk.nearly-empty", doc="tokens below which a chunk is reported"),),
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for view in context.views:
            for chunked in view.chunked:
                numbered = list(enumerate(chunked.chunks, start=1))
                if len(numbered) > 1 and not chunked.chunks[0].ids:
                    yield self._empty(view, 1, Span(0, 0))
                for (_, before), (number, chunk) in pairwise(numbered):
                    yield from self._judge(context, view, before, chunk, number)

    def _judge(
        self, context: Context, view: PromptView, before: Chunk, chunk: Chunk, number: int
    ) -> Iterator[Diagnostic]:
        if not chunk.ids:
            end = before.spans[-1].end if before.spans else 0
            yield self._empty(view, number, Span(end, end))
            return
        ran_over = before.end is not ChunkEnd.BREAK and chunk.end is ChunkEnd.TEXT
        if ran_over and len(chunk.ids) < context.settings.chk.nearly_empty:
            yield self.at(
                Span(chunk.spans[0].start, chunk.spans[-1].end),
                f"chunk {number} has {len(chunk.ids)} of 75 tokens, "
                "which weigh as much as a whole chunk",
                field=view.field,
                help="leave out as much, or write BREAK where a new idea begins",
            )

    def _empty(self, view: PromptView, number: int, span: Span) -> Diagnostic:
        return self.at(
            span,
            f"chunk {number} is empty",
            field=view.field,
            help="take a BREAK out",
            severity=Severity.WARNING,
        )
