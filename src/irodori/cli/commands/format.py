"""`irodori format`: apply the fixes that keep what is drawn."""

import sys
from pathlib import Path

import click


@click.command()
@click.argument("source", metavar="PROMPT|FILE|-")
@click.option("--negative", "-n", help="Negative prompt.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 if it would.")
@click.option("--profile", help="The model's family; see: irodori lint --help.")
def command(*, source: str, negative: str | None, only_check: bool, profile: str | None) -> None:
    """Apply the safe fixes of the linter to PROMPT, a text file, or - (standard input).

    Tags are put in order, written with spaces, and not twice. A text file is written in place;
    anything else is printed. Exit codes: 0 done, 1 --check found something to do, 2 refused.
    """
    from irodori.app.config import load_config
    from irodori.app.linting import as_text, open_linter, write_back
    from irodori.cli.commands.lint import read_argument

    given, path = read_argument(source, negative)
    folder = path.parent if path else Path()
    with open_linter(load_config(), folder, profile=profile) as linter:
        result = linter.fix(given)
    if only_check:
        for title in result.applied:
            click.echo(title)
        sys.exit(1 if result.applied else 0)
    if not (path and write_back(path, result.source)):
        click.echo(as_text(result.source))
