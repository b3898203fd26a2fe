"""Deals: opened with a lead and closed by a named person; the charter then says what becomes of the lead."""

from typing import Any

import numpy as np
import pyarrow as pa

from hedgerow.kit import HedgerowError, clock
from hedgerow.leads.commands import identifier_of, with_sales
from hedgerow.ledger import OWN, Workspace, write_deals
from hedgerow.people import clusters

OPEN, WON, LOST = "Open", "Closed won", "Closed lost"
"""The stages of deals that are opened here."""


def deals_of(workspace: Workspace, person: int) -> list[dict[str, Any]]:
    """Return the deals of a person, the latest first: row_id, source, name, stage, won, amount (minor units), currency,
    owner, opened_at, closed_at, and whether it was opened here (own)."""
    known = clusters(workspace).person
    codes = ", ".join(map(str, np.flatnonzero(known == person).tolist()))
    rows: list[dict[str, Any]] = workspace.engine.sql(
        f"SELECT row_id, id, source, name, account, people, stage, won, amount, currency, owner, opened_at, closed_at, "
        f"source = '{OWN}' AS own FROM deals WHERE list_has_any(people_codes, [{codes}]) "
        f"ORDER BY coalesce(opened_at, received_at) DESC, row_id"
    ).to_pylist()
    return rows


def open_deal(workspace: Workspace, lead: str, name: str, amount: int | None, by: str, owner: str) -> None:
    """Open a deal with a lead that sales has, worth `amount` minor units of the workspace's currency where it is known.

    Raises `HedgerowError` without a name, for an amount below nothing, a lead that marketing has, and where a deal of
    this name is open with the lead.
    """
    found = with_sales(workspace, lead)
    if not name.strip():
        raise HedgerowError("The deal has no name: write down what is to be sold.")
    if amount is not None and amount < 0:
        raise HedgerowError("A deal is worth nothing or more: write its value.")
    person = int(clusters(workspace).person[found["lead"]])
    if any(deal["won"] is None and deal["name"] == name.strip() for deal in deals_of(workspace, person)):
        raise HedgerowError(f"'{name.strip()}' is open with this lead already: give the other deal another name.")
    at, identifier = clock.now(), identifier_of(workspace, found["lead"])
    said = {"id": f"{identifier}#{clock.microseconds(at)}", "name": name.strip(), "people": [identifier], "stage": OPEN}
    worth = {"amount": amount, "currency": workspace.settings.workspace.currency if amount is not None else None}
    account = _account(workspace, found["lead"])
    write_deals(
        workspace, [{**said, **worth, "account": account, "owner": owner, "opened_at": at, "changed_at": at}], by
    )


def close_deal(workspace: Workspace, lead: str, deal: str, won: bool, by: str) -> None:
    """Close a deal (its `row_id`) that was opened here, won or lost.

    Raises `HedgerowError` for one of a CRM, which is closed there, and for one that is not open with the lead.
    """
    found = with_sales(workspace, lead)
    deals = deals_of(workspace, int(clusters(workspace).person[found["lead"]]))
    row = next((each for each in deals if each["row_id"] == deal), None)
    if row is None or row["won"] is not None:
        raise HedgerowError("That deal is not open with this lead any more: look at the deals again.")
    if not row["own"]:
        raise HedgerowError(f"The deal is kept in {row['source']}: close it there, and import it again.")
    at = clock.now()
    kept = {name: row[name] for name in ("id", "name", "account", "people", "amount", "currency", "owner", "opened_at")}
    ended = {"stage": WON if won else LOST, "won": won, "closed_at": at, "changed_at": at}
    write_deals(workspace, [kept | ended], by)


def _account(workspace: Workspace, lead: int) -> str | None:
    """Return the account of a lead as an identifier, where one is known."""
    rows = workspace.engine.sql(
        "SELECT account FROM leads WHERE lead IN (SELECT lead FROM asked) ORDER BY number DESC LIMIT 1",
        asked=pa.table({"lead": [lead]}),
    ).to_pylist()
    return f"domain:{rows[0]['account']}" if rows and rows[0]["account"] else None
