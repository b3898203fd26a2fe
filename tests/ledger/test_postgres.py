"""The record in PostgreSQL: everything that the ledger does runs there too."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hedgerow.collect import import_file, imports, undo_import
from hedgerow.kit import HedgerowError
from hedgerow.ledger import Workspace, create_workspace, drops, examine, maintain, open_workspace, writing
from hedgerow.ledger.jobs import ask_for, jobs
from tests.ledger.dying import Died, dying
from tests.ledger.holding import (
    MAP,
    Row,
    assert_indexes_equal_the_lake,
    assert_no_turn_is_open,
    live,
    table_of,
    touch_of,
    turned,
)
from tests.ledger.test_jobs import run_among_threads

pytestmark = pytest.mark.slow
ROWS: list[Row] = [("" if n % 2 else str(n), n, "ann\0", "", "", "dance" if n == 7 else "") for n in range(20)]
PLACES = ("/usr/local/bin", "/usr/bin", *(str(place) for place in sorted(Path("/usr/lib/postgresql").glob("*/bin"))))


def _as_other(command: list[str]) -> list[str]:
    # PostgreSQL refuses to run as root.
    if os.geteuid():
        return command
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server of our own, or a reason to skip."""
    programs = {name: shutil.which(name, path=os.pathsep.join(PLACES)) for name in ("initdb", "pg_ctl")}
    if not all(programs.values()):
        pytest.skip("no initdb and pg_ctl of PostgreSQL are here")
    root = Path("/tmp" if Path("/tmp").is_dir() else tmp_path_factory.getbasetemp())
    folder = root / f"hedgerow-postgres-{os.getpid()}"
    folder.mkdir(mode=0o700)
    if not os.geteuid():
        os.chown(folder, 65534, 65534)
    data, log = str(folder / "data"), str(folder / "log")
    initdb = [str(programs["initdb"]), "-D", data, "-U", "hedgerow", "-A", "trust", "--no-sync", "-E", "UTF8"]
    control = [str(programs["pg_ctl"]), "-D", data, "-w"]
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    try:
        made = subprocess.run(_as_other(initdb), capture_output=True, text=True, check=False, cwd=folder)
        begun = subprocess.run(_as_other([*control, "-l", log, "-o", options, "start"]), check=False, cwd=folder)
        if made.returncode or begun.returncode:
            pytest.skip(f"PostgreSQL can't be started here: {made.stderr.strip()[-200:]}")
        yield f"postgresql+psycopg://hedgerow@/postgres?host={folder}"
        subprocess.run(_as_other([*control, "-m", "immediate", "stop"]), check=False, cwd=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def workspace(server: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Workspace]:
    """A workspace whose record is a database of its own in the server."""
    name = f"t{abs(hash(request.node.name)) % 10**9}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    admin.dispose()
    create_workspace(tmp_path / "workspace", "Test").close()
    (tmp_path / "workspace" / "record.db").unlink(missing_ok=True)
    with (tmp_path / "workspace" / "hedgerow.toml").open("a") as file:
        file.write(f'[record]\nurl = "{server.replace("/postgres?", f"/{name}?")}"\n')
    made = open_workspace(tmp_path / "workspace")
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "file.csv"
    made.write_text(table_of(ROWS))
    return made


def test_import_inbox_undo_and_care_run_in_postgresql(workspace: Workspace, file: Path) -> None:
    first = import_file(workspace, "touch", file, MAP)
    assert (first.kept, first.reasons) == (19, {"its verb is unknown": 1})
    workspace.inbox.accept([touch_of(("new", 1, "bob\0", "", "", "dance")), touch_of(("new2", 1, "bob", "", "", ""))])
    undo_import(workspace, first.batch, "user:ann")
    turned(workspace)
    turned(workspace)
    assert sum(live(workspace).values()) == 1
    assert import_file(workspace, "touch", file, MAP).kept == 19
    assert sorted(drop.batch for drop in drops(workspace)["its verb is unknown"]) == [0, 1, 2]
    maintain(workspace)
    assert_indexes_equal_the_lake(workspace)
    assert [row["state"] for row in imports(workspace)] == ["done", "undone"]
    assert next(found.found for found in examine(workspace) if found.what == "record").startswith("postgresql")


def test_threads_that_accept_at_once_lose_nothing(workspace: Workspace) -> None:
    other = open_workspace(workspace.folder)

    def accept(which: Workspace, who: str) -> None:
        for number in range(40):
            which.inbox.accept([touch_of((f"{who}{number}", 1, f"{who}{number}", "", "", ""))])

    threads = [
        threading.Thread(target=accept, args=(which, f"w{n}-")) for n, which in enumerate([workspace, other] * 2)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        turned(workspace)
    turned(workspace)
    assert sum(live(workspace).values()) == 160
    other.close()


def test_one_host_at_a_time_turns_the_mill(workspace: Workspace, tmp_path: Path) -> None:
    shutil.copytree(workspace.folder, tmp_path / "elsewhere")
    elsewhere = open_workspace(tmp_path / "elsewhere")
    with writing(workspace), pytest.raises(HedgerowError, match="Another host"), writing(elsewhere, wait=0.2):
        pass
    with writing(elsewhere):
        pass
    elsewhere.close()


def test_workers_beside_each_other_run_each_job_once_in_postgresql(workspace: Workspace) -> None:
    assert sorted(run_among_threads(workspace, 400, 6)) == list(range(400))


def test_what_is_to_be_done_once_waits_once_in_postgresql_too(workspace: Workspace) -> None:
    with workspace.record.connect() as one, workspace.record.connect() as two:
        ask_for(one, "note", {"n": 1}, once="same")
        other = threading.Thread(target=ask_for, args=(two, "note", {"n": 2}, None, "same"))
        other.start()
        one.commit()
        other.join(10)
        two.commit()
    assert [job.payload for job in jobs(workspace)] == [{"n": 1}]


@pytest.mark.parametrize("fatal", [2, 4, 6, 7, 8])
def test_an_import_that_dies_goes_on_in_postgresql(workspace: Workspace, file: Path, fatal: int) -> None:
    with pytest.raises(Died), dying(fatal):
        import_file(workspace, "touch", file, MAP)
    workspace.close()
    again = open_workspace(workspace.folder)
    assert import_file(again, "touch", file, MAP).kept == 19
    assert_no_turn_is_open(again)
    assert_indexes_equal_the_lake(again)
    assert set(live(again).values()) == {1}
    again.close()


def test_a_record_that_is_not_there_is_refused_without_its_password(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    create_workspace(folder, "Test").close()
    with (folder / "hedgerow.toml").open("a") as file:
        file.write('[record]\nurl = "postgresql+psycopg://ann:secret@127.0.0.1:1/none"\n')
    with pytest.raises(HedgerowError, match=r"check \[record\] url") as refusal:
        _ = open_workspace(folder).record
    assert "secret" not in refusal.value.sentence
