"""Redaction takes a person out of a text in every form, and nobody else; tombstones know exactly who was erased."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from hedgerow.ledger.erasure.redaction import Redactor
from hedgerow.ledger.erasure.tombstones import Tombstones, addresses_in

CASES = yaml.safe_load((Path(__file__).parent / "redaction.yaml").read_text("utf-8"))
NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=3, max_size=12)
MAILS = st.builds("{}.{}@{}.example".format, NAMES, NAMES, NAMES)
AROUND = st.text(" ,;:!?()[]{}<>\"'\n\t=&/|", max_size=5)
FORMS = (
    lambda mail: mail,
    str.upper,
    lambda mail: f"email:{mail}",
    lambda mail: quote(mail, safe=""),
    lambda mail: quote(quote(mail, safe=""), safe=""),
    lambda mail: json.dumps(mail).replace("@", "\\u0040"),
    lambda mail: hashlib.sha256(mail.encode()).hexdigest(),
    lambda mail: hashlib.md5(mail.encode()).hexdigest().upper(),
    lambda mail: b64encode(mail.encode()).decode().rstrip("="),
)


@pytest.mark.parametrize("case", CASES, ids=[case["it"] for case in CASES])
def test_redaction_as_the_cases_say(case: dict[str, str]) -> None:
    said = case["said"]
    if case.get("made"):
        digest = hashlib.new(case["made"], case["of"][0].partition(":")[2].encode()).hexdigest()
        said = f"gravatar/{digest}"
    assert Redactor(case["of"]).text(said) == case["is"]


@given(MAILS, AROUND, AROUND, st.sampled_from(FORMS))
def test_no_form_of_a_person_stays_in_a_text(mail: str, before: str, after: str, form: object) -> None:
    written = form(mail)  # type: ignore[operator]
    redactor = Redactor([f"email:{mail}"])
    left = redactor.text(f"{before}{written}{after}")
    assert written.lower() not in left.lower()
    assert left.startswith(before) and left.endswith(after)
    assert redactor.text(left) == left


@given(MAILS, MAILS, AROUND)
def test_nobody_else_is_taken_out(mail: str, other: str, around: str) -> None:
    said = f"{around} {other} email:{other} {quote(other, safe='')} "
    redactor = Redactor([f"email:{mail}"])
    assert (redactor.text(said) == said) == (mail != other)


@settings(max_examples=20)
@given(st.lists(MAILS, min_size=1, max_size=4), st.text(max_size=40))
def test_the_database_finds_every_row_that_a_text_is_taken_out_of(mails: list[str], text: str) -> None:
    redactor = Redactor([f"email:{mail}" for mail in mails])
    texts = [text, f"{text} {mails[0]} {text}", quote(mails[-1]), hashlib.sha1(mails[0].encode()).hexdigest()]
    with closing(duckdb.connect()) as con:
        con.register("rows", pa.table({"place": range(len(texts)), "text": texts}))
        found = {
            place for (place,) in con.sql(f"SELECT place FROM rows WHERE {redactor.found_in(['text'])}").fetchall()
        }
    assert found >= {place for place, said in enumerate(texts) if redactor.names(said)}
    assert 1 in found


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    made = duckdb.connect()
    yield made
    made.close()


@pytest.mark.parametrize(
    "said", ["email:ann@example.org", "login:Grünes77", "mastodon:@ÜNI@social.example", "x:" + "y" * 300]
)
def test_a_tombstone_is_the_hmac_that_the_standard_library_makes(said: str, con: duckdb.DuckDBPyConnection) -> None:
    made = Tombstones({}).digested([said])
    ((key, digests),) = made.keys.items()
    assert hmac.new(bytes.fromhex(key), said.lower().encode(), "sha256").hexdigest() in digests
    con.register("said", pa.table({"said": [said, said.upper(), f"{said}x", said[:-1]]}))
    assert made.erased(con, "SELECT said FROM said") == sorted({said, said.upper()})


def test_tombstones_of_two_keys_are_united_and_both_hold(con: duckdb.DuckDBPyConnection) -> None:
    both = Tombstones({}).digested(["a:one111"]).united(Tombstones({}).digested(["a:two222"]))
    assert len(both.keys) == 2
    con.register("said", pa.table({"said": ["a:one111", "a:two222", "a:three3", None]}))
    assert both.erased(con, "SELECT said FROM said") == ["a:one111", "a:two222"]


@settings(max_examples=20)
@given(st.lists(MAILS, max_size=3), st.lists(MAILS, max_size=3), AROUND)
def test_an_erased_address_is_known_in_any_text(erased: list[str], others: list[str], around: str) -> None:
    made = Tombstones({}).digested([f"email:{mail}" for mail in erased]) if erased else Tombstones({})
    texts = [f"{around}<{mail.upper()}>{around}" for mail in [*erased, *others]] or [""]
    with closing(duckdb.connect()) as con:
        con.register("rows", pa.table({"text": texts}))
        assert set(made.erased(con, addresses_in("rows", ["text"]))) == set(erased)
