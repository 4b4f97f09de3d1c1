"""The root command: names its commands without importing them, maps errors to exit codes."""

import gc
import importlib
import sys
from collections.abc import Mapping
from typing import Final, cast

import click

from irodori import __version__
from irodori.errors import InputError, IrodoriError

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    # name: (module:attribute, one line of help)
    "generate": ("irodori.cli.commands.generate:command", "Draw a picture from a prompt."),
    "img2img": ("irodori.cli.commands.img2img:command", "Draw over a picture."),
    "inpaint": ("irodori.cli.commands.inpaint:command", "Draw a part of a picture anew."),
    "hires": ("irodori.cli.commands.hires:command", "Draw a finished picture larger."),
    "detail": ("irodori.cli.commands.detail:command", "Find faces and more; draw them anew."),
    "upscale": ("irodori.cli.commands.upscale:command", "Enlarge a picture without drawing."),
    "explain": (
        "irodori.cli.commands.explain:command",
        "Show what a prompt means: timeline, chunks, tokens, findings.",
    ),
    "lint": (
        "irodori.cli.commands.lint:command",
        "Say what is wrong with a prompt, with the evidence and a fix.",
    ),
    "format": (
        "irodori.cli.commands.format:command",
        "Put a prompt in order: the linter's safe fixes.",
    ),
    "rule": ("irodori.cli.commands.rule:command", "Show the linter's rules and their pages."),
    "lsp": ("irodori.cli.commands.lsp:command", "Serve an editor: the linter as you type."),
    "convert": ("irodori.cli.commands.convert:command", "Rewrite a prompt for another tool."),
    "recipe": ("irodori.cli.commands.recipe:command", "Show, compare and make recipes."),
    "history": (
        "irodori.cli.commands.history:command",
        "Look at what was drawn, what it came from, what changed.",
    ),
    "iterate": ("irodori.cli.commands.iterate:command", "Draw the next picture from one before."),
    "redraw": ("irodori.cli.commands.redraw:command", "Draw a picture again from its metadata."),
    "doctor": (
        "irodori.cli.commands.doctor:command",
        "Say what will differ when a picture is drawn again here.",
    ),
    "info": ("irodori.cli.commands.info:command", "Say how pictures were drawn."),
    "tags": (
        "irodori.cli.commands.tags:command",
        "Look tags up and search them; import and fetch newer counts.",
    ),
    "models": (
        "irodori.cli.commands.models:command",
        "List, describe, check and get model files.",
    ),
    "samplers": ("irodori.cli.commands.samplers:command", "List samplers and sigma schedules."),
    "sigmas": ("irodori.cli.commands.sigmas:command", "Print or plot the noise levels of a pass."),
    "paint": (
        "irodori.cli.commands.paint:command",
        "Paint training pictures; train, measure and release the shipped model.",
    ),
}

EXIT_INPUT: Final = 2
EXIT_FAILURE: Final = 1
COLLECT_AFTER: Final = 100_000
"""Objects before the first look for garbage: what a command loads lives to its end, and looking
through it again and again takes an eighth of a short command's time."""


class LazyGroup(click.Group):
    """A group that imports a command's module when that command is run or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Return the names of `COMMANDS`, in their order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module_name, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module_name), attribute)
        return cast("click.Command", command)  # COMMANDS names commands only

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table of commands from `COMMANDS` alone, so that help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="irodori")
def root() -> None:
    """Draw with Illustrious: understands the prompt before it spends the GPU.

    Exit codes: 0 done, 1 failed, 2 the input was refused (the message says what to do).
    """


def main() -> None:
    """Run the command line; the one place where its errors end."""
    gc.set_threshold(COLLECT_AFTER)
    try:
        root(standalone_mode=True)
    except InputError as error:
        click.echo(f"irodori: {error}", err=True)
        sys.exit(EXIT_INPUT)
    except IrodoriError as error:
        click.echo(f"irodori: {error}", err=True)
        sys.exit(EXIT_FAILURE)
