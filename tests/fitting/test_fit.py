"""`fit` on the model: linear kinetics with a closed form, persons in three ways, bad input."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import oxysim as ox
from oxysim.errors import InputError, UnknownNameError
from oxysim.fitting import Fit, HierarchicalFit, SeparateFits, fit, free_parameters
from oxysim.fitting.likelihood.reading_likelihood import ReadingLikelihood
from oxysim.fitting.persons.person_model import PersonModel
from oxysim.fitting.persons.person_samples import persons_of
from oxysim.measures import instrument
from oxysim.model import registry
from oxysim.observations import Observations

HALF_LIFE, CLEARANCE = "mother.oxytocin.plasma_half_life", "mother.oxytocin.clearance"
TIMES = np.array([57.0, 62.0, 64.0, 67.0, 72.0, 80.0])
DOSE, INFUSED = 1.0, 1.0  # IU, over so many minutes from 01:00 on
DAY = ox.Routine.empty() + ox.IntravenousBolus("1 IU", minutes="1 min", at="01:00")
MICROGRAM_PER_IU = 1.68  # of oxytocin, by its international standard
# the row's own: what plasma rests at without anything
BASAL = float(ox.Dyad().value("mother.oxytocin.plasma_basal"))
CV = {"sample": 0.12, "occasion": 0.2}


def closed_form(half_life: float, clearance: float, times: np.ndarray = TIMES) -> np.ndarray:
    """Plasma oxytocin after an infusion at a constant rate: one compartment, first order."""
    rate = np.log(2) / half_life
    plateau = 1e6 * MICROGRAM_PER_IU * DOSE / INFUSED / (1000 * clearance)
    since = times - 60.0
    during = np.clip(since, 0.0, INFUSED)
    after = np.clip(since - INFUSED, 0.0, None)
    return BASAL + plateau * (1 - np.exp(-rate * during)) * np.exp(-rate * after)


def observations(rows: list[dict[str, object]]) -> Observations:
    """Rows of plasma oxytocin as observations."""
    usual = {"member": "mother", "analyte": "plasma_oxytocin", "unit": "pg/mL", "censored": ""}
    return Observations.from_table(pd.DataFrame([usual | row for row in rows]))


def rows_of(person: str, values: np.ndarray, times: np.ndarray = TIMES) -> list[dict[str, object]]:
    """One row a sample."""
    return [
        {"person": person, "minutes": float(time), "value": float(value)}
        for time, value in zip(times, values, strict=True)
    ]


def without_noise(half_life: float, clearance: float) -> np.ndarray:
    """Readings that are most likely exactly at these values: the medians of their noise."""
    variance = np.log1p(CV["sample"] ** 2) + np.log1p(CV["occasion"] ** 2)
    return closed_form(half_life, clearance) * np.exp(-variance / 2)


def noisy(person: str, half_life: float, clearance: float, seed: int) -> list[dict[str, object]]:
    """Readings with the noise of the instrument, drawn here."""
    generator = np.random.default_rng(seed)
    spreads = {level: np.sqrt(np.log1p(size**2)) for level, size in CV.items()}
    stray = spreads["occasion"] * generator.standard_normal()
    stray = stray + spreads["sample"] * generator.standard_normal(len(TIMES))
    return rows_of(person, without_noise(half_life, clearance) * np.exp(stray))


@pytest.fixture(scope="module")
def single() -> Fit:
    """The fit of one person's noiseless samples, without a prior."""
    data = observations(rows_of("a", without_noise(3.4, 0.9)))
    return fit(data, ox.Dyad(), DAY, [HALF_LIFE, CLEARANCE], priors=None, starts=2)


# ------------------------------------------------------------------ known answers
def test_the_values_behind_the_closed_form_are_found(single: Fit) -> None:
    assert single.values[HALF_LIFE] == pytest.approx(3.4, rel=1e-3)
    assert single.values[CLEARANCE] == pytest.approx(0.9, rel=1e-3)
    expected = single.expected()
    assert expected["expected"].to_numpy() == pytest.approx(closed_form(3.4, 0.9), rel=1e-3)
    assert "2 of 2 searches ended at this maximum." in single.report()
    assert single.who().value(HALF_LIFE) == single.values[HALF_LIFE]


