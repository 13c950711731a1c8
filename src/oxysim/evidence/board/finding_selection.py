"""Which findings a scoreboard shows, and which row of which run answers each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from oxysim.checks import sequence, text, texts
from oxysim.errors import InputError, OxysimError, unknown_name
from oxysim.evidence.board.answers import EffectKey, FigureKey, RowKey
from oxysim.evidence.board.protocol_runs import run_answering, run_named, runs_of
from oxysim.evidence.board.run_row import Run
from oxysim.evidence.board.table_rows import require_row
from oxysim.findings.published import USES, Target, read_targets, targets


def select_findings(
    use: str | Iterable[str] | None, ids: Iterable[str] | None, extra: str | Path | None
) -> dict[str, Target]:
    """The findings that are wanted, block after block, a block in the order of its file.

    Raises
    ------
    UnknownNameError, InputError : no such finding or block, none that is of both, or a user's row
    that nothing answers.

    >>> list(select_findings("input", ["C15", "C7a"], None))
    ['C15']
    """
    # A user's findings come after the packaged ones, and none has the id of one.
    all_findings = {**targets(), **_own(extra)}
    uses = _uses(use)
    names = (
        list(all_findings)
        if ids is None
        else list(dict.fromkeys(sequence(ids, "ids", text, of="ids such as 'C7a'", least=0)))
    )
    for name in names:
        if name not in all_findings:
            raise unknown_name("published finding", name, all_findings)
    # Blocks come in their own order, so that evidence of one kind stands together.
    selected = {
        name: all_findings[name]
        for block in USES
        if block in uses
        for name in names
        if all_findings[name].use == block
    }
    # Two choices that exclude each other would give an empty page.
    if not selected:
        raise InputError(
            f"no finding is of the use {', '.join(uses)} and among the ids asked for; widen one of"
            " them"
        )
    return selected


def answering_run(target: Target) -> tuple[Run | None, tuple[RowKey, ...]]:
    """The run that answers a finding, and the keys of the rows that do.

    No keys: the rows that the protocol marks with the finding's id. No run: nothing answers it.

    Raises
    ------
    UnknownNameError, InputError : a user's row names no run, or one of another protocol.

    >>> from oxysim.findings.published import target
    >>> run, keys = answering_run(target("C12"))
    >>> run.name, keys
    ('intravenous bolus', ())
    """
    # A packaged finding is answered by the rows that a run lists.
    if not target.outcome and not target.answer:
        run = run_answering(target.id)
        return run, () if run is None else run.answers[target.id]
    key: RowKey = (
        EffectKey(target.outcome, target.contrast) if target.outcome else FigureKey(target.answer)
    )
    # A run's name has to belong to the finding's own protocol.
    if target.run:
        run = run_named(target.run)
        if run.protocol != target.protocol:
            raise InputError(
                f"run: {target.run!r} is of protocol {run.protocol}, not of {target.protocol}"
            )
        return run, (key,)
    # Without a name, a protocol with one run leaves no doubt.
    candidates = runs_of(target.protocol)
    if len(candidates) != 1:
        names = ", ".join(repr(run.name) for run in candidates) or "none"
        raise InputError(
            f"run: expected the name of one run of protocol {target.protocol}; there are: {names}"
        )
    return candidates[0], (key,)


def _uses(use: str | Iterable[str] | None) -> tuple[str, ...]:
    uses = USES if use is None else texts(use, "use", of="uses such as 'fit'", least=1)
    for block in uses:
        if block not in USES:
            raise unknown_name("use", block, USES)
    return uses


def _own(path: str | Path | None) -> Mapping[str, Target]:
    """A user's findings; each says which row of which run answers it.

    None may have the id of a packaged one.
    """
    if path is None:
        return {}
    # Read strictly: each row says which row of which table answers it.
    findings = read_targets(path)
    for name, finding in findings.items():
        where = f"{path}: row {name!r}"
        if name in targets():
            raise InputError(f"{where}: id: is that of a packaged finding; give it another")
        if not finding.outcome and not finding.answer:
            raise InputError(
                f"{where}: outcome and contrast, or answer: expected the row of the protocol's"
                " tables that answers it"
            )
        try:
            # A row that nothing answers is refused now, not after an hour of runs.
            run, keys = answering_run(finding)
            if run is not None:
                for key in keys:
                    require_row(run.name, key)
        except OxysimError as error:
            raise InputError(f"{where}: {error}") from None
    return findings
