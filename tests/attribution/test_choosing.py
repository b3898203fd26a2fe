"""Choosing a model: a spec names one of the shelf, and its parameter where it has one."""

from collections.abc import Iterable

import numpy as np
import pytest
from tests.attribution.drawing import paths_of, trip

from hedgerow.attribution.model import Chosen, Floats, Model, choose
from hedgerow.journeys.paths import Paths
from hedgerow.kit import HedgerowError


def _twice(paths: Paths, _: float) -> Floats:
    return np.full(len(paths.label), 2.0)


def _none(blocks: Iterable[Paths], _: float) -> Floats:
    return np.zeros(4)


@pytest.mark.parametrize("spec", ["linear", "markov", "markov:3", "time_decay", "time_decay:0.5", "time_decay:14"])
def test_a_choice_says_the_spec_it_was_made_by(spec: str) -> None:
    assert choose(spec).spec == spec


@pytest.mark.parametrize(
    ("long", "short"), [("markov:1", "markov"), ("time_decay:7", "time_decay"), (" linear ", "linear")]
)
def test_a_default_spelt_out_is_the_same_choice(long: str, short: str) -> None:
    assert choose(long).spec == short
    assert choose(long) == choose(short)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("markow", "No attribution model is called 'markow'. Did you mean 'markov'?"),
        ("linear:3", "The model linear has no parameter: write 'linear' instead of 'linear:3'."),
        ("markov:5", "'5' is no order for the model markov: write markov:1, or any whole number from 1 to 4."),
        ("markov:1.5", "'1.5' is no order for the model markov: write markov:1, or any whole number from 1 to 4."),
        ("markov:", "'' is no order for the model markov: write markov:1, or any whole number from 1 to 4."),
        (
            "time_decay:nan",
            "'nan' is no half-life for the model time_decay: write time_decay:7, or any number from 0.01 to 3650.",
        ),
    ],
)
def test_a_bad_spec_is_refused_with_what_to_write(spec: str, sentence: str) -> None:
    with pytest.raises(HedgerowError) as refused:
        choose(spec)
    assert refused.value.sentence == sentence


def test_a_model_that_neither_weighs_nor_fits_is_refused() -> None:
    with pytest.raises(HedgerowError, match="give it `weigh` or `fit`"):
        Model(says=".", rule=".", example=".")


def test_a_model_that_both_weighs_and_fits_is_refused() -> None:
    with pytest.raises(HedgerowError, match="not both"):
        Model(says=".", rule=".", example=".", weigh=_twice, fit=_none)


def test_weights_that_do_not_sum_to_one_are_refused() -> None:
    chosen = Chosen("twice", Model(says=".", rule=".", example=".", weigh=_twice), 0.0)
    with pytest.raises(HedgerowError, match="'twice' do not sum to 1"):
        chosen.weights(paths_of([trip("Podcast > Email", 5)]), np.zeros(0))


def test_a_fitted_model_whose_weights_are_all_zero_shares_equally() -> None:
    chosen = Chosen("none", Model(says=".", rule=".", example=".", fit=_none), 0.0)
    paths = paths_of([trip("Podcast > Email", 5), trip("", 7), trip("Direct", 1)])
    assert chosen.weights(paths, chosen.fit([paths])).tolist() == [0.5, 0.5, 1.0]


def test_a_model_that_weighs_rows_reads_no_block_to_be_fitted() -> None:
    def unread() -> Iterable[Paths]:
        raise AssertionError
        yield

    assert choose("linear").fit(unread()).shape == (0,)
