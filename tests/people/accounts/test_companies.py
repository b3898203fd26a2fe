"""Domains and roles: what is a company's, and what is employment."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

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
