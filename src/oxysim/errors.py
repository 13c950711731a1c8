"""Errors that users meet, and the helper that finds the nearest right name."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterable, Iterator, Mapping

from oxysim.synonyms import nearest


class OxysimError(Exception):
    """Base class of every error that oxysim raises on purpose.

    An error is either a finished sentence, or its parts, from which the sentence is made; whoever
    adds a file's line or a command's option to it reads the parts and searches no sentence.

    Parameters
    ----------
    message : the sentence; made from the parts where it is left out.
    what : the thing that is wrong, as the user names it ("n", "endpoint 'warmth'").
    expected : what it may be ("a whole number of at least 1").
    found : what it was, as text (:func:`shown`).
    remedy : what to do about it. An argument to change stands in braces, ``"go on with {force}"``,
        where `arguments` says how Python writes it; :meth:`worded` puts the command line's option
        there.
    key : the name of the argument or of the key of a file that holds the thing, and the place
        inside it: ``("arms", "usual", "1")``.
    arguments : the arguments that the remedy names, each with its words in Python: ``{"force":
        "force=True"}``.

    >>> print(InputError(what="n", expected="a whole number of at least 1", found="0"))
    n: expected a whole number of at least 1; found 0
    """

    def __init__(
        self,
        message: str = "",
        *,
        what: str = "",
        expected: str = "",
        found: str = "",
        remedy: str = "",
        key: Iterable[str] = (),
        arguments: Mapping[str, str] | None = None,
    ) -> None:
        # the parts stay readable: the command line and files word them in their own way
        self.what, self.expected, self.found, self.remedy = what, expected, found, remedy
        self.key = tuple(key)
        self.arguments = dict(arguments or {})
        self._without_remedy = message
        super().__init__(self.worded({}))

    def worded(self, options: Mapping[str, str]) -> str:
        """The sentence with other words for the arguments that the remedy names.

        >>> arguments = {"force": "force=True"}
        >>> error = InputError("too large", remedy="go on with {force}", arguments=arguments)
        >>> error.worded({"force": "--force"})
        'too large; go on with --force'
        """
        remedy = self.remedy
        for argument, words in self.arguments.items():
            remedy = remedy.replace(f"{{{argument}}}", options.get(argument, words))
        if not self._without_remedy:
            return _sentence(self.what, self.expected, self.found, remedy)
        # a remedy of several lines begins on its own
        joint = "" if remedy.startswith("\n") else "; "
        return f"{self._without_remedy}{joint}{remedy}" if self.arguments else self._without_remedy


def _sentence(what: str, expected: str, found: str, remedy: str) -> str:
    """The parts of an error as one sentence."""
    clauses = [
        f"expected {expected}" if expected else "",
        f"found {found}" if found else "",
        remedy,
    ]
    text = "; ".join(clause for clause in clauses if clause)
    return f"{what}: {text}" if what else text


class UnknownNameError(OxysimError, KeyError):
    """A name (parameter, edge, variable, method, channel ...) that does not exist.

    >>> try:
    ...     import oxysim
    ...     oxysim.Dyad(parameters={"caregiver.bond.reward_gian": 0.1})
    ... except UnknownNameError as error:
    ...     print(str(error).split(";")[0])
    unknown parameter 'caregiver.bond.reward_gian'
    """

    def __str__(self) -> str:
        # a KeyError shows the repr of its text, in quotes
        return str(self.args[0])


class UnitError(OxysimError, ValueError):
    """A number without a unit, or with a unit of the wrong kind.

    >>> from oxysim import units
    >>> try:
    ...     units.duration("10", "length")
    ... except UnitError as error:
    ...     print(error)
    length: expected a number with a unit of time, such as '60 min'; found '10'
    """


class ScheduleError(OxysimError, ValueError):
    """A schedule that cannot be: reversed, overlapping or impossible intervals, absurd doses.

    >>> import oxysim
    >>> try:
    ...     oxysim.NasalSpray("24000 IU", at="10:00")
    ... except ScheduleError as error:
    ...     print(error)
    nasal spray: a single dose lies above 0 and at most at 100 IU; found '24000 IU'
    """


class InputError(OxysimError, ValueError):
    """Any other input that a simulation, a measure or a protocol cannot accept.

    >>> import oxysim
    >>> try:
    ...     oxysim.Dyad().repeat(0)
    ... except InputError as error:
    ...     print(error)
    n: expected a whole number of at least 1; found 0
    """


class ImplausibleValueWarning(UserWarning):
    """Something that was set is legal but implausible; the run goes on, and its provenance lists
    it.

    >>> import warnings
    >>> import oxysim
    >>> dyad = oxysim.Dyad(parameters={"mother.oxytocin.suckling": 500})
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", ImplausibleValueWarning)  # stop in place of going on
    ...     try:
    ...         oxysim.simulate(dyad, oxysim.Routine.empty(), "1 h")
    ...     except ImplausibleValueWarning as warning:
    ...         print(warning)
    legal but implausible, simulated as it is: mother.oxytocin.suckling = 500 (plausible 1.5 to 5; \
range of the row, derived: uvnasmoberg2020)
    """


class MissingExtraError(OxysimError, ImportError):
    """An optional dependency is not installed; the message names the command that installs it.

    >>> try:
    ...     require_extra("oxysim_of_tomorrow", "tomorrow")
    ... except MissingExtraError as error:
    ...     print(error)
    oxysim_of_tomorrow is not installed; install it with: pip install 'oxysim[tomorrow]'
    """


def add_key(error: OxysimError, *key: str) -> None:
    """Say that an error is about this argument, or this entry of it: `key` goes before its own.

    >>> error = InputError("too many", key=("3",))
    >>> add_key(error, "axes", "seed")
    >>> error.key
    ('axes', 'seed', '3')
    """
    error.key = (*key, *error.key)


@contextlib.contextmanager
def about(*key: str) -> Iterator[None]:
    """Say of every error raised inside which argument, or which entry of it, the error is about.

    The parts of `key` are put before the error's own key; the error itself goes on unchanged.

    >>> with contextlib.suppress(InputError), about("axes", "seed"):
    ...     raise InputError("too many", key=("3",))  # its key is ("axes", "seed", "3")
    """
    try:
        yield
    except OxysimError as error:
        # the same error goes on: its kind and its traceback stay
        add_key(error, *key)
        raise


def unknown_name(
    kind: str, name: object, names: Iterable[str], where: str = "", *, key: Iterable[str] = ()
) -> UnknownNameError:
    """The error for a misspelt `name`, with the three names that are most likely meant
    (:mod:`oxysim.synonyms`).

    Parameters
    ----------
    kind : what was looked for, in the reader's words ("parameter", "edge", "method").
    name : what was given.
    names : the names that exist.
    where : an optional clause that says where the name was used.
    key : as of :class:`OxysimError`; by default the `kind`, with which an argument is often called.

    >>> print(unknown_name("instrument", "epdss", ["epds", "bonding"], "of the visit"))
    unknown instrument 'epdss' of the visit; nearest: 'epds', 'bonding'
    """
    text = str(name)
    hint = ", ".join(repr(candidate) for candidate in nearest(text, names))
    clause = f" {where}" if where else ""
    expected = f"nearest: {hint}" if hint else f"there are no {kind}s here"
    return UnknownNameError(
        f"unknown {kind} {shown(text)}{clause}; {expected}",
        what=kind,
        expected=hint,
        found=shown(text),
        key=tuple(key) or (kind,),
    )


def shown(value: object, longest: int = 80) -> str:
    """A value as an error message shows it: its ``repr``, shortened, whatever that ``repr`` does.

    >>> shown([1, 2])
    '[1, 2]'
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a foreign object's own repr may raise anything; the message must not
        text = f"an object of type {type(value).__name__}"
    # on one line, as an error message is
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def require_extra(module: str, extra: str) -> object:
    """Import an optional `module`, or say which command installs the `extra` that brings it.

    >>> require_extra("json", "files").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{module} is not installed; install it with: pip install 'oxysim[{extra}]'"
        ) from error
