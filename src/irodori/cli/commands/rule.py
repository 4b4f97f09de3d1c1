"""`irodori rule`: the pages of the linter's rules."""

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from irodori.lint.rule import Rule


@click.command()
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, code: str | None, as_json: bool) -> None:
    """Show a rule's page, by its CODE or name; without one, list all rules."""
    from irodori.lint.registry import all_rules, find_rule

    rules = [find_rule(code)] if code else list(all_rules())
    if as_json:
        shown = [_as_data(rule, whole=code is not None) for rule in rules]
        click.echo(json.dumps(shown[0] if code else shown, ensure_ascii=False, indent=2))
    elif code:
        _show(rules[0])
    else:
        _list(rules)


def _as_data(rule: "Rule", *, whole: bool) -> dict[str, Any]:
    from irodori.lint.page import read_page

    meta = rule.meta
    data: dict[str, Any] = {
        "code": meta.code,
        "name": meta.name,
        "summary": meta.summary,
        "severity": meta.severity.value,
        "since": meta.since,
        "source": meta.source,
        "fix": meta.applicability.value if meta.applicability else None,
        "options": {option.name: option.doc for option in meta.options},
    }
    if whole:
        page = read_page(rule)
        data["title"] = page.title
        data["sections"] = dict(page.sections)
    return data


def _show(rule: "Rule") -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    from irodori.lint.page import as_markdown

    Console().print(Markdown(as_markdown(rule)))


def _list(rules: "list[Rule]") -> None:
    from irodori.lint.registry import FAMILIES

    family = ""
    for rule in rules:
        if rule.meta.family != family:
            family = rule.meta.family
            click.echo(f"\n{family}  {FAMILIES[family][1]}")
        severity = rule.meta.severity.value
        click.echo(f"  {rule.meta.code}  {severity:<8} {rule.meta.name:<30} {rule.meta.summary}")
