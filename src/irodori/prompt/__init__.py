"""The prompt language: one lossless tree, and everything read from it."""

from irodori.prompt.arrange import (
    insert_break,
    merge_duplicates,
    move_tag,
    sort_tags,
    toggle_tag,
    underscores_to_spaces,
)
from irodori.prompt.ast import Code, Diagnostic, Part, Prompt, Severity
from irodori.prompt.chunk import Chunk, EmbeddingTable, Encoder, id_rows, weight_rows
from irodori.prompt.chunked import ChunkedPrompt, TagPlace, chunk, chunk_nodes
from irodori.prompt.composition import composition
from irodori.prompt.dialect import Dialect
from irodori.prompt.emphasis import EmphasisMode, emphasis
from irodori.prompt.entries import Edit, apply
from irodori.prompt.escaping import escape, unescape
from irodori.prompt.networks import (
    NetworkTimeline,
    network_timelines,
    networks,
    prepared,
    without_networks,
)
from irodori.prompt.parser import parse
from irodori.prompt.render import render
from irodori.prompt.schedule import prompt_schedule, text_at_step
from irodori.prompt.span import Span, from_utf16, to_utf16
from irodori.prompt.tokenizer import Tokenizer, load_tokenizer
from irodori.prompt.variants import Expansion, combinations, expand
from irodori.prompt.weights import clear_weight, nudge_weight, set_weight
from irodori.prompt.wildcards import WildcardLibrary

__all__ = [
    "Chunk",
    "ChunkedPrompt",
    "Code",
    "Diagnostic",
    "Dialect",
    "Edit",
    "EmbeddingTable",
    "EmphasisMode",
    "Encoder",
    "Expansion",
    "NetworkTimeline",
    "Part",
    "Prompt",
    "Severity",
    "Span",
    "TagPlace",
    "Tokenizer",
    "WildcardLibrary",
    "apply",
    "chunk",
    "chunk_nodes",
    "clear_weight",
    "combinations",
    "composition",
    "emphasis",
    "escape",
    "expand",
    "from_utf16",
    "id_rows",
    "insert_break",
    "load_tokenizer",
    "merge_duplicates",
    "move_tag",
    "network_timelines",
    "networks",
    "nudge_weight",
    "parse",
    "prepared",
    "prompt_schedule",
    "render",
    "set_weight",
    "sort_tags",
    "text_at_step",
    "to_utf16",
    "toggle_tag",
    "underscores_to_spaces",
    "unescape",
    "weight_rows",
    "without_networks",
]
