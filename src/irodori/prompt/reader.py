"""Builds the nodes of one stretch of tokens: leaves, groups, schedules, alternations, variants.

One reader serves both dialects. They differ in what a pair of brackets may become, which is
decided in `_square` and `_round`; the brackets are already paired (`irodori.prompt.brackets`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from irodori.prompt import findings, lexer, numbers
from irodori.prompt.ast import (
    Alternation,
    Bracket,
    Break,
    Comment,
    Diagnostic,
    Escape,
    Group,
    Network,
    Node,
    Schedule,
    Separator,
    Stray,
    VariantOption,
    Variants,
    Weight,
    Wildcard,
)
from irodori.prompt.brackets import Brackets, Pair
from irodori.prompt.curves import KNOWN_KINDS, read_strengths, read_tag
from irodori.prompt.dialect import Dialect
from irodori.prompt.lexer import (
    AND,
    CLOSE,
    ENDER,
    OPEN,
    OTHER,
    PIPE,
    SEPARATOR,
    SPACE,
    TEXT,
    Token,
)
from irodori.prompt.row import Row
from irodori.prompt.span import Span


@dataclass(slots=True, kw_only=True)
class Source:
    """A text with its tokens and brackets.

    Args:
        text: the whole text.
        plain: the same length, with networks and comments blanked out where the dialect takes
            them out before it reads on.
        tokens: of the stretch to be read.
        brackets: of the tokens.
        dialect: how to read.
        negative: it is a negative prompt.
        found: what was noticed so far.
    """

    text: str
    plain: str
    tokens: Sequence[Token]
    brackets: Brackets
    dialect: Dialect
    negative: bool = False
    found: list[Diagnostic] = field(default_factory=list)


class Reader:
    """The descent over one `Source`; `nodes` is its only door."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._text = source.text
        self._tokens = source.tokens
        self._pairs = source.brackets.pairs
        self._found = source.found
        self._a1111 = source.dialect is Dialect.A1111
        brackets = source.brackets
        self._spoilt = self._a1111 and bool(brackets.loose_pipes or brackets.lone_backslashes)
        self._loses_schedules = self._spoilt and any(
            pair.strict and pair.bracket == "[" and (pair.colons or pair.pipes)
            for pair in self._pairs.values()
        )
        self._explained: set[int] = set()  # pipes that a finding of their bracket speaks of
        self._groups = 0  # how many groups are open around the current token
        self._schedules = 0  # the same for schedules and alternations

    @property
    def ands(self) -> Sequence[int]:
        """Indices of the words AND that stand outside of all brackets."""
        return self._source.brackets.top.ands

    def nodes(self, start: int, stop: int) -> tuple[Node, ...]:
        """The nodes of the tokens with the indices `start <= i < stop`."""
        text, tokens, pairs = self._text, self._tokens, self._pairs
        row = Row(text)
        index = start
        while index < stop:
            kind, begin, end = tokens[index]
            if kind == TEXT:
                row.add_text(begin, end)
            elif kind == SEPARATOR:
                row.add(Separator(span=Span(begin, end), source=text[begin:end]))
            elif kind == SPACE:
                row.add_space(begin, end)
            elif kind == OPEN and (pair := pairs.get(index)) and (node := self._node(pair)):
                row.add(node)
                index = pair.closed
            else:
                self._add_word(row, index)
            index += 1
        return row.finish(tokens[stop - 1][2] if stop > start else 0)

    # --- leaves ---------------------------------------------------------------------------------

    def _add_word(self, row: Row, index: int) -> None:
        kind, begin, end = self._tokens[index]
        if kind in {OPEN, CLOSE, PIPE}:
            self._add_stray(row, index)
        elif kind == ENDER and row.in_tag:
            row.add(Separator(span=Span(begin, end), source=self._text[begin:end]))
        elif leaf := self._leaf(kind, Span(begin, end)):
            row.add(leaf)
        else:
            if kind == AND:
                self._found.append(findings.and_in_brackets(Span(begin, end)))
            elif kind == OTHER:
                self._look_for_network(begin)
            row.add_text(begin, end)

    def _leaf(self, kind: str, span: Span) -> Node | None:
        source = span.of(self._text)
        match kind:
            case lexer.ESCAPE:
                if len(source) == 1:
                    self._report_backslash(span)
                return Escape(span=span, source=source, value=source[1:])
            case lexer.NETWORK:
                return self._network(span, source)
            case lexer.WILDCARD:
                return Wildcard(span=span, name=source[2:-2])
            case lexer.COMMENT:
                line = self._text.rfind("\n", 0, span.start) + 1
                if self._text[line : span.start].strip() and source[1:].strip():
                    self._found.append(
                        findings.comment_swallows_text(span, source, a1111=self._a1111)
                    )
                return Comment(span=span, source=source)
            case lexer.BREAK:
                if self._a1111 and self._groups:
                    self._found.append(findings.break_is_text(span))
                return Break(span=span)
            case _:
                return None

    def _report_backslash(self, span: Span) -> None:
        spoils = self._loses_schedules
        self._found.append(
            findings.prompt_is_text(span) if spoils else findings.lone_backslash(span)
        )

    def _network(self, span: Span, source: str) -> Network:
        kind, *items = source[1:-1].split(":")
        node = Network(span=span, kind=kind, items=tuple(items))
        if self._source.negative:
            self._found.append(findings.network_in_negative(span))
        elif kind not in KNOWN_KINDS:
            self._found.append(findings.unknown_network_kind(span, kind))
        elif isinstance(problem := read_strengths(read_tag(node, name_first=not self._a1111)), str):
            self._found.append(findings.unreadable_network(span, source, problem))
        elif self._a1111 and self._schedules:
            self._found.append(findings.unschedulable_network(span))
        return node

    def _look_for_network(self, begin: int) -> None:
        if not any(self._text.startswith(f"<{kind}:", begin) for kind in KNOWN_KINDS):
            return
        ends = (self._text.find(char, begin) for char in ",\n")
        span = Span(begin, min((end for end in ends if end >= 0), default=len(self._text)))
        self._found.append(findings.malformed_network(span, span.of(self._text)))

    def _add_stray(self, row: Row, index: int) -> None:
        kind, begin, end = self._tokens[index]
        span, char = Span(begin, begin + 1), self._text[begin]
        row.add(Stray(span=span, source=char))
        if end - begin > 1:  # the `2$$` of a brace, the `0.5::` of a pipe
            rest = self._text[begin + 1 : end]
            words = end - len(rest.lstrip())
            if begin + 1 < words:
                row.add_space(begin + 1, words)
            row.add_text(words, end)
        if kind == PIPE:
            self._report_pipe(index, span)
        elif char == "{":
            self._found.append(findings.braces_are_text(span))
        elif index in self._source.brackets.strays and char != "}" and not self._is_mouth(begin):
            self._found.append(findings.unbalanced(span, char, a1111=self._a1111))
            if self._a1111 and kind == OPEN:
                self._groups += 1  # it stays open to the end

    def _is_mouth(self, begin: int) -> bool:
        """True if the bracket ends a face such as `:)`: dialect irodori, alone at a tag's end."""
        text = self._text
        return (
            not self._a1111
            and begin > 0
            and text[begin - 1] in ":;="
            and (begin + 1 == len(text) or text[begin + 1] in ", \n")
        )

    def _report_pipe(self, index: int, span: Span) -> None:
        around = self._text[max(0, span.start - 1) : span.end + 1]
        is_face = not self._a1111 and any(char in ":;_=><^-" for char in around)
        if index not in self._explained and not is_face:
            spoils = self._loses_schedules
            self._found.append(findings.stray_pipe(span, spoils=spoils))

    # --- brackets -------------------------------------------------------------------------------

    def _node(self, pair: Pair) -> Node | None:
        if pair.bracket == "[":
            return self._square(pair)
        if pair.bracket == "(":
            return self._round(pair)
        return self._variants(pair)

    def _span(self, pair: Pair) -> Span:
        return Span(self._tokens[pair.opened][1], self._tokens[pair.closed][2])

    def _square(self, pair: Pair) -> Node:
        colons, pipes = pair.colons, pair.pipes
        readable = not self._a1111 or (pair.strict and not self._spoilt)
        if readable and not pipes and 1 <= len(colons) <= 2 and (node := self._schedule(pair)):
            return node
        if readable and pipes and not colons:
            options = self._options(pair, pair.closed)
            return Alternation(span=self._span(pair), bracket=Bracket.SQUARE, options=options)
        if colons or pipes:
            self._explain_text(pair)
        inside = self._grouped(pair.opened + 1, pair.closed)
        return Group(span=self._span(pair), bracket=Bracket.SQUARE, nodes=inside)

    def _schedule(self, pair: Pair) -> Schedule | None:
        start, end = self._tokens[pair.colons[-1]][2], self._tokens[pair.closed][1]
        when = numbers.read_when(self._source.plain[start:end], self._text[start:end], start)
        if when is None:
            return None
        # 1 to 2 is the hires pass's share; 1.0 is the last step of one pass and the first of none.
        if when.value <= 0 or (when.is_fraction and (when.value == 1 or when.value >= 2)):
            has_before = len(pair.colons) == 2
            self._found.append(findings.schedule_without_effect(when, has_before=has_before))
        self._schedules += 1
        before, first = None, pair.opened + 1
        if len(pair.colons) == 2:
            before = self.nodes(first, pair.colons[0])
            first = pair.colons[0] + 1
        after = self.nodes(first, pair.colons[-1])
        self._schedules -= 1
        return Schedule(span=self._span(pair), before=before, after=after, when=when)

    def _options(self, pair: Pair, end: int) -> tuple[tuple[Node, ...], ...]:
        self._schedules += 1
        borders = [pair.opened, *pair.pipes, end]
        options = tuple(self.nodes(left + 1, right) for left, right in pairwise(borders))
        self._schedules -= 1
        return options

    def _grouped(self, start: int, stop: int) -> tuple[Node, ...]:
        self._groups += 1
        nodes = self.nodes(start, stop)
        self._groups -= 1
        return nodes

    def _explain_text(self, pair: Pair) -> None:
        span = self._span(pair)
        last = ""
        if pair.colons:
            last = self._text[self._tokens[pair.colons[-1]][2] : self._tokens[pair.closed][1]]
        if pair.colons and pair.pipes:
            cause = "it has both : and |"
        elif self._spoilt and pair.strict:
            return  # the character that spoils the prompt has its own finding
        elif pair.pipes or numbers.is_when(last):
            cause = f"it has {len(pair.colons) + 1} fields"
            if len(pair.colons) <= 2:
                cause = "a bracket, a colon or | inside it has no partner"
        else:
            cause = f"its last field, '{findings.shorten(last.strip())}', is no number"
        self._explained.update(pair.pipes)
        self._found.append(findings.schedule_is_text(span, span.of(self._text), cause))

    def _round(self, pair: Pair) -> Node:
        weight = self._weight(pair)
        stop = pair.colons[-1] if weight else pair.closed
        span = self._span(pair)
        if self._alternates(pair, stop):
            options = self._options(pair, stop)
            return Alternation(span=span, bracket=Bracket.ROUND, options=options, weight=weight)
        inside = self._grouped(pair.opened + 1, stop)
        return Group(span=span, bracket=Bracket.ROUND, nodes=inside, weight=weight)

    def _alternates(self, pair: Pair, stop: int) -> bool:
        """True for `(a|b:1.2)` in dialect irodori; each option must have a letter or digit."""
        if self._a1111 or not pair.pipes or pair.pipes[-1] > stop:
            return False
        borders = [pair.opened, *pair.pipes, stop]
        texts = (
            self._text[self._tokens[left][2] : self._tokens[right][1]]
            for left, right in pairwise(borders)
        )
        return all(any(map(str.isalnum, text)) for text in texts)

    def _weight(self, pair: Pair) -> Weight | None:
        if not pair.colons or (pair.pipes and pair.pipes[-1] > pair.colons[-1]):
            return None
        colon = pair.colons[-1]
        begin, start = self._tokens[colon][1:]
        end = self._tokens[pair.closed][1]
        span, number = Span(begin, end), self._source.plain[start:end]
        source = span.of(self._text)
        value = numbers.read_weight(number)
        if value is None:
            if numbers.is_scheduled_weight(number):
                nodes = self.nodes(colon + 1, pair.closed)
                return Weight(span=span, source=source, value=None, nodes=nodes)
            if numbers.is_nearly_a_weight(number):
                self._found.append(findings.malformed_weight(span, source))
            return None
        before = self._source.plain[self._tokens[pair.opened][2] : begin]
        if not self._a1111 and numbers.is_face(before, number.strip()):
            return None
        if before.strip() == "" or numbers.swallows_text(before, number):
            self._found.append(findings.weight_swallows_text(span, source, value))
        return Weight(span=span, source=source, value=value)

    def _variants(self, pair: Pair) -> Variants | None:
        begin, end = self._tokens[pair.opened][1:]
        prefix = self._text[begin + 1 : end]
        count, dollars, weight = prefix.rpartition("$$")
        if not pair.pipes and not dollars:
            return None
        borders = [pair.opened, *pair.pipes, pair.closed]
        weights = [weight, *(self._text[slice(*self._tokens[i][1:])][1:] for i in pair.pipes)]
        options = tuple(
            self._option(left, right, prefix)
            for (left, right), prefix in zip(pairwise(borders), weights, strict=True)
        )
        numbers_part, _, joiner = count.partition("$$")
        least, most = _bounds(numbers_part, len(options))
        return Variants(
            span=self._span(pair),
            options=options,
            count_source=count + dollars,
            least=least,
            most=most,
            joiner=joiner if "$$" in count else ", ",
        )

    def _option(self, left: int, right: int, weight_source: str) -> VariantOption:
        start = self._tokens[left][2] - len(weight_source)
        return VariantOption(
            span=Span(start, self._tokens[right][1]),
            nodes=self.nodes(left + 1, right),
            weight_source=weight_source,
            weight=float(weight_source.strip().removesuffix("::") or 1.0),
        )


def _bounds(count: str, available: int) -> tuple[int, int]:
    """How many options a count such as `2`, `1-3`, `-2` or `2-` asks for, at least and at most."""
    least, dash, most = count.partition("-")
    lowest = int(least) if least else 1
    if not dash:
        return lowest, lowest
    return lowest, int(most) if most else available
