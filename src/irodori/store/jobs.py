"""The queue: jobs wait, one worker claims each, a worker that dies loses its claim.

A claim is a lease: a worker extends it while it draws. A lease that ran out is claimed again by
the next worker, up to `MAX_ATTEMPTS` times. All times are microseconds since 1970.
"""

from dataclasses import dataclass
from enum import StrEnum
from sqlite3 import Row
from typing import Final

from irodori.store.database import Database

MAX_ATTEMPTS: Final = 3
"""A job that took so many workers with it is not given to another."""

LOST: Final = "its worker stopped without a word, several times"


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED: Final = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedJob:
    """A job in the queue.

    Args:
        number: its name; later jobs have higher ones.
        state: where it stands.
        priority: higher is drawn first.
        request: what to do, as the one who queued it wrote it.
        result: what came of it, as the worker wrote it; "" before.
        problem: why it failed; "" otherwise.
        worker: who has it, or had it last.
        attempts: how often it was claimed.
        queued: when.
        finished: when; 0 before.
    """

    number: int
    state: JobState
    priority: int
    request: str
    result: str
    problem: str
    worker: str
    attempts: int
    queued: int
    finished: int


def enqueue(db: Database, request: str, *, now: int, priority: int = 0) -> int:
    """Queue a job; return its number."""
    with db.transaction() as connection:
        done = connection.execute(
            "INSERT INTO jobs (request, priority, queued) VALUES (?, ?, ?)",
            (request, priority, now),
        )
        return int(done.lastrowid or 0)


def claim(db: Database, worker: str, *, now: int, lease: int) -> QueuedJob | None:
    """Give the next job to a worker until `now + lease`; None where there is none.

    Two workers never get the same job: the choice and the claim are one transaction.
    """
    with db.transaction() as connection:
        connection.execute(
            "UPDATE jobs SET state = 'failed', problem = ?, finished = ? "
            "WHERE state = 'running' AND lease < ? AND attempts >= ?",
            (LOST, now, now, MAX_ATTEMPTS),
        )
        row = connection.execute(
            "UPDATE jobs SET state = 'running', worker = ?, lease = ?, attempts = attempts + 1 "
            "WHERE number = (SELECT number FROM jobs WHERE state = 'queued' "
            "OR (state = 'running' AND lease < ?) ORDER BY priority DESC, number LIMIT 1) "
            "RETURNING *",
            (worker, now + lease, now),
        ).fetchone()
    return None if row is None else _job(row)


def extend(db: Database, number: int, worker: str, *, until: int) -> bool:
    """Keep a job longer; False where it is no longer this worker's (cancelled, or lease lost)."""
    return _update(db, "lease = ?", (until,), number, worker)


def finish(db: Database, number: int, worker: str, *, result: str, now: int) -> bool:
    """Report a job done; False where it is no longer this worker's."""
    return _update(db, "state = 'done', result = ?, finished = ?", (result, now), number, worker)


def fail(db: Database, number: int, worker: str, *, problem: str, now: int) -> bool:
    """Report a job failed; False where it is no longer this worker's."""
    change = "state = 'failed', problem = ?, finished = ?"
    return _update(db, change, (problem, now), number, worker)


def cancel(db: Database, number: int, *, now: int) -> bool:
    """Cancel a job that waits or runs; False where it had ended already or does not exist."""
    with db.transaction() as connection:
        done = connection.execute(
            "UPDATE jobs SET state = 'cancelled', finished = ? "
            "WHERE number = ? AND state IN ('queued', 'running')",
            (now, number),
        )
        return done.rowcount == 1


def find_job(db: Database, number: int) -> QueuedJob | None:
    """Return a job, or None."""
    row = db.row("SELECT * FROM jobs WHERE number = ?", number)
    return None if row is None else _job(row)


def list_jobs(
    db: Database, *, states: frozenset[JobState] = frozenset(JobState), limit: int = 100
) -> tuple[QueuedJob, ...]:
    """Return the latest jobs in some states, newest first."""
    wanted = ",".join(sorted(states))
    rows = db.rows(
        "SELECT * FROM jobs WHERE instr(?, ',' || state || ',') ORDER BY number DESC LIMIT ?",
        f",{wanted},",
        limit,
    )
    return tuple(_job(row) for row in rows)


def _update(
    db: Database, change: str, values: tuple[object, ...], number: int, worker: str
) -> bool:
    with db.transaction() as connection:
        done = connection.execute(
            f"UPDATE jobs SET {change} "  # noqa: S608  # `change` is a constant of this module
            "WHERE number = ? AND worker = ? AND state = 'running'",
            (*values, number, worker),
        )
        return done.rowcount == 1


def _job(row: Row) -> QueuedJob:
    names = QueuedJob.__dataclass_fields__
    return QueuedJob(**{**{name: row[name] for name in names}, "state": JobState(row["state"])})
