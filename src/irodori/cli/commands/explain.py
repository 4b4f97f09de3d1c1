"""`irodori explain`: what a prompt means, before anything is drawn."""

import json
import sys
from typing import Any

import click

from irodori.prompt.curves import NetworkTag
from irodori.prompt.dialect import Dialect
from irodori.prompt.explain import Explanation, PassTimeline, Question, explain
from irodori.prompt.tokenizer import load_tokenizer


@click.command()
@click.argument("prompt")
@click.option("--negative", help="The negative prompt, explained after the prompt.")
@click.option("--steps", default=28, show_default=True, type=click.IntRange(1, 1000))
@click.option("--hires-steps", type=click.IntRange(1, 1000), help="Show the hires pass, too.")
@click.option(
    "--dialect",
    type=click.Choice([dialect.value for dialect in Dialect]),
    default=Dialect.IRODORI.value,
    show_default=True,
    help="Read the text as A1111 does, to the letter.",
)
@click.option("--old-timelines", is_flag=True, help="Read steps as A1111 before 1.6 did.")
@click.option("--backtrack", default=20, show_default=True, type=click.IntRange(0, 74))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, prompt: str, negative: str | None, as_json: bool, **given: Any) -> None:  # click
    """Show what PROMPT means: its timeline, chunks, tokens, networks and findings.

    PROMPT may be `-` to read it from standard input. Put `--` before one that begins with a dash.
    """
    question = Question(
        steps=given["steps"],
        hires_steps=given["hires_steps"],
        dialect=Dialect(given["dialect"]),
        old_timelines=given["old_timelines"],
        backtrack=given["backtrack"],
    )
    tokenizer = load_tokenizer()
    text = sys.stdin.read().removesuffix("\n") if prompt == "-" else prompt
    positive = explain(text, tokenizer, question)
    other = None
    if negative is not None:
        from dataclasses import replace

        other = explain(negative, tokenizer, replace(question, negative=True))
    if as_json:
        data = as_data(positive)
        if other is not None:
            data["negative"] = as_data(other)
        click.echo(json.dumps(data, ensure_ascii=False))
        return
    from irodori.cli.explanation import show

    show(positive, title="prompt")
    if other is not None:
        show(other, title="negative prompt")


def as_data(explanation: Explanation) -> dict[str, Any]:
    """Return an explanation as JSON values; spans are code points."""
    hires = explanation.hires
    return {
        "schedule": _entries(explanation.first),
        "hires_schedule": None if hires is None else _entries(hires),
        "emphasis": [list(segment) for segment in explanation.emphasis],
        "parts": [list(part) for part in explanation.parts],
        "networks": [
            {
                "kind": network.tag.kind,
                "name": network.tag.name,
                "args": _arguments(network.tag),
                "weights_per_step": list(network.unet),
            }
            for network in explanation.first.networks
        ],
        "chunks": [
            {"tokens": len(chunk.ids), "ids": list(chunk.ids), "weights": list(chunk.weights)}
            for part in explanation.chunked
            for chunk in part.chunks
        ],
        "diagnostics": [
            {
                "code": found.code,
                "severity": found.severity,
                "span": list(found.span),
                "message": found.message,
                "suggestion": found.suggestion,
                "replacement": found.replacement,
            }
            for found in explanation.diagnostics
        ],
    }


def _entries(timeline: PassTimeline) -> list[list[Any]]:
    return [[end, text] for end, text in timeline.entries]


def _arguments(tag: NetworkTag) -> list[str]:
    """Return a network's items without its name, which is the first that is not `key=value`."""
    items = list(tag.items)
    items.remove(tag.name)
    return items
