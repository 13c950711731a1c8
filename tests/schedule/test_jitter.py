"""The statistics of jitter: a normal shift of its own size, independent between days, dyads and
activities.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import oxysim as ox
from oxysim.arrays import FloatArray
from oxysim.schedule import Feed, Play, Routine, Touch, jitter

DAYS = 400
DYADS = 5
SPREAD = 12.0  # min


def shifts(
    routine: Routine, label: str, clock: float, *, dyad: int = 0, seed: int = 1, first: int = 0
) -> FloatArray:
    """The shift of an activity's bout on each day, minutes; both ends of the
    window hold it whole.
    """
    plan = ox.schedule.as_schedule(routine).realise(
        first * 1440.0, (first + DAYS) * 1440.0, dyad=dyad, seed=seed
    )
    starts = np.array(
        [bout.start for bout in plan.bouts if bout.label == label and bout.member == "mother"]
    )
    return starts - (np.arange(first, first + DAYS) * 1440.0 + clock)


FREE = Routine((Touch("12:00", "30 min", jitter=f"{SPREAD} min"),))


@pytest.fixture(scope="module")
def free() -> FloatArray:
    """Shifts of a bout with a day of room on either side, shape (dyads, days)."""
    return np.array([shifts(FREE, "touch", 720.0, dyad=dyad) for dyad in range(DYADS)])


def test_mean_spread_and_shape_are_those_of_a_normal_shift(free: FloatArray) -> None:
    n = free.size
    assert abs(free.mean()) < 4 * SPREAD / np.sqrt(n)
    assert abs(free.std(ddof=1) - SPREAD) < 4 * SPREAD / np.sqrt(2 * n)
    assert stats.kstest(free.ravel() / SPREAD, "norm").pvalue > 1e-4


def test_days_dyads_and_seeds_are_independent(free: FloatArray) -> None:
    # of a correlation of 0: below 1 in 10,000 for each of the pairs below
    bound = 4.5 / np.sqrt(DAYS)
    pairs = [(free[i], free[j]) for i in range(DYADS) for j in range(i)]
    pairs += [(one[lag:], one[:-lag]) for one in free for lag in (1, 2, 7)]
    pairs += [
        (free[0], shifts(FREE, "touch", 720.0, seed=2)),
        (free[0], shifts(FREE, "touch", 720.0, seed=3)),
    ]
    assert max(abs(np.corrcoef(*pair)[0, 1]) for pair in pairs) < bound


def test_activities_and_clock_times_have_streams_of_their_own() -> None:
    wide = "1 min"  # so small that no neighbour's room matters
    day = Routine(
        (Touch(("06:00", "12:00"), "30 min", jitter=wide), Feed("18:00", "20 min", jitter=wide))
    )
    plan = ox.schedule.as_schedule(day).realise(0.0, DAYS * 1440.0, seed=1)
    starts = {
        label: np.array([b.start for b in plan.bouts if b.label == label and b.member == "mother"])
        for label in ("touch", "breastfeed")
    }
    morning, noon = starts["touch"][::2] % 1440 - 360, starts["touch"][1::2] % 1440 - 720
    evening = starts["breastfeed"] % 1440 - 1080
    for one, other in ((morning, noon), (morning, evening), (noon, evening)):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4.5 / np.sqrt(DAYS)
        assert one.std() == pytest.approx(1.0, rel=0.15)


def test_a_shift_is_keyed_by_seed_dyad_and_day_and_by_nothing_else(free: FloatArray) -> None:
    np.testing.assert_array_equal(free[3], shifts(FREE, "touch", 720.0, dyad=3))
    later = shifts(FREE, "touch", 720.0, first=100)
    np.testing.assert_allclose(later[: DAYS - 100], free[0][100:], atol=1e-9)
    more = FREE + Routine((Play("20:00", "10 min", jitter="5 min"), Feed("05:00", "20 min")))
    moved = shifts(more, "touch", 720.0)
    assert np.corrcoef(moved, free[0])[0, 1] > 0.999  # less room, the same draw
    assert np.abs(moved - free[0]).max() < 1.0


def test_where_neighbours_leave_little_room_the_shift_is_a_truncated_normal() -> None:
    """Fixed bouts end 20 min before and begin 20 min after: just under half of each gap is left."""
    room = 0.499 * 20
    day = Routine((
        Touch("12:00", "30 min", jitter="30 min"), Feed("11:20", "20 min"), Feed("12:50", "20 min"),
    ))  # fmt: skip
    found = np.concatenate([shifts(day, "touch", 720.0, dyad=dyad) for dyad in range(DYADS)])
    law = stats.truncnorm(-room / 30, room / 30, scale=30)
    assert np.abs(found).max() <= room
    assert abs(found.mean()) < 4 * law.std() / np.sqrt(found.size)
    assert found.std() == pytest.approx(law.std(), rel=0.05)
    assert stats.kstest(found, law.cdf).pvalue > 1e-4


def test_what_has_no_jitter_stays_whatever_the_room() -> None:
    """Without room too, where a quantile of no spread would be no number."""
    room, none = np.array([0.0, 5.0, 0.0]), np.zeros(3)
    with np.errstate(all="raise"):
        found = jitter.shifts(room, room, none, np.array([0.1, 0.5, 0.9]))
    np.testing.assert_array_equal(found, none)
