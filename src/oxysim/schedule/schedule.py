"""The schedule: a routine and any number of interventions, which add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from oxysim.arrays import FloatArray
from oxysim.errors import ScheduleError, shown
from oxysim.model.value_ranges import Implausible
from oxysim.schedule.bouts import Window
from oxysim.schedule.daily_life_noise import DailyLifeNoise
from oxysim.schedule.realised import Realised, realised_from
from oxysim.schedule.routine import Routine, no_sum
from oxysim.schedule.timed_source import TimedSource
from oxysim.schedule.wording import EMPTY_DAY
from oxysim.texts import Described, html_table, listed


@dataclass(frozen=True)
class Intervention(TimedSource):
    """The interface of every intervention: what it writes (`parts`) and when (its options).

    Interventions and routines add up in any order: ``routine + spray + crying`` is a `Schedule`.
    The options are those of `Timing`; `by` names the caregiver ("caregiver" is the first of the
    family). They can also stand in the amount, ``SkinToSkin("60 min daily at 11:00 from day 1 to
    day 35")``, in the words of the text form.

    >>> from oxysim import NasalSpray, SkinToSkin
    >>> day = SkinToSkin("60 min", at="11:00") + NasalSpray("24 IU", at="10:00")
    >>> len(day.interventions)
    2
    """

    @property
    def noise(self) -> DailyLifeNoise | None:
        """The random input beside what `parts` writes, a path for each dyad; most have none."""
        return None

    @property
    def has_random_bouts(self) -> bool:
        """Whether its bouts are drawn for each dyad, by the window's seed and number; most are
        not.
        """
        return False

    def repeated(self, age: float) -> Intervention:
        """The same for a day that is repeated for ever at one age (minutes): itself, but for what
        is drawn, which becomes its average.

        >>> from oxysim import Crying
        >>> Crying("5 min daily at 10:00").repeated(0.0).text()
        'crying 5 min daily at 10:00'
        """
        return self

    def __add__(self, addend: object) -> Schedule:
        return Schedule(interventions=(self,)).__add__(addend)

    def __radd__(self, addend: object) -> Schedule:
        if not isinstance(addend, Routine):
            return no_sum(addend)
        return Schedule(addend, (self,))


@dataclass(frozen=True)
class Schedule(Described):
    """A routine and the interventions on top of it.

    The order of the interventions matters for channels of the rule "replace" only, where the later
    one is in force.

    >>> from oxysim import NasalSpray
    >>> print(Schedule(Routine.empty(), (NasalSpray("24 IU", at="10:00"),)).text())
    24 IU intranasal at 10:00
    """

    routine: Routine = Routine()
    interventions: tuple[Intervention, ...] = ()

    def __post_init__(self) -> None:
        # one intervention without a tuple is a common slip, and its meaning is plain
        single = isinstance(self.interventions, Intervention)
        interventions = (self.interventions,) if single else self.interventions
        # these can be walked through as well, and hold no intervention
        if isinstance(interventions, str | Mapping | range) or not isinstance(
            interventions, Iterable
        ):
            raise ScheduleError(
                f"schedule: expected interventions such as NasalSpray; found {shown(interventions)}"
            )
        object.__setattr__(self, "interventions", tuple(interventions))
        if not isinstance(self.routine, Routine):
            raise ScheduleError(f"schedule: expected a Routine; found {self.routine!r}")
        for item in self.interventions:
            if not isinstance(item, Intervention):
                raise ScheduleError(
                    f"schedule: expected interventions such as NasalSpray; found {item!r}"
                )

        # two would be two lives of one dyad
        noisy = [item for item in self.interventions if item.noise is not None]
        if len(noisy) > 1:
            raise ScheduleError(
                f"schedule: a dyad has one daily life; found {noisy[0].label} {len(noisy)} times;"
                " leave out all but one"
            )

    def __add__(self, addend: object) -> Schedule:
        if isinstance(addend, Routine):
            return replace(self, routine=self.routine + addend)
        if isinstance(addend, Intervention):
            return replace(self, interventions=(*self.interventions, addend))
        if isinstance(addend, Schedule):
            return Schedule(
                self.routine + addend.routine, self.interventions + addend.interventions
            )
        return no_sum(addend)

    def __radd__(self, addend: object) -> Schedule:
        # schedules add from the left; only a routine can stand before one
        if not isinstance(addend, Routine):
            return no_sum(addend)
        return replace(self, routine=addend + self.routine)

    @property
    def has_jitter(self) -> bool:
        """Whether an activity of the routine begins at random a little earlier or later."""
        return self.routine.has_jitter

    @cached_property
    def has_random_bouts(self) -> bool:
        """Whether dyads have days of their own; where false, all share one realised schedule.

        >>> Schedule(Routine.typical(jitter="10 min")).has_random_bouts
        True
        """
        return self.has_jitter or any(item.has_random_bouts for item in self.interventions)

    @cached_property
    def noise(self) -> DailyLifeNoise | None:
        """The daily-life noise of which every dyad has a path of its own, or None."""
        noises = (item.noise for item in self.interventions)
        return next((noise for noise in noises if noise is not None), None)

    @cached_property
    def implausible(self) -> tuple[Implausible, ...]:
        """The levels that its parts write which are legal but implausible.

        >>> Schedule(Routine.typical()).implausible
        ()
        """
        added = (odd for item in self.interventions for odd in item.implausible)
        return (*self.routine.implausible, *added)

    def realise(
        self,
        start: float,
        stop: float,
        *,
        caregivers: tuple[str, ...] = ("mother",),
        seed: int = 0,
        dyad: int = 0,
    ) -> Realised:
        """Lay the schedule out over the window [start, stop].

        Both are minutes since 00:00 on the day of birth.

        Parameters
        ----------
        caregivers : the names of the family's caregivers; the first is the one meant by
            "caregiver".
        seed, dyad : name the draws of the routine's jitter and of interventions that have any.

        Raises
        ------
        ScheduleError : the window is reversed, an intervention has no moment in it, or bouts cannot
            be as they are.
        UnknownNameError : a caregiver who is not of this family.
        InputError : several sources together leave a channel's legal range.

        >>> from oxysim import NasalSpray
        >>> (Routine.empty() + NasalSpray("24 IU", at="10:00")).realise(540.0, 660.0).n_segments
        3
        """
        # a frozen window holds nothing that could be changed later
        names = tuple(caregivers) if isinstance(caregivers, list) else caregivers
        window = Window(start, stop, names, self.routine.birth_weekday, seed, dyad)
        # the routine first, then the interventions in their order: of two sources that replace a
        # level the later one is in force
        sources = [*self.routine.bouts(window)]
        for intervention in self.interventions:
            sources.extend(intervention.bouts(window))
        return realised_from(sources, window)

    def edges(
        self,
        start: float,
        stop: float,
        *,
        caregivers: tuple[str, ...] = ("mother",),
        seed: int = 0,
        dyad: int = 0,
    ) -> FloatArray:
        """The exact edges in the window, shape (n_segments + 1,).

        In minutes since 00:00 on the day of birth.

        >>> from oxysim import NasalSpray
        >>> (Routine.empty() + NasalSpray("24 IU", at="10:00")).edges(540.0, 660.0)
        array([540., 600., 601., 660.])
        """
        return self.realise(start, stop, caregivers=caregivers, seed=seed, dyad=dyad).edges

    def text(self) -> str:
        """A line for each sentence, from which `oxysim.interventions.parse_schedule` reads it.

        >>> from oxysim import Massage
        >>> (Routine.typical() + Massage("15 min", at="10:00", repeat="daily")).text().splitlines()
        ['typical day of a mother', 'massage 15 min daily at 10:00']
        """
        # an empty text would be read as a mistake, hence the sentence of an empty day
        sentences = _routine_sentences(self.routine)
        sentences += [item.text() for item in self.interventions]
        return "\n".join(sentences) or EMPTY_DAY

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The day and what is added to it; ``describe()`` and ``text()`` say it in full."""
        days = _routine_sentences(self.routine) or [EMPTY_DAY]
        pairs: list[tuple[str, object]] = [("", listed(days, 3))]
        if self.interventions:
            pairs.append(("with", listed(self.interventions, 8)))
        return "Schedule", pairs

    def _repr_html_(self) -> str:
        return html_table([(line,) for line in self.describe().splitlines()], caption="Schedule")

    def describe(self) -> str:
        """One English sentence for each activity and each intervention.

        >>> from oxysim import Massage
        >>> (Routine.empty() + Massage("15 min", at="10:00")).describe().splitlines()
        ['Nothing happens by routine.', 'Infant massage (caregiver) for 15 min at 10:00 once.']
        """
        return "\n".join(
            [self.routine.describe(), *(item.describe() for item in self.interventions)]
        )


def as_schedule(item: Schedule | Routine | Intervention | None) -> Schedule:
    """A schedule from a schedule, a routine, an intervention, or None for nothing.

    Raises
    ------
    ScheduleError : it is none of these.

    >>> as_schedule(None) == Schedule()
    True
    """
    if item is None:
        return Schedule()
    if isinstance(item, Schedule):
        return item
    if isinstance(item, Routine):
        return Schedule(item)
    if isinstance(item, Intervention):
        return Schedule(interventions=(item,))
    raise ScheduleError(
        f"schedule: expected a Schedule, a Routine or an intervention; found {item!r}"
    )


# The text form is loaded where a sentence is written, and nowhere else.
def _routine_sentences(routine: Routine) -> list[str]:
    from oxysim.schedule.text.routine_text import routine_sentences

    return routine_sentences(routine)
