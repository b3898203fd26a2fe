"""A shelf: one thing a file, found by its folder or by an entry point of the same name."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, TypeVar

from hedgerow.kit.errors import HedgerowError

T = TypeVar("T")


def load_shelf(package: str, kind: type[T]) -> dict[str, T]:
    """Return the things on a shelf by file stem, in alphabetical order.

    Each module of `package` must hold exactly one constant of type `kind`, named for it in capitals
    (a `Model` is `MODEL`). A third party adds a thing with an entry point in the group named `package`.
    Raises `HedgerowError` where the constant is missing, of another type, or a stem is taken twice.
    """
    hashable: Any = kind
    return dict(_load(package, hashable))


def load_one(package: str, kind: type[T], stem: str) -> T | None:
    """Return one thing of a shelf without loading the others; None where the shelf's own folder has no such file.

    Raises `HedgerowError` as `load_shelf` does.
    """
    if stem not in {info.name for info in iter_modules(import_module(package).__path__)}:
        return None
    thing: T = _constant(import_module(f"{package}.{stem}"), kind)
    return thing


@cache
def _load(package: str, kind: Any) -> dict[str, Any]:
    things: dict[str, Any] = {}
    for stem, module in _modules(package):
        if stem in things:
            raise HedgerowError(f"Two files put '{stem}' on the shelf {package}: rename one of them.")
        things[stem] = _constant(module, kind)
    return dict(sorted(things.items()))


def _modules(package: str) -> Iterator[tuple[str, ModuleType]]:
    folder = import_module(package)
    for info in iter_modules(folder.__path__):
        if not info.name.startswith("_"):
            yield info.name, import_module(f"{package}.{info.name}")
    for point in entry_points(group=package):
        loaded = point.load()
        yield point.name, loaded if isinstance(loaded, ModuleType) else import_module(loaded.__module__)


def _constant(module: ModuleType, kind: type[Any]) -> Any:
    name = kind.__name__.upper()
    thing = getattr(module, name, None)
    if not isinstance(thing, kind):
        raise HedgerowError(
            f"The file {module.__name__} is on a shelf of {kind.__name__.lower()}s but holds no {name}: "
            f"define {name} = {kind.__name__}(…) in it."
        )
    return thing
