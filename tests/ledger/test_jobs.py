"""Jobs: asked for with the row that needs them, run at least once, by one worker at a time, and never lost."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.kit import HedgerowError
from hedgerow.kit.clock import stopped_at
from hedgerow.ledger import Workspace, create_workspace, open_workspace, record
from hedgerow.ledger import jobs as shown
from hedgerow.ledger.jobs import ATTEMPTS, JOBS, GiveUp, Handler, Payload, ask_for, jobs, try_again, work, work_once
from tests.conftest import ROOT

START = datetime(2026, 1, 1, tzinfo=UTC)


def ask(workspace: Workspace, *numbers: int, once: str | None = None, due_at: datetime | None = None) -> None:
    """Ask for a job `note` for each number."""
    with workspace.record.begin() as connection:
        for number in numbers:
            ask_for(connection, "note", {"n": number}, due_at, once)


def noting(done: list[int]) -> dict[str, Handler]:
    """Return a handler that keeps the numbers it was called with."""
    return {"note": lambda _, payload: done.append(payload["n"])}


def raising(error: Exception) -> dict[str, Handler]:
    """Return a handler that fails."""

    def handler(_: Workspace, payload: Payload) -> None:
        raise error

    return {"note": handler}


def test_jobs_run_in_the_order_they_are_due_and_are_gone_when_done(workspace: Workspace) -> None:
    done: list[int] = []
    with stopped_at(START):
        ask(workspace, 1, due_at=START + timedelta(hours=1))
        ask(workspace, 2, 3)
        while work_once(workspace, noting(done)):
            pass
        assert [job.payload for job in jobs(workspace)] == [{"n": 1}]
    with stopped_at(START + timedelta(hours=1)):
        assert work_once(workspace, noting(done))
    assert (done, jobs(workspace)) == ([2, 3, 1], [])


def test_a_job_is_asked_for_with_what_the_transaction_writes_or_not_at_all(workspace: Workspace) -> None:
    with pytest.raises(RuntimeError), workspace.record.begin() as connection:
        ask_for(connection, "note", {"n": 1})
        raise RuntimeError
    assert jobs(workspace) == []


def test_a_worker_takes_only_the_kinds_it_knows(workspace: Workspace) -> None:
    ask(workspace, 1)
    assert not work_once(workspace, {"other": lambda *_: None})
    assert not work_once(workspace, {})
    assert [job.state for job in jobs(workspace)] == ["waiting"]


def test_what_is_to_be_done_once_waits_once_but_is_done_again_when_asked_during_it(workspace: Workspace) -> None:
    done: list[int] = []

    def handler(inside: Workspace, payload: Payload) -> None:
        done.append(payload["n"])
        if payload["n"] == 1:
            ask(inside, 4, once="same")
            ask(inside, 5, once="same")

    ask(workspace, 1, once="same")
    ask(workspace, 2, once="same")
    ask(workspace, 3, once="other")
    while work_once(workspace, {"note": handler}):
        pass
    assert done == [1, 3, 4]


def test_a_job_that_is_to_be_retried_gives_way_to_the_same_one_asked_for_meanwhile(workspace: Workspace) -> None:
    def handler(inside: Workspace, payload: Payload) -> None:
        ask(inside, 2, once="same")
        raise OSError("away")

    ask(workspace, 1, once="same")
    assert work_once(workspace, {"note": handler})
    assert [(job.payload["n"], job.state) for job in jobs(workspace)] == [(2, "waiting")]


def test_a_job_that_fails_is_tried_again_later_and_later_and_then_has_failed(workspace: Workspace) -> None:
    with stopped_at(START):
        ask(workspace, 1)
    waits, clock = [], START
    for attempt in range(1, ATTEMPTS + 1):
        with stopped_at(clock):
            assert work_once(workspace, raising(OSError("the disk is full")))
            assert not work_once(workspace, raising(AssertionError("it is not due yet")))
        (job,) = jobs(workspace)
        assert (job.attempts, job.error) == (attempt, "OSError: the disk is full")
        waits.append(job.due_at / 1e6 - clock.timestamp())
        clock = datetime.fromtimestamp(job.due_at / 1e6 + 1, UTC)
    assert all(0.75 * 10 * 4**n <= wait <= 1.25 * 10 * 4**n + 1 for n, wait in enumerate(waits[:6]))
    assert waits[6] <= 6 * 3600 * 1.25
    assert [job.state for job in jobs(workspace, "failed")] == ["failed"]
    with stopped_at(clock + timedelta(days=1)):
        assert not work_once(workspace, noting([]))


def test_a_job_that_is_no_use_fails_at_once_with_its_sentence_and_can_be_tried_again(workspace: Workspace) -> None:
    ask(workspace, 1, once="same")
    work_once(workspace, raising(GiveUp("The page is gone: send it anew.")))
    (job,) = jobs(workspace, "failed")
    assert (job.attempts, job.error) == (1, "The page is gone: send it anew.")
    ask(workspace, 2, once="same")
    try_again(workspace, job.id)
    done: list[int] = []
    while work_once(workspace, noting(done)):
        pass
    assert sorted(done) == [1, 2]
    with pytest.raises(HedgerowError, match="No job 99 has failed"):
        try_again(workspace, 99)


def test_failed_jobs_are_kept_for_a_month(workspace: Workspace) -> None:
    for day, left in ((0, 1), (20, 2), (45, 2)):
        with stopped_at(START + timedelta(days=day)):
            ask(workspace, day)
            work_once(workspace, raising(GiveUp("No.")))
        assert len(jobs(workspace)) == left
    assert [job.payload["n"] for job in jobs(workspace)] == [20, 45]


def test_a_lease_that_ended_is_another_workers_and_the_first_has_no_say_any_more(workspace: Workspace) -> None:
    done: list[str] = []

    def slow(inside: Workspace, _: Payload) -> None:
        with stopped_at(START + shown.LEASE):
            assert work_once(inside, {"note": lambda *_: done.append("second")})
        done.append("first")
        raise OSError("too late to matter")

    with stopped_at(START):
        ask(workspace, 1)
        work_once(workspace, {"note": slow})
    assert (done, jobs(workspace)) == (["second", "first"], [])


def test_a_job_that_loses_its_worker_every_time_fails_in_the_end(workspace: Workspace) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with stopped_at(START):
        ask(workspace, 1)
    for attempt in range(ATTEMPTS):
        with stopped_at(START + attempt * shown.LEASE), pytest.raises(Killed):
            work_once(workspace, {"note": killed})
    with stopped_at(START + ATTEMPTS * shown.LEASE):
        assert work_once(workspace, {"note": killed})
    assert "lost 8 times" in jobs(workspace, "failed")[0].error


def test_a_payload_that_is_not_plain_is_refused(workspace: Workspace) -> None:
    with pytest.raises(HedgerowError, match="use plain values"), workspace.record.begin() as connection:
        ask_for(connection, "note", {"n": object()})


def test_the_list_shows_the_newest_in_order(workspace: Workspace) -> None:
    ask(workspace, *range(5))
    assert [job.payload["n"] for job in jobs(workspace, most=2)] == [3, 4]


@settings(max_examples=25, deadline=None)
@given(script=st.lists(st.sampled_from(["ask", "done", "fail", "give up", "lose", "wait"]), max_size=30))
def test_whatever_happens_every_job_is_done_waits_or_has_failed(
    script: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace = create_workspace(tmp_path_factory.mktemp("jobs") / "w", "Test")
    asked, ended, clock = 0, 0, START

    class Lost(BaseException):
        pass

    def handler(step: str) -> Handler:
        errors = {"fail": OSError("no"), "give up": GiveUp("No."), "lose": Lost()}

        def run(*_: object) -> None:
            if step in errors:
                raise errors[step]

        return run

    for step in script:
        with stopped_at(clock):
            if step == "ask":
                ask(workspace, asked)
                asked += 1
            elif step == "wait":
                clock += timedelta(hours=8)
            else:
                with suppress(Lost):
                    ended += work_once(workspace, {"note": handler(step)}) and step == "done"
    left = jobs(workspace)
    assert len(left) + ended == asked
    assert {job.state for job in left} <= {"waiting", "running", "failed"}
    workspace.close()


def run_among_threads(workspace: Workspace, count: int, threads: int) -> list[int]:
    """Return the numbers of `count` jobs in the order in which several workers, each with its own record, ran them."""
    ask(workspace, *range(count))
    done: list[int] = []
    stop = threading.Event()
    others = [open_workspace(workspace.folder) for _ in range(threads)]
    workers = [threading.Thread(target=work, args=(other, noting(done), stop, 0.01)) for other in others]
    for worker in workers:
        worker.start()
    until = time.monotonic() + 30
    while jobs(workspace) and time.monotonic() < until:
        time.sleep(0.02)
    stop.set()
    for worker in workers:
        worker.join(10)
    for other in others:
        other.close()
    return done


def test_workers_beside_each_other_run_each_job_once(workspace: Workspace) -> None:
    assert sorted(run_among_threads(workspace, 120, 4)) == list(range(120))


def _worker(folder: Path, said: Path, lease: float, seconds: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.ledger.worker", str(folder), str(said), str(lease), str(seconds)]
    environ = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.Popen(command, cwd=ROOT, env=environ)


def _lines(said: Path, word: str) -> list[str]:
    return [line for line in said.read_text().splitlines() if line.startswith(word)] if said.exists() else []


def _until(fact: Callable[[], object]) -> None:
    until = time.monotonic() + 30
    while not fact():
        assert time.monotonic() < until, "it never came to be"
        time.sleep(0.02)


def test_the_jobs_of_a_worker_that_is_killed_are_run_by_others(workspace: Workspace, tmp_path: Path) -> None:
    said = tmp_path / "said"
    ask(workspace, *range(6))
    victim = _worker(workspace.folder, said, lease=3, seconds=60)
    _until(lambda: _lines(said, "begin"))
    victim.kill()
    victim.wait()
    others = [_worker(workspace.folder, said, lease=3, seconds=0.01) for _ in range(2)]
    try:
        _until(lambda: not jobs(workspace))
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert sorted(int(line.split()[1]) for line in _lines(said, "end")) == list(range(6))
    first = _lines(said, "begin")[0].split()
    again = [line.split() for line in _lines(said, "begin") if line.split()[1] == first[1]]
    assert [line[2] == first[2] for line in again] == [True, False]


def test_a_worker_outlives_a_record_that_is_locked(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    stop = threading.Event()
    calls: list[int] = []
    real = shown._leased

    def locked(*args: object) -> object:
        calls.append(1)
        if len(calls) < 3:
            raise sa.exc.OperationalError("UPDATE", {}, Exception("database is locked"))
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(shown, "_leased", locked)
    ask(workspace, 7)
    worker = threading.Thread(target=work, args=(workspace, noting(done), stop, 0.01))
    worker.start()
    _until(lambda: done)
    stop.set()
    worker.join(10)
    assert done == [7]


def test_jobs_of_a_record_from_before_are_still_there(tmp_path: Path) -> None:
    url = record.sqlite_url(tmp_path / "record.db")
    config = record._config()
    with sa.create_engine(url).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        columns = "kind, payload, state, error, attempts, due_at, leased_until, made_at"
        connection.execute(sa.text(f"INSERT INTO jobs ({columns}) VALUES ('note', '{{}}', 'waiting', '', 0, 1, 0, 1)"))
    with record.connect(url).connect() as connection:
        row = connection.execute(sa.select(JOBS)).one()
    assert (row.kind, row.once) == ("note", None)


def test_the_table_is_as_its_migrations_made_it(workspace: Workspace) -> None:
    made = sa.inspect(workspace.record)
    assert [column["name"] for column in made.get_columns("jobs")] == [column.name for column in JOBS.c]
    assert {index["name"] for index in made.get_indexes("jobs")} == {index.name for index in JOBS.indexes}
