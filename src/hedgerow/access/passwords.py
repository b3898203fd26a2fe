"""Passwords: which ones are taken, and their argon2id hashes."""

import re
import secrets
import threading
import unicodedata
from base64 import b64encode

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hedgerow.kit import HedgerowError

LEAST, MOST = 12, 1_024
"""Characters in a password."""
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "1234567890")
_WORDS = (
    "admin", "baseball", "changeme", "charlie", "chocolate", "dragon", "flower", "football", "hallo", "hedgerow",
    "hello", "iloveyou", "jordan", "letmein", "liverpool", "login", "master", "michael", "monkey", "passwort",
    "password", "pass", "princess", "qwerty", "qwertz", "secret", "shadow", "summer", "sunshine", "superman", "test",
    "trustno", "user", "welcome", "whatever", "winter",
)  # fmt: skip
_LEET = str.maketrans("013457@$", "oieastas")
_HASHER = PasswordHasher()
# Each hash takes 64 MiB while it is made: so many at once, however many ask.
_AT_ONCE = threading.BoundedSemaphore(4)


def check_password(password: str, email: str) -> None:
    """Raise `HedgerowError` where `password` is too short, too long, the e-mail, or of the first that are guessed."""
    said = _normal(password)
    if not LEAST <= len(said) <= MOST:
        raise HedgerowError(f"A password has {LEAST} to {MOST:,} characters: a sentence of your own does well.")
    plain = said.casefold()
    if plain in (email.casefold(), email.casefold().split("@")[0]):
        raise HedgerowError("The e-mail is no password: think of a sentence of your own.")
    if _is_guessed(plain):
        raise HedgerowError("That password is among the first that are guessed: think of a sentence of your own.")


def hashed(password: str) -> str:
    """Return the argon2id hash of a password, with its salt and parameters in it."""
    with _AT_ONCE:
        return _HASHER.hash(_normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Return whether `password` is the one behind the hash; where there is none, False after as long a time."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _NOBODYS, _normal(password)) and bool(kept)
        except (VerificationError, InvalidHashError):
            return False


def is_dated(kept: str) -> bool:
    """Return whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


def _normal(password: str) -> str:
    # The same letters typed on another keyboard may come composed in another way (NIST SP 800-63B, 3.1.1.2).
    return unicodedata.normalize("NFKC", password)


def _is_guessed(plain: str) -> bool:
    """Return whether a password is a few characters again and again, a run of keys, or a common word and its tail."""
    letters = "".join(filter(str.isalnum, plain)) or plain
    if len(set(letters)) <= 3 or any(letters == (letters[:n] * len(letters))[: len(letters)] for n in range(1, 9)):
        return True
    bare = re.sub(r"[\W\d_]+$", "", plain)
    if any(part in way * 3 for part in (letters, bare) for run in _RUNS for way in (run, run[::-1])):
        return True
    return bool(re.fullmatch(rf"(?:{'|'.join(_WORDS)})*", re.sub(r"[\W_]", "", bare.translate(_LEET))))


def _parts(size: int) -> str:
    return b64encode(secrets.token_bytes(size)).decode().rstrip("=")


# No password is behind this hash, and trying one takes as long as with any made today.
_NOBODYS = (
    f"$argon2id$v=19$m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    f"${_parts(_HASHER.salt_len)}${_parts(_HASHER.hash_len)}"
)
