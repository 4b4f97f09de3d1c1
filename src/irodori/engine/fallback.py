"""What happens when memory is short: the next smaller plan, the same work again, and a note."""

from collections.abc import Callable
from dataclasses import replace

from irodori.engine.cards import is_out_of_memory
from irodori.engine.events import PlanChanged
from irodori.engine.memory_plan import Plan
from irodori.engine.passes.develop import joined
from irodori.engine.passes.stage import Canvas, Work
from irodori.errors import OutOfMemoryError

Run = Callable[[Work], Canvas | None]


def within_memory(name: str, work: Work, run: Run) -> tuple[Canvas | None, Work]:
    """Return what a piece of work made, and the work as it was when it succeeded.

    Where the device runs out of memory the model takes its next smaller plan and the piece is done
    again from its beginning; all noise is drawn from seeds, so nothing else changes. The canvas
    says so.

    Args:
        name: of the piece, for people.
        work: the batch.
        run: makes the canvas; None when it was cancelled.

    Raises:
        OutOfMemoryError: no smaller plan is left.
    """
    notes: tuple[str, ...] = ()
    while True:
        try:
            canvas = run(work)
        except (MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            reason = str(error)
        else:
            if canvas is not None and notes:
                canvas = replace(canvas, notes=joined(canvas.notes, notes))
            return canvas, work
        # Here, after the exception is gone, nothing holds the tensors of the failed attempt.
        residence = work.studio.residence
        if not residence.shrink():
            raise OutOfMemoryError(
                f"{name} does not fit into memory; draw smaller or in smaller batches ({reason})"
            )
        note = f"{name} did not fit into memory: done again, {described(residence.plan)}"
        notes = (*notes, note)
        work.listener.tell(PlanChanged(note=note))
        work = replace(work, tile=smaller_tile(work.tile, residence.plan.tile))


def smaller_tile(one: int, other: int) -> int:
    """Return the smaller of two tiles' sides, where 0 is the whole picture."""
    return min(one or other, other or one)


def described(plan: Plan) -> str:
    """Return a plan in words: its name, its tiles, how its weights are held."""
    told = [f"memory plan '{plan.name}'"]
    if plan.tile:
        told.append(f"tiles of {plan.tile} pixels")
    if plan.formats.is_fp8:
        told.append("UNet held in 8 bits")
    return ", ".join(told)
