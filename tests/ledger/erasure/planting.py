"""Planting: a workspace in every corner of which a person stands, beside others who must not be harmed."""

import hashlib
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from hedgerow import mill
from hedgerow.collect import Map, import_book, import_file, undo_import
from hedgerow.collect.mentions.states import MENTIONS
from hedgerow.kit.clock import microseconds, now
from hedgerow.ledger import Purpose, Request, Touch, Workspace, create_workspace, make_link, open_workspace
from hedgerow.ledger.jobs import ask_for
from hedgerow.measures import ask
from hedgerow.measures.measure import Asked

MAIL, LOGIN, COOKIE, HANDLE = "ann.lee@example.org", "AnnLee-1977", "c00k1e-4711-ann", "mastodon:@annlee@social.example"
PERSON = (f"email:{MAIL}", f"login:{LOGIN}", f"anonymous:{COOKIE}", HANDLE)
"""Who is erased: all of their identifiers."""
SAID = (*PERSON, MAIL, LOGIN, COOKIE, HANDLE.partition(":")[2])
"""What must be found first and must not be found after."""

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
DEALS = Map(
    source="crm",
    deal=[
        {
            "id": "id",
            "stage": "'won'",
            "won": "true",
            "people": ["'email:' || mail", "'email:' || other"],
            "amount": "amount",
            "currency": "'EUR'",
            "name": "name",
            "closed_at": "closed",
            "changed_at": "changed",
        }
    ],
)
SHOP = Map(
    source="shop",
    touch=[
        {
            "occurred_at": "time",
            "id": "id",
            "verb": "coalesce(verb, 'view')",
            "actor": "'login:' || who",
            "claims": ["'email:' || mail"],
            "channel": "channel",
        }
    ],
)


def touch(number: int, actor: str, **more: object) -> Touch:
    """Return a touch of the hour `number`, by e-mail unless told."""
    said: dict[str, object] = {"verb": "view", "source": "site", "sender_id": f"n{number}", "channel": "Email"}
    return Touch(occurred_at=BEGIN + timedelta(hours=number), actor=actor, **{**said, **more})  # type: ignore[arg-type]


def touches() -> list[Touch]:
    """Return what the person did, and what others did that names them in every form."""
    hashed = hashlib.sha256(MAIL.encode()).hexdigest()
    bob = "email:bob@example.org"
    return [
        touch(1, f"anonymous:{COOKIE}"),
        touch(2, f"email:{MAIL}", claims=(f"anonymous:{COOKIE}", f"login:{LOGIN}"), verb="submit"),
        touch(3, HANDLE, claims=(f"email:{MAIL}",), verb="create", text="Hello from me", title="My post"),
        touch(4, f"email:{MAIL}", verb="purchase", value=4200, currency="EUR", campaign=f"for {MAIL}"),
        touch(5, f"email:{MAIL}", claims=("device:shared",), user_agent="Mozilla/5.0"),
        touch(6, bob, claims=("device:shared",)),
        touch(7, bob, verb="create", text=f"Ask {MAIL}, or {MAIL.upper()}. Or @annlee@social.example!"),
        touch(
            8,
            bob,
            url=f"https://example.org/?u=1&email={MAIL.replace('@', '%40')}",
            referrer=f"https://x.example/{LOGIN}",
        ),
        touch(9, bob, properties=json.dumps({"hashed_email": hashed, "id": b64encode(MAIL.encode()).decode()})),
        touch(10, bob, parent="n3", relation="reply", verb="create", text="Indeed"),
        touch(11, bob, verb="purchase", value=1000, currency="EUR", campaign="Spring"),
        touch(12, "email:anna.lee@example.org", text="I am somebody else, at anna.lee@example.org"),
        touch(13, bob, verb="mention", object=f"email:{MAIL}", sender_id=None),
    ]


def segment() -> Request:
    """Return a message as a tracking client sends it, names and all."""
    body = [{"type": "identify", "userId": LOGIN, "messageId": "m1", "traits": {"email": MAIL}}]
    body += [{"type": "track", "event": "Broken", "anonymousId": COOKIE, "messageId": "m2", "timestamp": "1066-10-14"}]
    head = json.dumps({"source": "site", "ip": "192.0.2.7"})
    return Request("segment", head, json.dumps(body).encode(), microseconds(now()))


