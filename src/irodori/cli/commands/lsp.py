"""`irodori lsp`: the language server for `.prompt` files."""

import click

from irodori.errors import InputError


@click.command()
@click.option("--profile", help="The model's family; see: irodori lint --help.")
def command(*, profile: str | None) -> None:
    """Serve an editor over standard input and output: findings, facts, completion, fixes.

    Needs the extra lsp: pip install "irodori[lsp]". Setting up an editor: docs/guides/editors.md.
    """
    try:
        from irodori.cli.language_server import make_server
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol"):
            raise
        message = 'the language server needs pygls: pip install "irodori[lsp]"'
        raise InputError(message) from error
    from irodori.app.config import load_config

    make_server(load_config(), profile=profile).start_io()