def test_intervals_are_those_of_the_closed_form(single: Fit) -> None:
    """The profile, against one computed from the closed form on a grid."""
    profile = single.profiles(0.9)[HALF_LIFE]
    tool = instrument("plasma_oxytocin")
    values = without_noise(3.4, 0.9)
    visits, limits = np.zeros(len(values), dtype=int), np.full(len(values), np.nan)
    likely = ReadingLikelihood(tool, values, [""] * len(values), limits, visits)
    clearances = np.linspace(0.5, 1.6, 1101)

    def best(half_life: float) -> float:
        curves = np.array([closed_form(half_life, clearance) for clearance in clearances])
        return float(likely(curves).max())

    low, high = profile.interval
    for end in (low, high):
        # half of the 90 % point of chi squared with one degree of freedom
        assert best(3.4) - best(end) == pytest.approx(1.3528, abs=0.03)


def test_a_point_has_the_same_bits_in_any_company() -> None:
    data = observations(noisy("a", 3.4, 0.9, 1) + noisy("b", 4.4, 1.2, 2))
    persons = persons_of(data, ox.Dyad(), DAY)
    parameters = free_parameters([HALF_LIFE, CLEARANCE], ox.Dyad())
    model = PersonModel(persons, parameters, options={"engine": "compiled"})
    points = np.random.default_rng(1).standard_normal((9, 2))
    together = model.together(points)
    assert (model.together(points[::-1])[::-1] == together).all()
    assert [model.together(point[None])[0] for point in points] == together.tolist()
    apart = np.stack([model.of(k).together(points) for k in range(2)], axis=1)
    assert (apart.sum(axis=1) == together).all()


def test_a_sample_below_the_limit_counts_as_a_probability() -> None:
    data = observations(
        rows_of("a", without_noise(3.4, 0.9)[:5], TIMES[:5])
        + [{"person": "a", "minutes": 140.0, "value": np.nan, "censored": "below", "limit": 4.0}]
    )
    (samples,) = persons_of(data, ox.Dyad(), DAY)
    ((positions, likelihood),) = samples.series
    level = BASAL * np.exp(-np.log1p(0.12**2) / 2 - np.log1p(0.2**2) / 2)
    expected = np.append(closed_form(3.4, 0.9, TIMES[:5]), BASAL)[None]
    with_limit = samples.log_likelihood(expected)[0]
    tool, visits = instrument("plasma_oxytocin"), np.zeros(6, dtype=int)
    alone = ReadingLikelihood(
        tool, without_noise(3.4, 0.9)[:5], [""] * 5, np.full(5, np.nan), visits[:5]
    )
    # the numbers say that the visit strays by nothing, to within what the samples leave open
    assert level < 4.0
    assert alone(expected[:, :5])[0] - 0.2 < with_limit < alone(expected[:, :5])[0]
    assert positions.tolist() == list(range(6)) and likelihood.tool is tool


# ------------------------------------------------------------------ several persons
@pytest.fixture(scope="module")
def five() -> Observations:
    """Five persons who differ."""
    values = [(3.4, 0.9), (4.4, 1.2), (3.8, 0.7), (4.9, 0.8), (3.6, 1.0)]
    rows = [noisy(f"00{k}", *pair, seed=k) for k, pair in enumerate(values)]
    return observations([row for person in rows for row in person])


def test_persons_apart_are_fits_of_their_own(five: Observations) -> None:
    apart = fit(five, ox.Dyad(), DAY, [HALF_LIFE], persons="separately", starts=1)
    assert isinstance(apart, SeparateFits) and list(apart) == ["000", "001", "002", "003", "004"]
    table = five.table[five.table["person"] == "003"]
    alone = fit(Observations.from_table(table), ox.Dyad(), DAY, [HALF_LIFE], starts=1)
    assert alone.values == apart["003"].values
    assert apart.estimates["person"].tolist() == list(apart)
    assert "003: 1 parameter from 6 samples of 1 person." in apart.report()
    with pytest.raises(UnknownNameError):
        apart["3"]


def test_persons_together_share_their_values(five: Observations) -> None:
    together = fit(five, ox.Dyad(), DAY, [HALF_LIFE, CLEARANCE], starts=1)
    assert isinstance(together, Fit) and together.model.n_samples == 30
    apart = fit(five, ox.Dyad(), DAY, [HALF_LIFE], persons="separately", starts=1)
    values = [single.values[HALF_LIFE] for single in apart.fits]
    assert min(values) < together.values[HALF_LIFE] < max(values)
    # five times the samples: an interval about a root of five narrower
    width = together.estimates.loc[0, "high"] - together.estimates.loc[0, "low"]
    widths = (apart.estimates["high"] - apart.estimates["low"]).mean()
    assert width < 0.7 * widths


