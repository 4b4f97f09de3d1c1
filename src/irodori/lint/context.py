"""What a rule is given: both prompts read once, the tag data, the settings, the recipe.

A rule never parses, tokenizes or looks a tag up itself: `PromptView` has each tag with its place,
its weight, its chunk, when it is in force, and what is known of it.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, cast

from irodori.lint.diagnostic import Field
from irodori.prompt.ast import Prompt
from irodori.prompt.chunked import ChunkedPrompt
from irodori.prompt.curves import NetworkTag
from irodori.prompt.span import Span

if TYPE_CHECKING:
    from irodori.lint.settings import Settings
    from irodori.recipe.recipe import Recipe
    from irodori.tags import Tag, Vocabulary
    from irodori.tags.profile import Profile

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TagUse:
    """A tag in a prompt.

    Args:
        name: as tags are compared: escapes resolved, spaces for underscores, lower case.
        text: as written, without the brackets around it.
        span: of `text`.
        outer: the same with its brackets and their weight; what is cut to take the tag out.
        weight: the product of all emphasis around it.
        chunk: which chunk of its part it begins in, from 0. A tag that comes later in a schedule
            counts to the chunk its place is in.
        part: which AND part, from 0.
        section: how many BREAKs stand before it in its part.
        start: share of the steps after which it is in force, 0..1.
        end: share of the steps until which it is in force, 0..1.
        entry: what the vocabulary knows of it; an alias gives the entry of the tag it means.
        in_schedule: it stands in a schedule, an alternation or a choice.
        editable: `span` holds its characters and no others, so an edit may replace them. False
            for `[red:blue:0.5] hair`, which is two tags at one place.
        branches: which branch of which bracket it stands in, for `meets`.
    """

    name: str
    text: str
    span: Span
    outer: Span
    weight: float = 1.0
    chunk: int = 0
    part: int = 0
    section: int = 0
    start: float = 0.0
    end: float = 1.0
    entry: "Tag | None" = None
    in_schedule: bool = False
    editable: bool = True
    branches: tuple[tuple[int, int], ...] = ()

    @property
    def group(self) -> str:
        """The group of its entry: `people`, `action` ...; "" if it is not known."""
        return "" if self.entry is None or self.entry.group is None else self.entry.group.value

    @property
    def facet(self) -> str:
        """The facet of its entry: `hair-colour`, `framing` ...; "" if it is not known."""
        return "" if self.entry is None or self.entry.facet is None else self.entry.facet.value

    @property
    def count(self) -> int:
        """How many pictures have it; 0 if it is not known."""
        return 0 if self.entry is None else self.entry.count

    @property
    def is_drawn(self) -> bool:
        """It is in force at some step with a weight other than 0."""
        return self.start < self.end and self.weight != 0

    def implies(self, other: "TagUse") -> bool:
        """Tell whether it says the other one already, as far as the tag table knows."""
        return (
            self.entry is not None
            and other.entry is not None
            and other.entry.name in self.entry.implies
        )

    def meets(self, other: "TagUse") -> bool:
        """Tell whether both are in force at one step of one part.

        The two sides of `[a:b:0.5]`, of `[a|b]` and of `{a|b}` never meet.
        """
        if self.part != other.part or self.start >= other.end or other.start >= self.end:
            return False
        mine = dict(self.branches)
        return all(mine.get(bracket, branch) == branch for bracket, branch in other.branches)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkUse:
    """A network in a prompt.

    Args:
        name: of its file, without folder and ending.
        kind: `lora`, `lyco`, `hypernet`, or a word that means nothing.
        span: from `<` to `>`.
        weight: the greatest strength, by size, that it has for the UNet at any step.
        start: share of the steps after which it is on, 0..1.
        end: share of the steps until which it is on, 0..1.
        tag: all that is written.
    """

    name: str
    kind: str
    span: Span
    weight: float
    start: float
    end: float
    tag: NetworkTag


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptView:
    """One of the two prompts, read.

    Args:
        field: which one.
        text: as written.
        tree: of the text.
        tags: in the order of the text; networks are none.
        chunked: one for each AND part, of what is drawn first.
        networks: in the order of the text, each place once.
    """

    field: Field
    text: str
    tree: Prompt
    tags: tuple[TagUse, ...] = ()
    chunked: tuple[ChunkedPrompt, ...] = ()
    networks: tuple[NetworkUse, ...] = ()
    _named: Mapping[str, TagUse] = dataclasses.field(init=False, repr=False, compare=False)
    _facets: Mapping[str, tuple[TagUse, ...]] = dataclasses.field(
        init=False, repr=False, compare=False
    )
    _groups: Mapping[str, tuple[TagUse, ...]] = dataclasses.field(
        init=False, repr=False, compare=False
    )
    _made: dict[object, object] = dataclasses.field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        named: dict[str, TagUse] = {}
        facets: dict[str, tuple[TagUse, ...]] = {}
        groups: dict[str, tuple[TagUse, ...]] = {}
        for use in self.tags:
            named.setdefault(use.name, use)
            if use.entry is not None:
                named.setdefault(use.entry.name, use)
                facets[use.facet] = (*facets.get(use.facet, ()), use)
            groups[use.group] = (*groups.get(use.group, ()), use)
        object.__setattr__(self, "_named", MappingProxyType(named))
        object.__setattr__(self, "_facets", MappingProxyType(facets))
        object.__setattr__(self, "_groups", MappingProxyType(groups))

    def named(self, name: str) -> TagUse | None:
        """Return the first use of a tag, by its own name or an alias; None if there is none."""
        return self._named.get(name)

    def in_facet(self, facet: str) -> tuple[TagUse, ...]:
        """Return the tags of a facet, in the order of the text."""
        return self._facets.get(facet, ())

    def in_group(self, group: str) -> tuple[TagUse, ...]:
        """Return the tags of a group, in the order of the text."""
        return self._groups.get(group, ())

    @property
    def distinct(self) -> tuple[TagUse, ...]:
        """Each tag that is drawn, where it first stands: for what is told of a tag once."""
        first: dict[str, TagUse] = {}
        for use in self.tags:
            if use.is_drawn:
                first.setdefault(use.name, use)
        return tuple(first.values())

    def once(self, read: "Callable[[PromptView], T]") -> T:
        """Return what a function makes of this prompt; it is called for the first asker only."""
        made = self._made
        if read not in made:
            made[read] = read(self)
        return cast("T", made[read])

    def in_chunk(self, chunk: int, part: int = 0) -> tuple[TagUse, ...]:
        """Return the tags of a chunk of an AND part, both from 0, in the order of the text."""
        return tuple([use for use in self.tags if (use.chunk, use.part) == (chunk, part)])


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFacts:
    """What a LoRA's file says about it.

    Args:
        name: as a prompt names it.
        triggers: words it was trained with; one of them should stand in the prompt.
        is_style: it changes the style and no person, so it may enter late; None if not known.
        is_lcm: it makes few steps enough (P16).
    """

    name: str
    triggers: tuple[str, ...] = ()
    is_style: bool | None = None
    is_lcm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What is known of the model that will draw, from its file.

    Args:
        name: for people.
        prediction: `eps` or `v`; "" if the file does not say.
        is_zero_snr: its noise ends in pure noise.
        native_side: pixels of a side of the squares it was trained on; 0 if not known.
        sizes: width and height of the pictures that its card recommends.
        networks: of those that the prompt names, by name as written there.
    """

    name: str = ""
    prediction: str = ""
    is_zero_snr: bool = False
    native_side: int = 0
    sizes: tuple[tuple[int, int], ...] = ()
    networks: Mapping[str, NetworkFacts] = dataclasses.field(
        default_factory=lambda: MappingProxyType({})
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that a rule may look at.

    Args:
        positive: the prompt.
        negative: the negative prompt.
        vocabulary: the tag data.
        profile: of the model's family.
        settings: thresholds.
        recipe: how it will be drawn; None when only prompts were given.
        model: what will draw; None if not known.
    """

    positive: PromptView
    negative: PromptView
    vocabulary: "Vocabulary"
    profile: "Profile"
    settings: "Settings"
    recipe: "Recipe | None" = None
    model: ModelFacts | None = None

    @property
    def views(self) -> tuple[PromptView, PromptView]:
        """Both prompts, the positive one first."""
        return self.positive, self.negative

    def view(self, field: Field) -> PromptView:
        """Return one of the two prompts."""
        return self.negative if field is Field.NEGATIVE_PROMPT else self.positive
