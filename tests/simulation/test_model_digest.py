"""The digest of the model: the same for the same equations and defaults, another for any other."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from oxysim.errors import InputError
from oxysim.families import Dyad
from oxysim.model import household, registry
from oxysim.schedule import Routine
from oxysim.simulation.equations import model_digest as module
from oxysim.simulation.equations.model_digest import defaults_digest, equations_digest, model_digest
from oxysim.simulation.simulate import simulate
from oxysim.sweeps import Study, grid, runner


@pytest.fixture
def afresh() -> Iterator[None]:
    """Equations are followed once a process; here they change."""
    module._operations.cache_clear()
    yield
    module._operations.cache_clear()


def _study() -> Study:
    return Study(Dyad(), "20 min", grid({"seed": [0, 1]}), outcomes=["caregiver.epds: final"])


def test_it_is_the_same_however_often_the_equations_are_followed(afresh: None) -> None:
    before = model_digest()
    module._operations.cache_clear()
    assert model_digest() == before
    assert {name: len(text) for name, text in before.items()} == {"equations": 64, "defaults": 64}


@pytest.mark.parametrize("function", ["derivatives", "outputs"])
def test_a_changed_operation_is_another_model(
    function: str, afresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(household, function)

    def changed(*arguments: Any) -> Any:
        *caregivers, infant = real(*arguments)
        parts = (*caregivers, infant._replace(**{infant._fields[0]: infant[0] * 1.0000001}))
        return kind(*parts) if hasattr(kind := type(real(*arguments)), "_fields") else parts

    before = model_digest()
    monkeypatch.setattr(household, function, changed)
    module._operations.cache_clear()
    assert equations_digest() != before["equations"] and defaults_digest() == before["defaults"]


def test_a_changed_default_is_another_model(monkeypatch: pytest.MonkeyPatch) -> None:
    before = model_digest()
    rows = dict(registry.parameters())
    name, row = next(iter(rows.items()))
    monkeypatch.setattr(
        registry, "parameters", lambda: {**rows, name: row._replace(default=row.default * 1.001)}
    )
    assert defaults_digest() != before["defaults"] and equations_digest() == before["equations"]


def test_a_store_of_other_equations_is_refused_under_the_same_version(
    tmp_path: Path, afresh: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("zarr")
    runner.sweep(_study(), store=tmp_path / "s.zarr", workers=1, progress=False)
    monkeypatch.setattr(module, "equations_digest", lambda: "0" * 64)
    with pytest.raises(
        InputError, match='what changed:\n  model: equations: "[0-9a-f]+ \\.\\.\\. -> "0000'
    ) as refused:
        runner.sweep(_study(), store=tmp_path / "s.zarr", workers=1, progress=False)
    assert "version" not in str(refused.value)


def test_results_and_the_scoreboard_name_the_same_digests() -> None:
    result = simulate(Dyad(), Routine.empty(), "10 min")
    assert result.provenance["model_sha256"] == model_digest()
    assert json.loads(_study().identity()["model"]) == model_digest()
    assert (
        importlib.import_module("oxysim.evidence.board.scoreboard").defaults_digest
        is defaults_digest
    )
