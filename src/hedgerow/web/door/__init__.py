"""door: who may come in, and what a write must carry; every request but those for assets passes through its gate."""

from hedgerow.web.door.browser import browser_of
from hedgerow.web.door.gate import Gate
from hedgerow.web.door.guard import Guard
from hedgerow.web.door.refusal import refused
from hedgerow.web.door.visit import (
    Needs,
    address_of,
    form_of,
    let_in,
    let_out,
    local,
    own_session,
    own_user,
    session_of,
    site_of,
)

__all__ = [
    "Gate",
    "Guard",
    "Needs",
    "address_of",
    "browser_of",
    "form_of",
    "let_in",
    "let_out",
    "local",
    "own_session",
    "own_user",
    "refused",
    "session_of",
    "site_of",
]
