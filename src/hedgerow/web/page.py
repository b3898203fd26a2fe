"""A page: its path, its sentence, and the function that asks a room and renders the answer."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response


@dataclass(frozen=True)
class Page:
    """One page of the web room; `endpoint` takes the request and returns the page."""

    path: str
    says: str
    endpoint: Callable[[Request], Response]
