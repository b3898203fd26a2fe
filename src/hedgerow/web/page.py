"""A page: its path, its sentence, and the function that asks a room and renders the answer."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response


@dataclass(frozen=True)
class Page:
    """One page of the web room; `endpoint` takes the request and returns the page.

    `needs` is the capability that whoever asks must have (see `hedgerow.access.CAPABILITIES`); None shows it to those
    who are not signed in. One with a `menu` stands in the sidebar by that name, for those who may see it.
    """

    path: str
    says: str
    endpoint: Callable[[Request], Response]
    needs: str | None = "read"
    methods: tuple[str, ...] = ("GET",)
    menu: str = ""
