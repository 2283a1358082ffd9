"""Random numbers by key: reproducible, uniform, and independent of one another."""

from __future__ import annotations

import copy
import pickle
import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice, pairwise, product
from math import exp, sqrt
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import printed_under_hash_seeds

from trx_core.ids import IdFactory
from trx_core.randomness import KeyedRandom, Purpose, named

KEYS = st.lists(st.integers(-(2**140), 2**140), max_size=4)
METHODS: dict[str, Callable[[random.Random], object]] = {
    "random": lambda rng: rng.random(),
    "getrandbits": lambda rng: rng.getrandbits(100),
    "gauss": lambda rng: rng.gauss(1.0, 2.0),
    "normalvariate": lambda rng: rng.normalvariate(1.0, 2.0),
    "expovariate": lambda rng: rng.expovariate(3.0),
    "choice": lambda rng: rng.choice("abcdefgh"),
    "randrange": lambda rng: rng.randrange(10**30),
    "sample": lambda rng: tuple(rng.sample(range(50), 50)),
}


def draws(rng: random.Random, count: int = 40) -> list[object]:
    """Every method in turn."""
    turns = (method(rng) for _, method in product(range(count), METHODS.values()))
    return list(islice(turns, count))


@given(st.integers(-(2**70), 2**70), KEYS)
def test_one_key_gives_one_sequence(seed: int, key: list[int]) -> None:
    used = KeyedRandom(seed)
    draws(used.at(9))
    used.gauss(0.0, 1.0)
    assert draws(used.at(*key)) == draws(KeyedRandom(seed).at(*key))


@given(st.integers(0, 2**64), KEYS)
def test_without_a_key_a_sequence_is_the_seeds_own(seed: int, key: list[int]) -> None:
    assert draws(KeyedRandom(seed)) == draws(KeyedRandom(seed).at(*key).at())


KEYED: list[tuple[int, ...]] = [
    (),
    (0,),
    (0, 0),
    (1,),
    (1, 0),
    (0, 1),
    (1, 2),
    (2, 1),
    (2**64,),
    (2**64 + 1,),
    (2**128,),
    (1 << 100, 1),
]


def test_keys_differ_by_value_order_length_and_high_bits() -> None:
    sequences = {
        (seed, key): tuple(draws(KeyedRandom(seed).at(*key), 8))
        for seed, key in product((0, 1, 2**64), KEYED)
    }
    assert len(set(sequences.values())) == len(sequences)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_follows_the_key(name: str) -> None:
    method, rng = METHODS[name], KeyedRandom(3)
    first = [method(rng.at(1)), *(method(rng) for _ in range(4))]
    assert [method(rng.at(1)), *(method(rng) for _ in range(4))] == first
    assert [method(rng.at(2)), *(method(rng) for _ in range(4))] != first


def test_bits_are_as_many_as_asked() -> None:
    rng = KeyedRandom(1)
    for k in (0, 1, 7, 63, 64, 65, 200):
        found = [rng.at(k, number).getrandbits(k) for number in range(200)]
        assert max(found).bit_length() == k
    with pytest.raises(ValueError, match="non-negative"):
        rng.getrandbits(-1)


def test_it_can_be_copied_pickled_and_put_back() -> None:
    rng = KeyedRandom(5).at(1, 2)
    rng.gauss(0.0, 1.0)
    state = rng.getstate()
    copies = [copy.deepcopy(rng), copy.copy(rng), pickle.loads(pickle.dumps(rng))]
    expected = [rng.gauss(0.0, 1.0), *draws(rng), *draws(rng.at(7))]
    for each in copies:
        assert [each.gauss(0.0, 1.0), *draws(each), *draws(each.at(7))] == expected
    rng.setstate(state)
    assert [rng.gauss(0.0, 1.0), *draws(rng)] == expected[:41]


def test_it_can_be_seeded_again_with_an_integer_only() -> None:
    rng = KeyedRandom(5).at(1)
    rng.gauss(0.0, 1.0)
    rng.seed(6)
    assert draws(rng) == draws(KeyedRandom(6))
    with pytest.raises(TypeError, match="integer, not str"):
        rng.seed("six")


# Sequences of neighbouring keys, as tasks of one run have them.

COUNT = 20_000


def first_of(keys: Sequence[tuple[int, ...]]) -> list[float]:
    rng = KeyedRandom(2024)
    return [rng.at(*key).random() for key in keys]


def _uuids() -> list[tuple[int, ...]]:
    made: list[UUID] = IdFactory(random.Random(1)).many(COUNT, 1.0)
    return [(key.int, 1, Purpose.SERVICE) for key in made]


