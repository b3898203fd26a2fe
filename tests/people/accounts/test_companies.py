"""Domains and roles: what is a company's, and what is employment."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hedgerow.people.accounts.stating import regular
from hedgerow.people.words.domains import company_domain, shown_domain, words
from hedgerow.people.words.employers import employer_key, is_employment

HERE = Path(__file__).parent
DOMAINS = yaml.safe_load((HERE / "domains.yaml").read_text("utf-8"))
ROLES = yaml.safe_load((HERE / "roles.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", DOMAINS, ids=[case["it"] for case in DOMAINS])
def test_the_domain_of_a_company(case: dict[str, Any]) -> None:
    assert company_domain(case["said"], stated=case.get("stated", False)) == case["domain"]


@pytest.mark.parametrize("case", ROLES, ids=[case["it"] for case in ROLES])
def test_what_is_employment(case: dict[str, Any]) -> None:
    assert is_employment(case["role"]) == case["employed"]


@given(st.text(max_size=80))
def test_whatever_is_said_has_a_regular_domain_or_none(said: str) -> None:
    for stated in (False, True):
        domain = company_domain(said, stated)
        if domain is not None:
            assert company_domain(domain, stated) == domain
            assert domain.isascii() and domain == domain.lower() and "." in domain
            assert shown_domain(domain)


@given(st.text(max_size=80))
def test_whatever_is_said_of_an_employer_has_a_regular_name_or_none(said: str) -> None:
    key = employer_key(said)
    assert key is None or employer_key(key) in (key, None)
    assert is_employment(said) in (True, False)


def test_every_listed_tie_is_no_employment() -> None:
    for phrases in words()["roles"].values():
        assert [phrase for phrase in phrases if is_employment(phrase)] == []


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("tidewater.fr", ("domain", "tidewater.fr")),
        ("https://www.tidewater.fr/contact", ("domain", "tidewater.fr")),
        ("crm.odoo:3", ("crm.odoo", "3")),
        ("domain:Tidewater.FR.", ("domain", "tidewater.fr")),
        ("company:Tidewater Ltd", ("company", "tidewater")),
        ("Tidewater Freight S.A.S.", ("company", "tidewaterfreight")),
        ("email:ann@tidewater.fr", ("domain", "tidewater.fr")),
        ("email:ann@gmail.com", None),
        ("n/a", None),
        ("", None),
    ],
)
def test_a_company_is_known_by_whatever_it_is_called(said: str, found: tuple[str, str] | None) -> None:
    assert regular("any", said) == found