def files(folder: Path) -> tuple[Path, Path]:
    """Write a file of touches and one of deals that name the person and others; return them."""
    folder.mkdir(exist_ok=True, parents=True)
    shop, deals = folder / "shop.csv", folder / "deals.csv"
    rows = [f"1,{BEGIN.isoformat()},{LOGIN},{MAIL},Direct,view", f"2,{BEGIN.isoformat()},{LOGIN},{MAIL},Direct,dance"]
    rows += [f"3,{BEGIN.isoformat()},bob-1,bob@example.org,Direct,view"]
    shop.write_text("id,time,who,mail,channel,verb\n" + "\n".join(rows) + "\n")
    day = "2026-01-20T00:00:00Z"
    rows = [
        f"d1,{MAIL},carl@example.org,500000,Seats for {MAIL},{day},{day}",
        f"d2,bob@example.org,,70000,Seats,{day},{day}",
    ]
    rows += [f"d3,{MAIL},,9900,Alone,{day},{day}"]
    deals.write_text("id,mail,other,amount,name,closed,changed\n" + "\n".join(rows) + "\n")
    return shop, deals


def cards(folder: Path) -> Path:
    """Write a contact book with the person's card, one of theirs that can't be read, and somebody else's; return it."""
    file = folder / "paper.vcf"
    card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Lee\r\nEMAIL:{MAIL}\r\nEND:VCARD\r\n"
    broken = card.replace("EMAIL", f"NOTE for {MAIL[:7]}\r\n {MAIL[7:]} EMAIL")
    file.write_text(f"{card}{broken}{card.replace(MAIL, 'bob@example.org').replace('Ann', 'Bob')}", newline="")
    return file


def plant(folder: Path) -> Workspace:
    """Make a workspace in `folder` with the person in each of its corners, and the mill turned."""
    made = create_workspace(folder / "acme", "Acme", "EUR", "Europe/Berlin", ("example.org",))
    with (folder / "acme" / "hedgerow.toml").open("a") as settings:
        settings.write('[fields]\nnick = "text"\n')
    made.close()
    workspace = open_workspace(folder / "acme")
    fill(workspace, folder)
    return workspace


def fill(workspace: Workspace, folder: Path) -> None:
    """Put the person in each corner of a workspace, by files in `folder` and otherwise."""
    shop, deals = files(folder / "files")
    undo_import(workspace, import_file(workspace, "touch", shop, SHOP).batch, "user:meg")
    mill.turn(workspace)
    import_file(workspace, "touch", shop, SHOP)
    import_file(workspace, "deal", deals, DEALS)
    workspace.inbox.accept(touches())
    workspace.inbox.commit([segment()])
    import_book(workspace, cards(folder / "files"), "paper")
    mill.turn(workspace)
    make_link(workspace, "https://example.org/a", "user:meg", Purpose(sharer=f"email:{MAIL}", recipient=HANDLE))
    with workspace.record.begin() as connection:
        ask_for(connection, "webmention", {"source": f"https://social.example/{LOGIN}"})
        mention: dict[str, object] = {
            "pair": "p",
            "source": f"https://x.example/{LOGIN}",
            "target": "https://example.org/",
            "state": "live",
        }
        mention |= {"digest": "", "actor": HANDLE, "version": 1, "owed": "", "verified_at": 0}
        connection.execute(sa.insert(MENTIONS).values(**mention))
    mill.turn(workspace)
    ask(workspace, "touches_by_channel", Asked(by="campaign"))
    (workspace.folder / "models").mkdir(exist_ok=True)
    (workspace.folder / "models" / "prediction-1.json").write_text(f'{{"categories": ["Spring", "for {MAIL}"]}}')
    (workspace.folder / "spill").mkdir(exist_ok=True)
    (workspace.folder / "spill" / "duckdb_temp_block-1.block").write_text(f"rows of {MAIL}")


def replay(workspace: Workspace, folder: Path) -> None:
    """Send everything that named the person again, by every route."""
    shop, deals = files(folder)
    import_file(workspace, "touch", shop, SHOP)
    import_file(workspace, "deal", deals, DEALS)
    import_book(workspace, cards(folder), "paper")
    workspace.inbox.accept(touches())
    workspace.inbox.commit([segment()])
    mill.turn(workspace)
    mill.turn(workspace)
