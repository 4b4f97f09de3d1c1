"""SYN: what the text does not say (P12)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.syn.accidental_and_weight import AccidentalAndWeight
from irodori.lint.rules.syn.and_in_brackets import AndInBrackets
from irodori.lint.rules.syn.bare_weight import BareWeight
from irodori.lint.rules.syn.braces_are_text import BracesAreText
from irodori.lint.rules.syn.break_is_text import BreakIsText
from irodori.lint.rules.syn.comment_swallows_text import CommentSwallowsText
from irodori.lint.rules.syn.duplicate_tag import DuplicateTag
from irodori.lint.rules.syn.empty_alternation import EmptyAlternation
from irodori.lint.rules.syn.empty_tag import EmptyTag
from irodori.lint.rules.syn.extreme_weight import ExtremeWeight
from irodori.lint.rules.syn.lone_backslash import LoneBackslash
from irodori.lint.rules.syn.malformed_network import MalformedNetwork
from irodori.lint.rules.syn.malformed_weight import MalformedWeight
from irodori.lint.rules.syn.negative_label import NegativeLabel
from irodori.lint.rules.syn.network_in_negative import NetworkInNegative
from irodori.lint.rules.syn.prompt_is_text import PromptIsText
from irodori.lint.rules.syn.schedule_is_text import ScheduleIsText
from irodori.lint.rules.syn.schedule_without_effect import ScheduleWithoutEffect
from irodori.lint.rules.syn.stray_pipe import StrayPipe
from irodori.lint.rules.syn.unbalanced_bracket import UnbalancedBracket
from irodori.lint.rules.syn.underscored_tag import UnderscoredTag
from irodori.lint.rules.syn.unescaped_name import UnescapedName
from irodori.lint.rules.syn.unknown_network_kind import UnknownNetworkKind
from irodori.lint.rules.syn.unschedulable_network import UnschedulableNetwork
from irodori.lint.rules.syn.weight_swallows_text import WeightSwallowsText

RULES: Final[tuple[type[Rule], ...]] = (
    UnbalancedBracket,
    StrayPipe,
    ScheduleIsText,
    ScheduleWithoutEffect,
    PromptIsText,
    AccidentalAndWeight,
    AndInBrackets,
    BreakIsText,
    MalformedWeight,
    WeightSwallowsText,
    MalformedNetwork,
    UnknownNetworkKind,
    NetworkInNegative,
    UnschedulableNetwork,
    CommentSwallowsText,
    BracesAreText,
    LoneBackslash,
    UnescapedName,
    ExtremeWeight,
    UnderscoredTag,
    DuplicateTag,
    EmptyAlternation,
    EmptyTag,
    BareWeight,
    NegativeLabel,
)
