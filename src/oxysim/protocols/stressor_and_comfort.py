"""Protocol 10: a stressor, then a quarter of an hour of full contact, of the voice alone by
telephone, or of nothing (Seltzer 2010).

After a social stress task girls of 7-12 years were comforted by their mother in person, by
telephone, or not at all. Voice alone raised oxytocin and lowered cortisol like full contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, unknown_name
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.findings.agreement import Expected
from oxysim.interventions import PlaySession, RemoteVoice, Separation, Stressor
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.schedule import Intervention
from oxysim.simulation.plausibility import said_once
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import unpaired
from oxysim.trials.reporting.table_of_effects import effect_row

STRESSOR_AT = 14 * 60.0  # clock time at which the task begins, minutes
TASK = 15.0  # min; assumed
COMFORT = 15.0  # min; published

# min after the end of the task: seven, at assumed times
SAMPLES = (-15.0, 0.0, 15.0, 30.0, 45.0, 60.0, 75.0)
SIZES = {"contact": 19, "voice": 20, "nothing": 22}  # published
FINDING = "SZ1"
OUTCOMES = ("saliva_oxytocin", "urine_oxytocin", "salivary_cortisol")

# min from the begin of the task for which the mother is not there
AWAY = {"contact": TASK, "voice": 90.0, "nothing": 90.0}

# Pairs of arms that are compared: reference, contrast.
PAIRS = (("nothing", "contact"), ("nothing", "voice"), ("contact", "voice"))

PROTOCOL = SessionProtocol(
    name="Comfort after a stressor: contact, voice or nothing",
    question=(
        "Does a mother's voice alone raise a child's oxytocin and lower its cortisol as her"
        " presence does?"
    ),
    participants=Participants("children", pool=120, infant_age="24 months"),
    # three hours of rest (for the urine), the task, the comfort, an hour of samples
    recording=Recording(
        "10:00",
        "6 h",
        "5 min",
        (
            "infant.saliva_oxytocin",
            "infant.plasma_oxytocin",
            "infant.cortisol",
            "infant.arousal",
        ),
    ),
    design={
        "design": f"parallel arms ({{{FINDING}}})",
        "participants": "{participants} (published 19, 20, 22)",
        "stressor": f"social stress task of {TASK:g} min, intensity {{intensity:g}} (assumed)",
        "comfort": (
            f"{COMFORT:g} min (published): touch, voice and gaze; voice by telephone; nothing"
        ),
        "samples": (
            f"{len(SAMPLES)} of saliva (published), at "
            + ", ".join(f"{minutes:g}" for minutes in SAMPLES)
            + " min from the end of the task (assumed)"
        ),
        "replications": "{replications} studies",
        "sample": "{sample}",
    },
    assumptions=(
        (
            "Girls of 7-12 years are represented by the infant's equations at 24 months: an"
            " extrapolation."
        ),
        (
            "That voice alone nearly suffices was built into the saturating release of the infant's"
            " oxytocin (use = built_in)."
        ),
        (
            "The published oxytocin was urinary; the arms are compared by saliva here, and urine is"
            " shown beside it without judgement: it collects over three hours in this model."
        ),
        (
            "Likeness is judged by the 90 % interval of the mean difference over replications, in"
            " standard deviations: no single study of 19 and 20 children could show a likeness so"
            " close."
        ),
        "The children come from an empty day, alone with nobody in particular.",
    ),
)


@said_once
def stressor_and_comfort(  # noqa: PLR0913 - keywords with defaults
    *,
    sizes: Mapping[str, int] = SIZES,
    replications: int = 200,
    intensity: float = 3.0,
    children: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the three kinds of comfort and return the contrasts between them over replications.

    Parameters
    ----------
    sizes : children in each arm of one study; arms are "contact", "voice" and "nothing", or two of
        them.
    replications : how many such studies.
    intensity : of the stressor, above 0 to 10; 1 is an infant's everyday stressor, a social stress
        task is assumed stronger.
    children : who takes part; default `pool` dyads of the `population` (default "community", as the
        scoreboard has it).
    pool : how many dyads are simulated in each arm; replications draw from them. Default 120.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`; in every arm,
        before and after.
    seed : key of every random stream; another arm changes no draw of those that were there.

    Returns
    -------
    ProtocolReport : arms by comfort; contrasts of the changes in saliva oxytocin (to the end of
        comfort) and in cortisol (mean of the later samples over the end of the task); SZ1 among
        them.

    Raises
    ------
    UnknownNameError : no such arm. InputError : fewer than two arms, sizes below 2, a stressor
        outside its range, a small pool.

    >>> study = stressor_and_comfort(sizes={"voice": 2, "nothing": 2}, pool=2, replications=2)
    >>> study.effects["contrast"].unique().tolist()
    ['voice - nothing']
    """
    _require_arms(sizes)
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(children, population, pool), edges=edges, seed=seed)
    # refuses an impossible design before anything is simulated
    taking_part = {arm: session.draw(n, replications, arm=arm) for arm, n in sizes.items()}

    # The same task in every arm, and the mother away from it in all of them.
    task = Stressor(f"{TASK:g} min", at=units.clock_text(STRESSOR_AT), intensity=intensity)
    arms = {arm: session.simulate(task, _absence(arm), *_comfort(arm)) for arm in sizes}

    # All samples are timed from the end of the task, as in the publication.
    times = STRESSOR_AT + TASK + np.array(SAMPLES)
    readings = {
        f"{instrument} | {arm}": taking_part[arm].series(
            arms[arm], instrument, times, member="infant", seed=seed, visit=arm
        )
        for arm in sizes
        for instrument in OUTCOMES
    }
    return PROTOCOL.report(
        edges=edges,
        arms=arms,
        readings=readings,
        effects=_contrasts(list(sizes), readings),
        participants=", ".join(f"{n} {arm}" for arm, n in sizes.items()),
        intensity=intensity,
        replications=replications,
        sample=session.sample,
    )


