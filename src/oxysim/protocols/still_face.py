"""Protocol 10 in infants: a still face in the laboratory, and the infant's saliva cortisol twenty
minutes after it (Mesman 2009; Feldman 2010).

Mother and infant play, she holds a still face for two minutes, and they play again. Cortisol is
sampled on arrival and twenty minutes after the still face.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from oxysim import units
from oxysim.families import Family
from oxysim.families.cut_edges import EdgeChanges
from oxysim.interventions import PlaySession, StillFace
from oxysim.population import Population
from oxysim.protocols.enrolment import Recruitment
from oxysim.protocols.session_protocol import Participants, Recording, SessionProtocol
from oxysim.schedule import Routine
from oxysim.simulation.plausibility import said_once
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row

PLAY_AT = 10 * 60.0  # clock time at which they begin to play, minutes; assumed
PLAY = 2.0  # min before the still face and after it, as in the paradigm
STILL_FACE = 2.0  # min, as in the paradigm
CORTISOL_AFTER = 20.0  # min from the still face's end to the sample; published
# min from the begin of play
SAMPLES = {"before": -5.0, "after": PLAY + STILL_FACE + CORTISOL_AFTER}

PROTOCOL = SessionProtocol(
    name="Still face and the infant's cortisol",
    question="Does the infant's cortisol rise after a still face?",
    participants=Participants("dyads", pool=160),
    # an hour at rest before, in which nothing happens
    recording=Recording(
        "09:00", "2 h", "1 min", ("infant.cortisol", "infant.arousal", "infant.affect")
    ),
    design={
        "design": "within infants, one session ({E21})",
        "participants": "{n} dyads, infants of 5 months (published 4-6; n assumed)",
        "still face": f"{STILL_FACE:g} min, with {PLAY:g} min of play before it and after it",
        "samples": "saliva 5 min before they begin to play, and 20 min after the still face",
        "replications": "{replications} studies of n = {n}",
        "sample": "{sample}",
    },
    assumptions=(
        "The sign was read by calibration (use = fit): agreement is no independent evidence.",
        "They come from a usual day; in the laboratory nothing else happens.",
    ),
)


@said_once
def still_face(  # noqa: PLR0913 - keywords with defaults
    *,
    n: int = 40,
    replications: int = 200,
    distress: float = 1.0,
    dyads: Family | None = None,
    population: Population | None = None,
    pool: int | None = None,
    cut: Iterable[str] | str = (),
    scale: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> ProtocolReport:
    """Simulate the paradigm and return the change of the infant's cortisol (E21).

    Parameters
    ----------
    n : dyads in one study (assumed: the review's studies differ).
    replications : how many such studies.
    distress : of the infant by the still face, 0 to 1.
    dyads : who takes part; default `pool` dyads of the `population` (default "community").
    pool : how many are simulated; replications draw from them. Default 160.
    cut, scale : edges to cut, edge -> multiplier, as for :func:`oxysim.simulate`.
    seed : key of every random stream.

    Returns
    -------
    ProtocolReport : the infant's cortisol 20 min after the still face against before they began.

    Raises
    ------
    InputError : a small pool, distress outside its range.

    >>> still_face(n=4, pool=4, replications=2).effects["contrast"].tolist()
    ['20 min after - before']
    """
    edges = EdgeChanges.of(cut, scale)
    session = PROTOCOL.enrol(Recruitment(dyads, population, pool), edges=edges, seed=seed)
    taking_part = session.draw(n, replications)

    # she is with the infant all the time, and does not answer it for two minutes of it
    play = PlaySession(f"{2 * PLAY + STILL_FACE:g} min", at=units.clock_text(PLAY_AT))
    face = StillFace(f"{STILL_FACE:g} min", at=units.clock_text(PLAY_AT + PLAY), distress=distress)
    result = session.simulate(play, face, usual_day=Routine.typical())
    readings = {
        f"infant salivary cortisol | {when}": taking_part.read(
            result, "salivary_cortisol", units.clock_text(PLAY_AT + minutes), member="infant",
            seed=seed,
        )
        for when, minutes in SAMPLES.items()
    }  # fmt: skip
    row = effect_row(
        paired(*readings.values()), outcome="infant salivary cortisol",
        contrast="20 min after - before", unit="nmol/L", expected="up", target="E21",
    )  # fmt: skip
    return PROTOCOL.report(
        edges=edges,
        arms={"still face": result},
        readings=readings,
        effects=[row],
        n=n,
        replications=replications,
        sample=session.sample,
    )
