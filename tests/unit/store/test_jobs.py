"""The queue: one worker a job, leases that end, every end reported once."""

from pathlib import Path
from threading import Thread

import pytest

from irodori.store.database import Database, open_database
from irodori.store.jobs import (
    LOST,
    MAX_ATTEMPTS,
    JobState,
    cancel,
    claim,
    enqueue,
    extend,
    fail,
    find_job,
    finish,
    list_jobs,
)


@pytest.fixture
def db(tmp_path: Path):
    with open_database(tmp_path) as database:
        yield database


def test_jobs_are_claimed_by_priority_then_age(db: Database) -> None:
    first, second = (enqueue(db, text, now=1) for text in "ab")
    urgent = enqueue(db, "c", now=2, priority=5)
    claimed = [claim(db, "w", now=3, lease=10) for _ in range(4)]
    assert [job.number if job else None for job in claimed] == [urgent, first, second, None]


def test_a_job_runs_once_and_ends_once(db: Database) -> None:
    number = enqueue(db, "a", now=1)
    assert claim(db, "w", now=2, lease=10) is not None
    assert not finish(db, number, "another", result="x", now=3)
    assert finish(db, number, "w", result="x", now=3)
    assert not fail(db, number, "w", problem="late", now=4)
    job = find_job(db, number)
    assert job is not None
    assert (job.state, job.result, job.finished) == (JobState.DONE, "x", 3)


def test_a_lease_that_ran_out_is_claimed_again(db: Database) -> None:
    number = enqueue(db, "a", now=0)
    assert claim(db, "dead", now=0, lease=10) is not None
    assert claim(db, "w", now=9, lease=10) is None
    taken = claim(db, "w", now=11, lease=10)
    assert taken is not None
    assert (taken.number, taken.worker, taken.attempts) == (number, "w", 2)
    assert not extend(db, number, "dead", until=100)
    assert extend(db, number, "w", until=100)
    assert claim(db, "x", now=50, lease=10) is None


def test_a_job_that_kills_its_workers_fails(db: Database) -> None:
    number = enqueue(db, "a", now=0)
    for attempt in range(MAX_ATTEMPTS):
        assert claim(db, f"w{attempt}", now=attempt * 100, lease=10) is not None
    assert claim(db, "w", now=1000, lease=10) is None
    job = find_job(db, number)
    assert job is not None
    assert (job.state, job.problem) == (JobState.FAILED, LOST)


def test_a_cancelled_job_is_nobodys(db: Database) -> None:
    waiting, running = (enqueue(db, text, now=0) for text in "ab")
    assert cancel(db, waiting, now=1)
    assert not cancel(db, waiting, now=1)
    assert claim(db, "w", now=1, lease=10) is not None
    assert cancel(db, running, now=2)
    assert not extend(db, running, "w", until=100)
    assert not finish(db, running, "w", result="", now=3)
    assert [job.number for job in list_jobs(db, states=frozenset({JobState.CANCELLED}))] == [
        running,
        waiting,
    ]


def test_many_workers_never_share_a_job(tmp_path: Path) -> None:
    with open_database(tmp_path) as db:
        numbers = [enqueue(db, str(i), now=0) for i in range(40)]
    taken: list[int] = []

    def work(name: str) -> None:
        with open_database(tmp_path) as own:
            while (job := claim(own, name, now=1, lease=10**9)) is not None:
                taken.append(job.number)

    threads = [Thread(target=work, args=(f"w{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == numbers
