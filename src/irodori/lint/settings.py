"""What can be set: which rules run, and the thresholds of each family.

    [lint]                                # in irodori.toml
    select = ["ALL"]                      # codes, families or names; default: all
    ignore = ["QLT", "overtrained-tag"]
    known-tags = ["mychar"]               # names that are no mistakes: LoRA triggers, embeddings
    [lint.pop]
    general-min = 500

A family's keys are the fields of its class below, with hyphens.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Final, TypeVar

from irodori.errors import InputError, UnknownNameError

ALL: Final = "ALL"
"""Selects every rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntaxSettings:
    """SYN (P12).

    Attributes:
        weight_low: weights below it are reported; 0 is off and fine.
        weight_high: weights above it are reported.
    """

    weight_low: float = 0.1
    weight_high: float = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSettings:
    """ORD (P2).

    Attributes:
        tolerance: how many places of P2's order two groups may be apart the wrong way round.
        people_after: how many tags may stand before the people.
        heavy: a weight from which a tag counts as the one that matters most.
    """

    tolerance: int = 1
    people_after: int = 2
    heavy: float = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class QualitySettings:
    """QLT (P3).

    Attributes:
        catch_all: how many words of the well-known long lists make a negative prompt catch-all.
    """

    catch_all: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeSettings:
    """NEG (P4).

    Attributes:
        popular: pictures from which a tag should not be negated.
    """

    popular: int = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationSettings:
    """POP (P5); pictures on the booru.

    Attributes:
        general_min: general tags below it are not learned.
        general_good: from here on they work well.
        style_min: styles below it are not learned.
        character_min: characters below it rarely come out.
        character_good: from here on they come out right.
        overtrained: from here on a tag can overwhelm others.
        dominance: how many times as many pictures let a tag win over a competing one.
    """

    general_min: int = 1_000
    general_good: int = 2_000
    style_min: int = 2_000
    character_min: int = 2_000
    character_good: int = 3_000
    overtrained: int = 100_000
    dominance: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VisibilitySettings:
    """VIS (P6).

    Attributes:
        sure_weight: a tag weaker than this may fail to hide what it hides.
    """

    sure_weight: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class BleedingSettings:
    """BLD (P7).

    Attributes:
        enough: so many different colours keep one another in place.
    """

    enough: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationSettings:
    """ASC (P8)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingSettings:
    """RAT (P9).

    Attributes:
        ceiling: the owner's rating ceiling.
    """

    ceiling: str = "sensitive"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplicationSettings:
    """IMP (P6, P10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkSettings:
    """CHK (P11).

    Attributes:
        nearly_empty: tokens below which a chunk that nobody asked for is not worth it.
    """

    nearly_empty: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleSettings:
    """PPL (P13).

    Attributes:
        together: how many known characters can go without BREAK.
        crowd: people from which a mutual action is no longer missed.
    """

    together: int = 2
    crowd: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleSettings:
    """STY (P14, P15).

    Attributes:
        loras_max: style LoRAs that go together.
        total_max: what their weights may come to.
        all_max: styles, artists and style LoRAs that go together.
        enter: share of the steps after which a style should enter.
        latest: share of the steps after which it is too late for one.
        artist_min: pictures from which an artist is learned at all.
        artist_good: pictures from which an artist comes out nearly right.
    """

    loras_max: int = 2
    total_max: float = 1.3
    all_max: int = 3
    enter: float = 0.2
    latest: float = 0.5
    artist_min: int = 100
    artist_good: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeSettings:
    """RCP (P1, P16-P19).

    Attributes:
        cfg_low: CFG below it is reported.
        cfg_high: CFG above it is reported.
        clip_skip: the one that the model was trained with.
        area_low: size in megapixels below which pictures fall apart.
        area_high: size in megapixels above which things come twice.
        hires_low: denoise of hires below it changes nothing.
        hires_high: denoise of hires above it draws another picture.
        detailer_high: denoise of a detailer above it draws another face.
    """

    cfg_low: float = 3.0
    cfg_high: float = 7.5
    clip_skip: int = 2
    area_low: float = 0.75
    area_high: float = 1.3
    hires_low: float = 0.3
    hires_high: float = 0.5
    detailer_high: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplexitySettings:
    """CPX (P21).

    Attributes:
        high: points from which a prompt is called complex.
    """

    high: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that can be set; the defaults are the practice's.

    Attributes:
        select: codes, families or names of the rules that run; `ALL` is every one.
        ignore: the same of those that do not; wins over `select` where it is as long or longer.
        known_tags: names that no rule takes for a mistake.
    """

    select: tuple[str, ...] = (ALL,)
    ignore: tuple[str, ...] = ()
    known_tags: frozenset[str] = frozenset()
    syn: SyntaxSettings = field(default_factory=SyntaxSettings)
    ord: OrderSettings = field(default_factory=OrderSettings)
    qlt: QualitySettings = field(default_factory=QualitySettings)
    neg: NegativeSettings = field(default_factory=NegativeSettings)
    pop: PopulationSettings = field(default_factory=PopulationSettings)
    vis: VisibilitySettings = field(default_factory=VisibilitySettings)
    bld: BleedingSettings = field(default_factory=BleedingSettings)
    asc: AssociationSettings = field(default_factory=AssociationSettings)
    rat: RatingSettings = field(default_factory=RatingSettings)
    imp: ImplicationSettings = field(default_factory=ImplicationSettings)
    chk: ChunkSettings = field(default_factory=ChunkSettings)
    ppl: PeopleSettings = field(default_factory=PeopleSettings)
    sty: StyleSettings = field(default_factory=StyleSettings)
    rcp: RecipeSettings = field(default_factory=RecipeSettings)
    cpx: ComplexitySettings = field(default_factory=ComplexitySettings)

    def runs(self, code: str, name: str) -> bool:
        """Tell whether a rule is selected and not ignored.

        Of two entries that fit, the longer one decides; of two as long, `ignore` does.
        """
        return _longest(self.select, code, name) > _longest(self.ignore, code, name)


def _longest(wanted: tuple[str, ...], code: str, name: str) -> int:
    fits = [
        1 if each == ALL else len(code) + 1 if each == name else len(each) + 1
        for each in wanted
        if each in (ALL, name) or code.startswith(each)
    ]
    return max(fits, default=0)


def read_settings(
    table: Mapping[str, Any], base: Settings | None = None, *, where: str = "[lint]"
) -> Settings:
    """Return settings with a table's values laid over others.

    Args:
        table: what stands under `[lint]` in a TOML file, or a profile's layer.
        base: what holds where the table says nothing. Default: the practice.
        where: the table's name for messages.

    Raises:
        UnknownNameError: no such key.
        InputError: a value of another kind than the key's.
    """
    settings = base or Settings()
    changes = {
        key.replace("-", "_"): _value(settings, key, value, where) for key, value in table.items()
    }
    return replace(settings, **changes)


T = TypeVar("T")


def _value(holder: T, key: str, value: Any, where: str) -> Any:
    """Return a key's new value, checked against the kind of its present one."""
    known = {one.name.replace("_", "-") for one in fields(holder)}  # type: ignore[arg-type]  # a dataclass
    if key not in known:
        raise UnknownNameError(f"key in {where}", key, sorted(known))
    present = getattr(holder, key.replace("-", "_"))
    match present:
        case tuple() | frozenset():
            return type(present)(_strings(key, value, where))
        case bool():
            wanted, fits = "true or false", isinstance(value, bool)
        case float() | int():
            wanted = "a number" if isinstance(present, float) else "a whole number"
            kinds = (int, float) if isinstance(present, float) else (int,)
            fits = isinstance(value, kinds) and not isinstance(value, bool)
        case str():
            wanted, fits = "a text", isinstance(value, str)
        case _:
            return _family(present, key, value, where)
    if not fits:
        raise InputError(f"{where}: {key} must be {wanted}, not {value!r}")
    return type(present)(value)


def _family(present: Any, key: str, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise InputError(f"{where}: {key} must be a table, not {value!r}")
    inner = where.replace("[lint", f"[lint.{key}", 1)
    changes = {
        name.replace("-", "_"): _value(present, name, each, inner) for name, each in value.items()
    }
    return replace(present, **changes)


def _strings(key: str, value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise InputError(f"{where}: {key} must be a list of texts, not {value!r}")
    return tuple(value)
