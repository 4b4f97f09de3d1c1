"""CHK: chunks of 75 tokens (P11)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.chk.first_chunk import FirstChunkWithoutSubject
from irodori.lint.rules.chk.idea_cut import IdeaCutByChunk
from irodori.lint.rules.chk.nearly_empty_chunk import NearlyEmptyChunk
from irodori.lint.rules.chk.third_chunk import ThirdChunk

RULES: Final[tuple[type[Rule], ...]] = (
    IdeaCutByChunk,
    FirstChunkWithoutSubject,
    NearlyEmptyChunk,
    ThirdChunk,
)
