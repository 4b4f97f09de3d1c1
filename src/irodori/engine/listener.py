"""Whoever listens to the work, and may stop it."""

from collections.abc import Callable
from dataclasses import dataclass

from irodori.engine.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Whoever wants to know, and may stop it.

    Attributes:
        tell: hears of every event.
        cancelled: asked before every step, tile and pass; True ends the work.
    """

    tell: Callable[[Event], None]
    cancelled: Callable[[], bool]
