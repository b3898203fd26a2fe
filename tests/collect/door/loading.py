"""Load: threads that send messages as trackers do, again and again until they are acknowledged, and remember which."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence

from tests.collect.door.running import Knocking, Said

BATCH = 20


class Load:
    """Some senders of one key; `stop` it, then ask which ids were acknowledged and what was answered."""

    def __init__(self, port: Callable[[], int], key: str, senders: int = 6, round_: str = "", bulk: int = 0) -> None:
        self.acknowledged: list[str] = []
        self.answers: Counter[int] = Counter()
        self.refusals: list[Said] = []
        self.slowest = 0.0
        self._port, self._key, self._round, self._bulk = port, key, round_, "x" * bulk
        self._stopping = threading.Event()
        names = [f"{round_}{number}" for number in range(senders)]
        self._threads = [threading.Thread(target=self._send, args=(name,), daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 60.0) -> None:
        """End when each sender's last message is acknowledged; what a sender gives up on was never promised."""
        self._stopping.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _send(self, name: str) -> None:
        number = 0
        while not self._stopping.is_set():
            many = BATCH if number % 3 == 2 else 1
            ids = [f"{name}-{number}-{place}" for place in range(many)]
            if self._until_kept(ids):
                self.acknowledged += ids
            number += 1

    def _until_kept(self, ids: Sequence[str]) -> bool:
        messages = [_message(id_, self._bulk) for id_ in ids]
        single = len(ids) == 1
        body = json.dumps(messages[0] if single else {"batch": messages}).encode()
        connection: Knocking | None = None
        try:
            while True:
                try:
                    connection = connection or self._connected()
                    begun = time.monotonic()
                    said = connection.post(body, self._key, "/v1/track" if single else "/v1/batch")
                    self.slowest = max(self.slowest, time.monotonic() - begun)
                    self.answers[said.status] += 1
                    if said.status == 200:
                        return True
                    self.refusals.append(said)
                except (OSError, ValueError):
                    if connection:
                        connection.__exit__()
                    connection = None
                if self._stopping.wait(0.02):
                    return False
        finally:
            if connection:
                connection.__exit__()

    def _connected(self) -> Knocking:
        return Knocking(self._port(), 20.0)


def _message(id_: str, bulk: str) -> dict[str, object]:
    said = {"type": "track", "event": "Signed up", "messageId": id_, "userId": f"u{id_}"}
    return {**said, "properties": {"plan": "small", "bulk": bulk}, "timestamp": "2026-03-01T12:00:00Z"}
