"""ORD: the order of a prompt (P2)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.ord.group_out_of_order import GroupOutOfOrder
from irodori.lint.rules.ord.heavy_tag_late import HeavyTagLate
from irodori.lint.rules.ord.people_tag_late import PeopleTagLate
from irodori.lint.rules.ord.people_tag_missing import PeopleTagMissing

RULES: Final[tuple[type[Rule], ...]] = (
    GroupOutOfOrder,
    PeopleTagMissing,
    PeopleTagLate,
    HeavyTagLate,
)
