"""A rule's page: its docstring, read into parts for people, for the documentation and for tests.

    First line: what the rule finds.

    More about it, if needed.

    ## Why is this bad?
    ## Example            indented blocks that make the rule speak
    ## Use instead        the same blocks mended: the rule is silent
    ## Options, ## Fix, ## Evidence

A block is an infotext: the prompt, then `Negative prompt: ...`, then `Steps: ...`, the last two
where they matter. Lines before it may say `Profile: noobai` (the model's family),
`Dialect: a1111`, `Model: v` (what it predicts) and `LoRA: name, trigger word, style` (what a
LoRA's file says). Blank lines part blocks.
"""

import inspect
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from irodori.lint.checker import LintInput
from irodori.lint.context import ModelFacts, NetworkFacts
from irodori.lint.rule import Rule
from irodori.prompt.dialect import Dialect
from irodori.tags.profile import Profile, load_profile

_HEADING: Final = re.compile(r"^## (.+)$", re.MULTILINE)
_NEGATIVE: Final = "Negative prompt:"  # at the start of a line
_SETTINGS: Final = "Steps:"
_HEADS: Final = ("Profile:", "Dialect:", "Model:", "LoRA:")
_TRIGGER: Final = "trigger "


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A block of a page: what is drawn, and for which family of models."""

    text: str
    source: LintInput
    profile: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePage:
    """A rule's docstring in parts.

    Args:
        title: its first line.
        body: what stands before the first heading, after the title; Markdown.
        sections: heading and text of each section, in order; Markdown.
        examples: make the rule speak.
        cures: leave it silent.
    """

    title: str
    body: str
    sections: tuple[tuple[str, str], ...]
    examples: tuple[Sample, ...]
    cures: tuple[Sample, ...]


def read_page(rule: Rule | type[Rule]) -> RulePage:
    """Return a rule's page.

    Raises:
        ValueError: it has no docstring.
    """
    kind = rule if isinstance(rule, type) else type(rule)
    doc = kind.__doc__
    if not doc:
        raise ValueError(f"{kind.__name__} has no docstring, so no page")
    parts = _HEADING.split(inspect.cleandoc(doc))
    title, _, body = parts[0].strip().partition("\n")
    sections = tuple(
        (parts[i].strip(), textwrap.dedent(parts[i + 1].strip("\n")))
        for i in range(1, len(parts), 2)
    )
    by_name = dict(sections)
    return RulePage(
        title=title.strip(),
        body=body.strip(),
        sections=sections,
        examples=_samples(by_name.get("Example", "")),
        cures=_samples(by_name.get("Use instead", "")),
    )


def as_markdown(rule: Rule) -> str:
    """Return a rule's page as Markdown, with what its metadata says."""
    page, meta = read_page(rule), rule.meta
    facts = [f"**{meta.severity.value}**", f"since {meta.since}"]
    if meta.source:
        facts.append(f"practice {meta.source}")
    facts.append(f"{meta.applicability.value} fix" if meta.applicability else "no fix")
    lines = [f"# {meta.code} {meta.name}", "", page.title, "", ", ".join(facts) + "."]
    if page.body:
        lines += ["", page.body]
    for name, text in page.sections:
        is_sample = name in ("Example", "Use instead")
        lines += ["", f"## {name}", "", _fenced(text) if is_sample else text]
    return "\n".join(lines).rstrip() + "\n"


def _fenced(text: str) -> str:
    return f"```text\n{text.strip()}\n```"


def _samples(text: str) -> tuple[Sample, ...]:
    blocks = re.split(r"\n\s*\n", text.strip("\n"))
    return tuple([read_sample(textwrap.dedent(block)) for block in blocks if block.strip()])


def read_sample(text: str) -> Sample:
    """Return a block of a page, see the head of this module."""
    lines = text.split("\n")
    heads: dict[str, list[str]] = {}
    while lines[0].startswith(_HEADS):
        key, _, value = lines.pop(0).partition(":")
        heads.setdefault(key, []).append(value.strip())
    profile = load_profile(*heads.get("Profile", [])[:1])
    dialect = Dialect.named(heads["Dialect"][0]) if "Dialect" in heads else Dialect.IRODORI
    source = replace(_source(lines, dialect), model=_model(heads))
    return Sample(text=text, source=source, profile=profile)


def _source(lines: Sequence[str], dialect: Dialect) -> LintInput:
    block = "\n".join(lines)
    if lines[-1].startswith(_SETTINGS):
        from irodori.recipe.info import read_text

        recipe = read_text(block).recipe
        if recipe is None:
            raise ValueError(f"the settings of this sample cannot be read: {block!r}")
        return LintInput.of(recipe)
    prompt, _, negative = block.partition("\n" + _NEGATIVE)
    return LintInput(prompt=prompt, negative_prompt=negative.strip(), dialect=dialect)


def _model(heads: dict[str, list[str]]) -> ModelFacts | None:
    """Return what `Model:` and `LoRA:` lines say; None without them."""
    if not heads.keys() & {"Model", "LoRA"}:
        return None
    networks = {}
    for line in heads.get("LoRA", []):
        name, *facts = [word.strip() for word in line.split(",")]
        networks[name] = NetworkFacts(
            name=name,
            triggers=tuple(
                [fact.removeprefix(_TRIGGER) for fact in facts if fact.startswith(_TRIGGER)]
            ),
            is_style=True if "style" in facts else None,
            is_lcm="lcm" in facts,
        )
    return ModelFacts(prediction="".join(heads.get("Model", [])), networks=networks)
