"""Settings: a TOML file, then PREFIX_SECTION_NAME variables, then PREFIX_SECTION_NAME_FILE for secrets."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from hedgerow.kit.errors import HedgerowError, nearest

S = TypeVar("S", bound=msgspec.Struct)


def load_settings(kind: type[S], file: Path, prefix: str, environ: Mapping[str, str] = os.environ) -> S:
    """Return `kind`, a Struct of sections (each a Struct or a dict), read from `file` and the environment.

    A missing file means defaults. Raises `HedgerowError` with one sentence for a file that is no TOML, an
    unknown name, or a value of the wrong type; the nearest known name is given.
    """
    raw = _read(file)
    sections = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for section, values in raw.items():
        _refuse_unknown(section, sections, f"section in {file.name}")
        if _is_struct(sections[section]) and isinstance(values, dict):
            for name in values:
                _refuse_unknown(name, _names(sections[section]), f"setting in [{section}] of {file.name}")
    for variable, value in environ.items():
        if variable.startswith(prefix + "_"):
            _override(raw, sections, variable, value, prefix)
    try:
        return msgspec.convert(raw, kind, strict=False)
    except msgspec.ValidationError as error:
        raise HedgerowError(f"A setting has a bad value: {error}. Correct it in {file}.") from None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HedgerowError(f"{file} is not readable as TOML ({error}): correct it there.") from None


def _override(raw: dict[str, Any], sections: dict[str, Any], variable: str, value: str, prefix: str) -> None:
    known = {
        f"{prefix}_{section}_{name}".upper(): (section, name)
        for section, kind in sections.items()
        if _is_struct(kind)
        for name in _names(kind)
    }
    plain = variable.removesuffix("_FILE")
    if variable not in known and plain not in known:
        raise HedgerowError(f"No setting is called {variable}.{nearest(variable, known)}")
    section, name = known.get(variable) or known[plain]
    text = value if variable in known else _secret(variable, value)
    listed = str(_names(sections[section])[name]).startswith(("tuple", "list"))
    raw.setdefault(section, {})[name] = [part.strip() for part in text.split(",")] if listed else text


def _secret(variable: str, file: str) -> str:
    try:
        return Path(file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise HedgerowError(f"{variable} names a file that can't be read ({error}): correct it.") from None


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _names(kind: Any) -> dict[str, Any]:
    return {field.name: field.type for field in msgspec.structs.fields(kind)}


def _refuse_unknown(name: str, known: Mapping[str, Any], what: str) -> None:
    if name not in known:
        raise HedgerowError(f"No {what} is called '{name}'.{nearest(name, known)}")
