"""Random conditions and leads over a few facts, NULL and awkward texts included."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hedgerow.charter.facts import Fact, facts

STAGES = ("known", "working", "done")
FACTS = facts(
    {"vip": "boolean", "nick name": "text", "seats": "integer", "renewal": "time"}, {"stages": STAGES, "grades": ["A"]}
)
NUMBERS = ("score", "fit", "seats", "contacts")
GROWING = ("days_in_stage", "days_since_renewal")
TEXTS = ("country", '"nick name"')
BOOLEANS = ("vip", "accepted", "sales_allows_marketing")
LETTERS = st.text(st.sampled_from("aä%_\\u{}'\"[]. \n🦔"), max_size=5)

numbers = st.decimals(-3, 101, places=4).filter(lambda number: number.is_finite()) | st.sampled_from(
    [Decimal(0), Decimal(1), Decimal(50), Decimal(100)]
)
literals = numbers.map(lambda number: f"{number:f}")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


texts = LETTERS.map(_text)
number_facts = st.sampled_from(NUMBERS)


def _numeric(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        inner,
        st.tuples(inner, st.sampled_from("+-"), inner).map(lambda made: f"({made[0]} {made[1]} {made[2]})"),
        st.tuples(literals, number_facts).map(lambda made: f"({made[0]} * {made[1]})"),
        st.tuples(number_facts, inner).map(lambda made: f"coalesce({made[0]}, {made[1]})"),
        number_facts.map(lambda name: f"-{name}"),
    )


arithmetic = _numeric(_numeric(number_facts | literals))
signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">=", "is distinct from", "is not distinct from"])
equalities = st.sampled_from(["=", "<>", "is distinct from", "is not distinct from"])
negation = st.sampled_from(["", "not "])
comparisons = st.one_of(
    st.tuples(arithmetic, signs, arithmetic).map(" ".join),
    st.tuples(st.sampled_from(GROWING), signs, literals).map(" ".join),
    st.tuples(st.sampled_from(GROWING), literals, signs, literals).map(
        lambda m: f"coalesce({m[0]}, {m[1]}) {m[2]} {m[3]}"
    ),
    st.tuples(st.sampled_from(TEXTS), equalities, texts | st.sampled_from(TEXTS)).map(" ".join),
    st.tuples(st.sampled_from(TEXTS), negation, st.just("like"), texts).map(" ".join),
    st.tuples(st.sampled_from(TEXTS), negation, st.lists(texts, min_size=1, max_size=3)).map(
        lambda made: f"{made[0]} {made[1]}in ({', '.join(made[2])})"
    ),
    st.tuples(number_facts, negation, literals, literals).map(lambda m: f"{m[0]} {m[1]}between {m[2]} and {m[3]}"),
    st.tuples(st.sampled_from(BOOLEANS), equalities, st.sampled_from(BOOLEANS)).map(" ".join),
    st.tuples(st.sampled_from([*NUMBERS, *TEXTS, *GROWING, *BOOLEANS]), st.just("is"), negation, st.just("null")).map(
        " ".join
    ),
    st.sampled_from([*BOOLEANS, "true", "false", "stage = 'known'", "stage in ('working', 'done')"]),
)


def _logic(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' and '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' or '.join(parts)})"),
        inner.map(lambda part: f"not ({part})"),
        st.tuples(inner, st.sampled_from(["true", "false", "not true", "not false", "null", "not null"])).map(
            lambda made: f"({made[0]}) is {made[1]}"
        ),
    )


conditions = st.recursive(comparisons, _logic, max_leaves=6)


def _answers(fact: Fact) -> st.SearchStrategy[Any]:
    found: st.SearchStrategy[Any]
    if fact.values is not None:
        found = st.sampled_from(fact.values)
    elif fact.type == "number":
        found = numbers.map(lambda number: max(Decimal(0), number) if fact.least == 0 else number)
        found = found.map(lambda number: min(number, fact.most))
        found = found.map(round).map(Decimal) if fact.whole else found
    else:
        found = LETTERS if fact.type == "text" else st.booleans()
    return found | st.none() if fact.nullable else found


ASKED = [name.strip('"') for name in (*NUMBERS, "days_in_stage", "days_since_renewal", *TEXTS, *BOOLEANS, "stage")]
leads = st.fixed_dictionaries({name: _answers(FACTS[name]) for name in ASKED})
