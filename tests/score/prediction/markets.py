"""A made-up market in a ledger: people who come from channels, of whom those who ask for a demo often buy."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from hedgerow import mill
from hedgerow.kit import clock
from hedgerow.ledger import Touch, Workspace

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def on(day: float) -> datetime:
    """Return the instant so many days into the market."""
    return BEGUN + timedelta(days=day)


def told(workspace: Workspace, touches: Sequence[Touch], day: float | None = None) -> None:
    """Bring touches in, each received a minute after it occurred, or all on a day; and turn the mill."""
    if day is not None:
        with clock.stopped_at(on(day)):
            workspace.inbox.accept(list(touches))
    else:
        for touch in touches:
            with clock.stopped_at(touch.occurred_at + timedelta(minutes=1)):
                workspace.inbox.accept([touch])
    mill.turn(workspace)


def did(who: str, verb: str, day: float, **more: object) -> Touch:
    """Return a touch of a person, named by mail unless a kind is given."""
    actor = who if ":" in who else f"email:{who}@example.org"
    return Touch(occurred_at=on(day), source="test", verb=verb, actor=actor, **more)  # type: ignore[arg-type]


def market(people: int = 1400, days: int = 400, seed: int = 1) -> list[Touch]:
    """Return the touches of people of whom a third ask for a demo, half of whom buy within two weeks; others rarely."""
    random, touches = np.random.default_rng(seed), []
    for number in range(people):
        who, first = f"p{number}", float(random.uniform(0, days))
        channel = str(random.choice(["Email", "Organic Search", "Paid Social"]))
        touches += [
            did(who, "view", first + gap, channel=channel) for gap in random.uniform(0, 12, random.integers(1, 6))
        ]
        keen = random.random() < 1 / 3
        if keen:
            touches.append(did(who, "submit", first + 5, channel=channel))
        if random.random() < (0.6 if keen else 0.03):
            touches.append(did(who, "purchase", first + 5 + float(random.uniform(1, 30)), value=100, currency="EUR"))
    return [touch for touch in touches if touch.occurred_at < on(days)]


def arrived(workspace: Workspace, touches: Sequence[Touch]) -> None:
    """Bring touches in day by day, as they were collected."""
    by_day: dict[int, list[Touch]] = {}
    for touch in touches:
        by_day.setdefault((touch.occurred_at - BEGUN).days, []).append(touch)
    for day, each in sorted(by_day.items()):
        with clock.stopped_at(on(day + 0.9999)):
            workspace.inbox.accept(each)
    mill.turn(workspace)