def test_a_hierarchy_shrinks_persons_and_becomes_a_population(five: Observations) -> None:
    hierarchy = fit(
        five, ox.Dyad(), DAY, [HALF_LIFE, CLEARANCE], persons="hierarchy", starts=1, draws=128
    )
    assert isinstance(hierarchy, HierarchicalFit)
    apart = fit(five, ox.Dyad(), DAY, [HALF_LIFE, CLEARANCE], persons="separately", starts=1,
                priors={HALF_LIFE: (1.0, 15.0), CLEARANCE: (0.1, 10.0)})  # fmt: skip
    for name in (HALF_LIFE, CLEARANCE):
        within = hierarchy.persons.set_index("parameter").loc[name, "estimate"].to_numpy()
        alone = apart.estimates.set_index("parameter").loc[name, "estimate"].to_numpy()
        assert within.std() < alone.std()
        assert np.corrcoef(within, alone)[0, 1] > 0.9
    population = hierarchy.to_population("five")
    assert population.trait("caregiver.oxytocin.clearance").centre == pytest.approx(
        hierarchy.estimates.set_index("parameter").loc[f"{CLEARANCE}: centre", "estimate"]
    )
    assert population.provenance["persons"] == 5 and len(population.provenance["fit"]) == 64
    assert len(population.sample(3, seed=1)) == 3
    assert "is left open by a person's own samples" in hierarchy.report()


def test_each_person_has_its_own_dyad_and_day(five: Observations) -> None:
    people = {person: ox.Dyad() for person in five.persons}
    days = dict.fromkeys(five.persons, DAY)
    shared = fit(five, ox.Dyad(), DAY, [HALF_LIFE], starts=1)
    assert fit(five, people, days, [HALF_LIFE], starts=1).values == shared.values
    with pytest.raises(
        InputError, match="an entry for every person in the data; found none for '004'"
    ):
        fit(five, {k: v for k, v in people.items() if k != "004"}, DAY, [HALF_LIFE])
    with pytest.raises(UnknownNameError, match="unknown person 'zoe' in who"):
        fit(five, people | {"zoe": ox.Dyad()}, DAY, [HALF_LIFE])


def test_what_is_known_of_one_person_is_a_population_too(five: Observations) -> None:
    together = fit(five, ox.Dyad(), DAY, [HALF_LIFE, CLEARANCE], starts=1)
    population = together.to_population("what is known")
    covariance = together.maximum.covariance()
    (pair,) = population.correlations
    assert pair.r == pytest.approx(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))
    spread = np.sqrt(covariance[1, 1]) * together.parameters[1].prior.spread
    assert population.trait("caregiver.oxytocin.clearance").spread == pytest.approx(spread)


# ------------------------------------------------------------------ honest words
def test_two_parameters_that_only_their_ratio_moves_are_called_a_ridge() -> None:
    # saliva after a spray is drip: what is dripped and how much of it saliva holds go together
    day = ox.Routine.empty() + ox.NasalSpray("24 IU", at="01:00")
    names = ["mother.nasal_spray.absorbed_fraction", CLEARANCE]
    dyad = ox.Dyad(parameters={"mother.oxytocin.plasma_basal": 0.1})
    times = np.array([65.0, 80.0, 100.0, 130.0])
    result = ox.simulate(dyad, day, "3 h", start="00:00", save="5 min")
    values = result.at("mother.plasma_oxytocin", times.tolist()).values[0]
    data = observations(rows_of("a", values, times))
    ridge = fit(data, dyad, day, names, priors=None, starts=1, beyond_limits="measured")
    assert abs(ridge.correlations().iloc[0, 1]) > 0.95
    assert "almost only together" in ridge.report() and "close to their ratio" in ridge.report()


def test_a_value_that_data_put_beyond_the_plausible_is_said() -> None:
    data = observations(rows_of("a", without_noise(3.4, 5.0)))
    far = fit(data, ox.Dyad(), DAY, [CLEARANCE], priors=None, starts=1)
    # a search without a prior ends five latents out, far below what the samples ask for
    assert far.values[CLEARANCE] < 4.0
    assert "upper end of what is plausible" in far.report()