FAMILIES: dict[str, Callable[[], list[tuple[int, ...]]]] = {
    "counting": lambda: [(n,) for n in range(COUNT)],
    "attempts": lambda: [(n // 4, n % 4, Purpose.SERVICE) for n in range(COUNT)],
    "high bits": lambda: [(n << 100, 1) for n in range(COUNT)],
    "powers": lambda: [(1 << (n % 128), n // 128) for n in range(COUNT)],
    "task ids": _uuids,
}


def chi_squared_sigmas(cells: Counter[object], expected: float, degrees: int) -> float:
    """How many standard deviations chi squared lies from its mean."""
    total = sum((count - expected) ** 2 / expected for count in cells.values())
    total += (degrees + 1 - len(cells)) * expected
    return abs(total - degrees) / sqrt(2 * degrees)


@pytest.mark.parametrize("family", FAMILIES)
def test_first_numbers_of_different_keys_are_uniform(family: str) -> None:
    cells: Counter[object] = Counter(int(x * 100) for x in first_of(FAMILIES[family]()))
    assert chi_squared_sigmas(cells, COUNT / 100, 99) < 4.5


@pytest.mark.parametrize("family", FAMILIES)
def test_first_numbers_of_neighbouring_keys_are_independent(family: str) -> None:
    first = first_of(FAMILIES[family]())
    assert abs(statistics.correlation(first[:-1], first[1:])) < 4.5 / sqrt(COUNT)
    pairs: Counter[object] = Counter(
        (int(a * 12), int(b * 12)) for a, b in zip(first[::2], first[1::2], strict=True)
    )
    assert chi_squared_sigmas(pairs, COUNT / 2 / 144, 143) < 4.5


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_whole_sequences_of_two_keys_are_uncorrelated(lag: int) -> None:
    one, two = KeyedRandom(1).at(1, 1), KeyedRandom(1).at(1, 2)
    a = [one.random() for _ in range(COUNT + lag)][lag:]
    b = [two.random() for _ in range(COUNT)]
    assert abs(statistics.correlation(a, b)) < 4.5 / sqrt(COUNT)


def test_purposes_do_not_share_their_luck() -> None:
    by_purpose = [first_of([(n, 1, purpose) for n in range(COUNT)]) for purpose in sorted(Purpose)]
    for one, two in pairwise(by_purpose):
        assert abs(statistics.correlation(one, two)) < 4.5 / sqrt(COUNT)


def test_methods_of_random_have_their_distributions() -> None:
    rng = KeyedRandom(7)
    normal = [rng.at(n).gauss(3.0, 2.0) for n in range(COUNT)]
    assert statistics.mean(normal) == pytest.approx(3.0, abs=4.5 * 2.0 / sqrt(COUNT))
    assert statistics.stdev(normal) == pytest.approx(2.0, rel=0.04)
    times = [rng.at(n, 1).expovariate(0.5) for n in range(COUNT)]
    assert statistics.mean(times) == pytest.approx(2.0, abs=4.5 * 2.0 / sqrt(COUNT))
    assert sum(t > 4.0 for t in times) / COUNT == pytest.approx(exp(-2), abs=0.012)
    letters: Counter[object] = Counter(rng.at(n, 2).choice("abcde") for n in range(COUNT))
    assert chi_squared_sigmas(letters, COUNT / 5, 4) < 4.5
    bits = sum(rng.at(n, 3).getrandbits(70).bit_count() for n in range(COUNT))
    assert bits / COUNT == pytest.approx(35, abs=4.5 * sqrt(70) / 2 / sqrt(COUNT))


SAME_ANYWHERE = """
from trx_core.randomness import KeyedRandom, named
rng = KeyedRandom(11)
for key in [(1,), (2**100, 3), (-5, 2)]:
    at = rng.at(*key)
    print(at.random().hex(), at.gauss(0, 1).hex(), at.expovariate(2).hex(), at.getrandbits(90),
          at.choice("abcdefgh"), at.sample(range(9), 9), named("gpu-east"))
"""


def test_another_process_draws_the_same_numbers() -> None:
    printed = printed_under_hash_seeds(SAME_ANYWHERE)
    (text,) = printed
    here = KeyedRandom(11).at(1)
    assert text.split()[:2] == [here.random().hex(), here.gauss(0, 1).hex()]


def test_the_numbers_of_a_seed_never_change() -> None:
    """Runs that people have kept can be had again; the first number of SplitMix64 from state 0 is
    that of the reference implementation (S. Vigna, splitmix64.c).
    """
    assert KeyedRandom(0).getrandbits(64) == 0xE220A8397B1DCDAF
    assert KeyedRandom(1).at(2, 3).getrandbits(64) == 4711431807339645584
    assert named("cpu") == 4766894096655487462


PARTS = st.integers(0, 2**128 - 1) | st.integers(0, 2**64) | st.sampled_from([0, 2**64, 2**127])


@given(st.lists(st.tuples(PARTS, st.integers(1, 9)), min_size=1), st.integers(0, 5), st.integers())
def test_what_is_dealt_is_what_each_key_would_have_drawn(
    keys: list[tuple[int, int]], drawn: int, seed: int
) -> None:
    dealt, alone = KeyedRandom(seed), KeyedRandom(seed)
    ids, numbers = zip(*keys, strict=True)
    many = dealt.keys(ids, numbers, [Purpose.SERVICE]).then([named("cpu")])
    for row, key in enumerate(keys):
        dealt.take_up(many.hand(row, many.numbers()))
        alone.at(*key, Purpose.SERVICE, named("cpu"))
        assert [dealt.random() for _ in range(drawn)] == [alone.random() for _ in range(drawn)]
        assert dealt.getrandbits(70) == alone.getrandbits(70)
        assert dealt.getstate() == alone.getstate()
