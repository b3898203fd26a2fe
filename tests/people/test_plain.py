"""Plain texts: DuckDB reads of them what Python reads."""

from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from hedgerow.people.matching.comparison import Derived, comparison_shelf

PLAINLY_READ = {
    f"{name}: {column}": derived
    for name, comparison in comparison_shelf().items()
    for column, derived in comparison.prepare.items()
    if derived.plain
}


def texts() -> Iterator[str]:
    """Yield names, mail addresses, handles, links, companies and telephone numbers, plain and odd."""
    words = ["ann", "Ann", "van", "Prof", "Herr", "Dyck", "miss", "info", "Mary-Ann", "O'Neill", "Müller", "X",
             "The", "GmbH", "Holding", "ann.dyck", "ann_dyck12", "ann+x", "12", "sales", "in.fo", "a.b", "",
             " ", "-", ".", "İx"]  # fmt: skip
    domains = ["gmail.com", "googlemail.com", "GMAIL.com", "acme.example", "yahoo.com", "mail.acme.co.uk", "x", "",
               "gmx.net",
               "acme-b.example", "me.com", "proton.me", "acme..example"]  # fmt: skip
    paths = ["", "/", "//", "/@ann", "/Ann/Dyck/", "/index.html", "/a?b=c", "/a#b", "/a-b_c"]
    yield from words
    yield from (f"{one}{between}{other}" for one in words for other in words for between in (" ", ", ", "  ", "-"))
    yield from (
        f"{one} {other}." for one in ("Acme", "Acme Data", "the Acme") for other in ("Inc", "GmbH und Co", "B.V")
    )
    yield from (f"{word}@{domain}" for word in words for domain in domains)
    yield from (f"a{word}@{domain} " for word in words for domain in domains)
    hosts = [
        "ann.example",
        "www.ann.example",
        "m.ann.example",
        "x.com",
        "www.x.com",
        "github.com",
        "ANN.example",
        "ann",
        "1.a",
    ]
    yield from (
        f"{scheme}{host}{path}" for scheme in ("https://", "http://", "", "//") for host in hosts for path in paths
    )
    starts = ["+49", "+44", "+33", "+31", "+34", "+41", "+32", "+1", "+39", "0", "0049", ""]
    numbers = [
        "3012345678",
        "30 1234567",
        "2612345",
        "030123456",
        "7700 900123",
        "22 333 44 55",
        "55 5555555",
        "612345678",
        "2",
        "9112345",
    ]
    yield from (
        f"{start}{gap}{number}|{land}"
        for start in starts
        for gap in ("", " ")
        for number in numbers
        for land in ("", "de", "gb")
    )


@pytest.fixture(scope="module")
def plain() -> dict[str, dict[str, object]]:
    con = duckdb.connect()
    con.register("texts", pa.table({"x": sorted(set(texts()))}))
    found = {}
    for name, derived in PLAINLY_READ.items():
        assert derived.plain
        rows = con.sql(f"SELECT x, {derived.plain.sql} FROM texts WHERE {derived.plain.where}").fetchall()
        found[name] = dict(rows)
    con.close()
    return found


@pytest.mark.parametrize("name", PLAINLY_READ)
def test_what_duckdb_reads_is_what_python_reads(name: str, plain: dict[str, dict[str, object]]) -> None:
    derived = PLAINLY_READ[name]
    assert len(plain[name]) >= 5
    assert {text: listed(derived, said) for text, said in plain[name].items()} == {
        text: listed(derived, derived.read(text)) for text in plain[name] if derived.read
    }


def listed(derived: Derived, said: object) -> object:
    if not derived.many:
        return said
    return [said] if isinstance(said, str) else list(said) if isinstance(said, list | tuple) else []
