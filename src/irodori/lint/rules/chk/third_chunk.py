"""CHK004: a prompt that runs into a third chunk."""

from collections.abc import Iterator
from typing import Final

from irodori.lint.context import Context
from irodori.lint.diagnostic import Diagnostic, Severity
from irodori.lint.rule import Rule, RuleMeta
from irodori.prompt.chunk import ChunkEnd

_THIRD: Final = 2
_MOST: Final = 5


class ThirdChunk(Rule):
    """A prompt that runs into a third chunk without a BREAK.

    ## Why is this bad?
    Nobody keeps 150 tokens of ideas apart, the model least of all: what stands there has little
    say, and takes what the first chunks had.

    ## Example
        1girl, solo, looking at viewer, smile, standing, arms behind back, head tilt, blush,
        long hair, blonde hair, blue eyes, hair ribbon, red ribbon, white shirt, collared
        shirt, long sleeves, black thighhighs, brown footwear, red necktie, school bag, day,
        outdoors, tree, cherry blossoms, petals, wind, street, building, fence, bench,
        lamppost, sky, cloud, bird, sunlight, shadow, grass, road, sign, window, bicycle,
        cat, flower, butterfly, leaf, water, bridge, river, mountain, city, cityscape,
        skyline, cowboy shot, from side, depth of field, blurry background, lens flare,
        bokeh, light particles, traditional media, sketch

    ## Use instead
        2girls, side-by-side BREAK red hair, red dress BREAK blue hair, blue dress

    ## Fix
    None: what to leave out, only the author knows.

    ## Evidence
    Practice P11, P13: with several people each may have a chunk after BREAK.
    """

    meta = RuleMeta(
        code="CHK004",
        name="third-chunk",
        summary="prompt runs into a third chunk",
        severity=Severity.HINT,
        since="0.2.0",
        source="P11, P13",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        view = context.positive
        for chunked in view.chunked:
            chunks = chunked.chunks
            grown = all(chunk.end is not ChunkEnd.BREAK for chunk in chunks[:_THIRD])
            over = _THIRD if grown else _MOST
            if len(chunks) > over and chunks[over].spans:
                yield self.at(
                    chunks[over].spans[0],
                    f"chunk {over + 1} begins here: "
                    f"{chunked.token_count} tokens hold too many ideas",
                    help="drop what the picture can do without",
                )
