"""`irodori convert`: a prompt of one tool in the language of another."""

import json
import sys

import click

from irodori.prompt.convert import PromptFormat, convert

_FORMATS = click.Choice([one.value for one in PromptFormat])


@click.command()
@click.argument("prompt")
@click.option("--from", "source", type=_FORMATS, required=True, help="The tool it is written for.")
@click.option("--to", "target", type=_FORMATS, required=True, help="The tool to write it for.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, the losses with it.")
def command(*, prompt: str, source: str, target: str, as_json: bool) -> None:
    """Rewrite PROMPT for another tool and say what could not be kept.

    The prompt goes to standard output, the losses to standard error. PROMPT may be `-` to read it
    from standard input. Put `--` before one that begins with a dash.
    """
    text = sys.stdin.read().removesuffix("\n") if prompt == "-" else prompt
    result = convert(text, source=PromptFormat(source), target=PromptFormat(target))
    if as_json:
        losses = [{"span": list(loss.span), "message": loss.message} for loss in result.losses]
        click.echo(json.dumps({"text": result.text, "losses": losses}, ensure_ascii=False))
        return
    click.echo(result.text)
    for loss in result.losses:
        excerpt = " ".join(loss.span.of(text).split())
        click.echo(f"lost: {excerpt[:40]}: {loss.message}", err=True)