def _require_arms(sizes: Mapping[str, int]) -> None:
    if not isinstance(sizes, Mapping) or len(sizes) < 2:
        raise InputError(
            f"sizes: expected at least two arms, such as {dict(SIZES)}; found {sizes!r}"
        )
    for arm in sizes:
        if arm not in SIZES:
            raise unknown_name("arm", arm, SIZES, "in sizes")


def _absence(arm: str) -> Separation:
    """The mother is away during the task, and for as long after it as the arm says."""
    return Separation(f"{AWAY[arm]:g} min", at=units.clock_text(STRESSOR_AT), distress=0.0)


def _comfort(arm: str) -> tuple[Intervention, ...]:
    """What happens for a quarter of an hour after the task."""
    length, at = f"{COMFORT:g} min", units.clock_text(STRESSOR_AT + TASK)
    if arm == "contact":
        return (PlaySession(length, at=at, affection=0.5, stimulation=0.0, talk=0.8, gaze=0.6),)
    return (RemoteVoice(length, at=at),) if arm == "voice" else ()


def _contrasts(arms: Sequence[str], readings: Mapping[str, FloatArray]) -> list[dict[str, Any]]:
    """Every pair of arms: by the changes that :func:`change` describes."""
    rows = []
    for reference, contrast in PAIRS:
        if reference not in arms or contrast not in arms:
            continue

        for instrument in OUTCOMES:
            # Two arms of different children, so that the contrast is one of groups.
            before, after = (
                change(readings[f"{instrument} | {arm}"], instrument)
                for arm in (reference, contrast)
            )
            expected = _expected(instrument, similar=reference == "contact")
            rows.append(
                effect_row(
                    unpaired(before, after),
                    outcome=f"change in {instrument.replace('_', ' ')}",
                    contrast=f"{contrast} - {reference}",
                    unit="%" if instrument == "salivary_cortisol" else "pg/mL",
                    expected=expected,
                    target="" if expected == "prediction" else FINDING,
                )
            )
    return rows


def _expected(instrument: str, *, similar: bool) -> Expected:
    """What the publication expects of an outcome.

    Two arms are similar, or comfort raises oxytocin and lowers cortisol. Urine is shown without
    judgement.
    """
    if instrument == "urine_oxytocin":
        return "prediction"
    if similar:
        return "similar"
    return "down" if instrument == "salivary_cortisol" else "up"


def change(drawn: FloatArray, instrument: str) -> FloatArray:
    """A child's change from the sample before the task (cortisol: from its end), shape
    (replications, n).

    Saliva oxytocin: at the end of comfort. Urine, which collects for hours: at the next sample.
    Cortisol, which lags: from the end of the task to the mean of the three samples after comfort,
    in per cent, because levels differ much.

    Parameters
    ----------
    drawn : samples at :data:`SAMPLES`, shape (replications, n, 7).

    >>> change(np.array([[[1.0, 1.0, 4.0, 9.0, 9.0, 9.0, 9.0]]]), "saliva_oxytocin")
    array([[3.]])
    """
    end_of_comfort = SAMPLES.index(COMFORT)
    if instrument == "salivary_cortisol":
        # Cortisol differs several-fold between children, so that its change is relative.
        end_of_task = drawn[..., SAMPLES.index(0.0)]
        later = drawn[..., end_of_comfort + 1 : end_of_comfort + 4].mean(axis=-1)
        return 100 * (later / end_of_task - 1)

    # Urine shows what was released before: its sample is one later.
    sample = end_of_comfort if instrument == "saliva_oxytocin" else end_of_comfort + 1
    return drawn[..., sample] - drawn[..., 0]
