"""PPL: several people in one picture (P13)."""

from typing import Final

from irodori.lint.rule import Rule
from irodori.lint.rules.ppl.action_needs_more_people import ActionNeedsMorePeople
from irodori.lint.rules.ppl.count_against_names import CountAgainstNames
from irodori.lint.rules.ppl.known_with_invented import KnownWithInvented
from irodori.lint.rules.ppl.many_known_together import ManyKnownTogether
from irodori.lint.rules.ppl.missing_mutual_action import MissingMutualAction
from irodori.lint.rules.ppl.people_in_one_chunk import PeopleInOneChunk
from irodori.lint.rules.ppl.person_in_shared_chunk import PersonInSharedChunk
from irodori.lint.rules.ppl.shared_tag_apart import SharedTagApart
from irodori.lint.rules.ppl.species_for_all import SpeciesForAll
from irodori.lint.rules.ppl.uneven_looks import UnevenLooks

RULES: Final[tuple[type[Rule], ...]] = (
    SharedTagApart,
    PeopleInOneChunk,
    PersonInSharedChunk,
    MissingMutualAction,
    UnevenLooks,
    SpeciesForAll,
    KnownWithInvented,
    CountAgainstNames,
    ActionNeedsMorePeople,
    ManyKnownTogether,
)