# ------------------------------------------------------------------ bad input
GOOD = observations(rows_of("a", without_noise(3.4, 0.9)))


def _refusal(
    match: str, data: Observations = GOOD, names: object = (HALF_LIFE,), **options: object
) -> None:
    with pytest.raises((InputError, UnknownNameError), match=match):
        fit(data, options.pop("who", ox.Dyad()), options.pop("schedule", DAY), names, **options)


def test_bad_input_is_refused_before_anything_is_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        raise AssertionError("something was simulated")

    monkeypatch.setattr("oxysim.fitting.persons.person_model.prepare", none)
    few = observations(rows_of("a", without_noise(3.4, 0.9)[:1], TIMES[:1]))
    _refusal("at least 2 samples, one for each parameter; found 1", few, [HALF_LIFE, CLEARANCE])
    below = [{"person": "a", "minutes": 62.0, "value": np.nan, "censored": "below", "limit": 1.0}]
    _refusal("neither missing nor censored; found none among 1 row", observations(below))
    _refusal("unknown parameter", names=["mother.oxytocin.plasma_halflife"])
    _refusal("each value once", names=[HALF_LIFE, "caregiver.oxytocin.plasma_half_life"])
    _refusal("data: expected Observations", data=GOOD.table)
    _refusal("who: expected a Dyad", who="mother")
    _refusal("one dyad, or a mapping", who=ox.Dyad().repeat(2))
    _refusal("unknown parameter .* in priors", priors={CLEARANCE: (0.5, 1.5)})
    _refusal(r"a pair \(low, high\)", priors={HALF_LIFE: (5.0, 3.0)})
    _refusal("persons", persons="apart")
    _refusal("starts", starts=0)
    _refusal("at least 3 persons for a population; found 1", persons="hierarchy")
    _refusal("a sample after the simulation begins", start="01:00")
    early = observations([{"person": "a", "age": 100.0, "value": 5.0}] * 2)
    _refusal("or give the age at day 0 in who=", early)
    under = observations(rows_of("a", without_noise(3.4, 0.9) * 0.01))
    _refusal("between the instrument's limits", under)
    _refusal("expected pg/mL|values in", dataclasses.replace(GOOD, table=GOOD.table.assign(
        analyte="kit")), instruments={"kit": instrument("epds")})  # fmt: skip
    _refusal("unknown instrument 'kit'", dataclasses.replace(GOOD, table=GOOD.table.assign(
        analyte="kit")))  # fmt: skip


def test_a_parameter_without_influence_is_named() -> None:
    _refusal("'?mother.nasal_spray.drip_fast'?, without any influence",
             names=[HALF_LIFE, "mother.nasal_spray.drip_fast"])  # fmt: skip


def test_a_fit_without_priors_has_no_posterior(single: Fit) -> None:
    with pytest.raises(InputError, match="a fit with priors"):
        single.posterior()


# ------------------------------------------------------------------ starts, edges, priors
def test_starts_edges_and_priors_of_a_population_are_free_parameters() -> None:
    names = ["start.mother.depression", "reward -> depression", "mother.affect.reward_gain"]
    community = ox.Population.named("community")
    start, edge, gain = free_parameters(names, ox.Dyad(), community)
    assert 0.0 <= start.value(np.array([-6.0]))[0] < 0.1
    assert 29.0 < start.value(np.array([6.0]))[0] <= 30.0
    assert edge.value(np.array([-6.0, 6.0])) == pytest.approx([0.0, 2.0], abs=1e-6)
    trait = community.trait("caregiver.affect.reward_gain")
    for share in (0.1, 0.5, 0.9):
        latent = np.array([stats.norm.ppf(share)])
        assert gain.value(latent)[0] == pytest.approx(
            trait.quantile(np.array([share]))[0], rel=1e-4
        )


def test_the_range_of_a_row_holds_95_percent_of_its_prior() -> None:
    for name, row in registry.parameters().items():
        (free,) = free_parameters([name.replace("caregiver", "mother")], ox.Dyad())
        low, high = free.value(np.array([-1.959964, 1.959964]))
        if row.distribution == "uniform":
            assert row.low < low < high < row.high
        elif row.low > row.legal[0]:
            # a normal prior that begins where values are no longer legal loses its lower tail
            assert (low, high) == pytest.approx((row.low, row.high), rel=0.02, abs=1e-3), name
