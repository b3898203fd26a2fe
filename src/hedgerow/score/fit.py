"""A fit: what somebody is that says they would buy and could; points by trait, which do not fade."""

from dataclasses import dataclass, replace

import pyarrow as pa

from hedgerow.kit import HedgerowError, load_shelf, nearest
from hedgerow.kit.expression import to_duckdb
from hedgerow.ledger import Settings, Workspace
from hedgerow.score.known import KNOWN


@dataclass(frozen=True)
class Fit:
    """A rule that gives points to a person for whom `when`, SQL over `KNOWN`, is true.

    Of a trait (seniority, say) the rule that is worth most counts, and no other.
    """

    says: str
    trait: str
    when: str
    points: float
    example: str


def fit_shelf() -> dict[str, Fit]:
    """Return every fit there is, by name."""
    return load_shelf("hedgerow.score.fits", Fit)


def fits_of(settings: Settings) -> dict[str, Fit]:
    """Return the fits in force by name: the shelf's and the workspace's own, as `[score.fits.NAME]` has them.

    Raises `HedgerowError` for a name that is neither on the shelf nor a whole fit, and for a bad condition.
    """
    known = fit_shelf()
    for name, said in settings.score.fits.items():
        stated = {field: value for field in said.__struct_fields__ if (value := getattr(said, field)) is not None}
        if name not in known and not {"says", "trait", "when", "points"} <= set(stated):
            raise HedgerowError(
                f"[score.fits.{name}] changes no fit there is.{nearest(name, known)} "
                f"One of your own says its says, trait, when and points."
            )
        known[name] = replace(known.get(name, Fit(says="", trait="", when="true", points=0, example="")), **stated)
    for name, fit in known.items():
        to_duckdb(fit.when, KNOWN, f"[score.fits.{name}] when")
        if abs(fit.points) > 1_000:
            raise HedgerowError(f"[score.fits.{name}] gives {fit.points:g} points: stay within 1,000.")
    return dict(sorted(known.items()))


def fitting(workspace: Workspace, known: pa.Table) -> pa.Table:
    """Return what fits of whom: columns person, fit (the rule's name), trait, thousandths (of a point); one a trait.

    `known` is what `known_of` returned.
    """
    fits = fits_of(workspace.settings)
    traits = sorted({fit.trait for fit in fits.values()})
    names = ", ".join(f"{_strongest(fits, trait)} AS t{place}" for place, trait in enumerate(traits))
    columns = ", ".join(f"t{place}" for place in range(len(traits)))
    told = pa.table(
        {
            "fit": list(fits),
            "trait": [fit.trait for fit in fits.values()],
            "thousandths": [round(fit.points * 1000) for fit in fits.values()],
        }
    )
    return workspace.engine.sql(
        f"SELECT person, fit, trait, thousandths FROM (SELECT person, unnest([{columns}]) AS fit FROM "
        f"(SELECT person, {names} FROM known)) JOIN told USING (fit) ORDER BY person, trait",
        known=known,
        told=told,
    )


def _strongest(fits: dict[str, Fit], trait: str) -> str:
    own = [(name, fit) for name, fit in fits.items() if fit.trait == trait]
    own.sort(key=lambda item: (-abs(item[1].points), item[0]))
    cases = (f"WHEN {to_duckdb(fit.when, KNOWN, name)} THEN '{name}'" for name, fit in own)
    return f"CASE {' '.join(cases)} END"
