"""Condition an ensemble of populations on published findings, stage by stage, and write it with its
record.

    python scripts/build_ensemble.py --out PATH.toml [--work FOLDER] [--workers 2] [--seed 0]
        [--averaged MODULE:NAME] [--full MODULE:NAME] [--quick] [--overwrite]

Rows marked `check` are never read: a table of priors that names one is refused. Stages, each of
which keeps its runs in the work folder, so that the script goes on where it was ended:

noise    one candidate at several seeds: the Monte Carlo errors of both models
design   evenly spread candidates of every structure, on averaged days
wave 1   candidates drawn where the emulator of those points, on averaged days
wave 2   the same again
full     some of them in the full model: what averaged days are off by, along the latents
confirm  the members, drawn from the last chain, in the full model at a seed that no stage has used

The quick mode of conditioning (an ensemble smoother) is run beside the last chain, and the record
says how far the two are apart. Extra `ensemble`.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import oxysim
from oxysim.ensembles import Ensemble, PriorTable
from oxysim.ensembles.conditioning import (
    ConditionedStructure,
    condition,
    full_model_correction,
    member_counts,
    structure_shares,
)
from oxysim.ensembles.emulator import QuadraticEmulator
from oxysim.ensembles.forward_runs import ForwardModel, Runs, run_candidates
from oxysim.ensembles.kalman_smoother import smooth_ensemble
from oxysim.ensembles.observed_rows import Errors
from oxysim.errors import OxysimError
from oxysim.simulation.equations.model_digest import defaults_digest

CALIBRATION = "oxysim.evidence.calibration.forward_rows"
# Far from each other and from small seeds, so that no stage sees draws that another has seen.
CONFIRMED, NOISE = 1_000_003, 2_000_003
LEAST_MEMBERS = 5  # of a structure that findings speak against: its members are to be looked at
SMOOTHED = 300  # members of the ensemble smoother

SIZES = {  # usual, quick
    "design": (400, 40),
    "wave": (150, 12),
    "full_runs": (40, 12),
    "members": (150, 20),
    "noise": (8, 3),
    "steps": (2000, 120),
    "averaged_dyads": (1500, 60),
    "full_dyads": (1000, 40),
}
MANIFEST = "manifest.json"
METHODS = (
    "Sobol' design, quadratic ridge emulator, emcee (differential evolution), two waves, linear"
    " correction to the full model, stepping stones"
)


class Build:
    """One ensemble under way: its settings, and the runs of each stage."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        is_file = options.priors.endswith(".toml")
        self.table = (
            PriorTable.from_file(options.priors) if is_file else PriorTable.named(options.priors)
        )
        size = {name: pair[options.quick] for name, pair in SIZES.items()}
        size |= {k: v for k in SIZES if (v := getattr(options, f"size_{k}")) is not None}
        self.size = size
        self.averaged = forward_of(options.averaged, size["averaged_dyads"])
        self.full = forward_of(options.full, size["full_dyads"])
        self.structures = [structure.name for structure in self.table.structures]
        self.started = time.monotonic()
        self.record: dict[str, Any] = {}

    # ------------------------------------------------------------------ stages
    def run(self) -> Ensemble:
        """All stages; what the work folder has already is read."""
        errors = self.noise()
        runs = {name: self.design(name) for name in self.structures}
        for wave in (1, 2):
            for name in self.structures:
                runs[name] = runs[name].joined(self.wave(wave, runs[name], errors))
        corrections, complete = self.corrected(runs, errors)
        conditioned = [
            condition(
                self.table, runs[name], complete[name], seed=self.options.seed, evidence=True,
                correction=corrections[name], steps=self.size["steps"],
            )
            for name in self.structures
        ]  # fmt: skip
        self.cross_check(conditioned)
        return self.confirmed(conditioned)

    def noise(self) -> Errors:
        """Monte Carlo errors, from the middle of the first structure at several seeds."""
        middle = np.zeros((1, len(self.table.priors)))
        spreads = {}
        for label, model in (("averaged", self.averaged), ("full", self.full)):
            figures = [
                self.evaluate(f"noise-{label}", middle, model, self.structures[0], NOISE + k)
                for k in range(self.size["noise"])
            ]
            columns = np.concatenate([run.figures for run in figures])
            spreads[label] = np.nanstd(columns, axis=0, ddof=1)
            self.say(f"Monte Carlo errors, {label}: {self.by_row(spreads[label])}")
        self.record["monte_carlo"] = {k: self.by_row(v) for k, v in spreads.items()}
        # runs of both models have theirs; the larger stands for either
        larger = np.maximum(spreads["averaged"], spreads["full"])
        return Errors.of(self.table.rows, self.by_row(larger))

    def design(self, structure: str) -> Runs:
        """Evenly spread candidates of a structure."""
        latents = self.table.design(
            self.size["design"], seed=self.options.seed, structure=structure
        )
        return self.evaluate("design", latents, self.averaged, structure)

    def wave(self, number: int, runs: Runs, errors: Errors) -> Runs:
        """Candidates drawn from the posterior of the runs so far."""
        latents = self.drawn(f"wave{number}", self.size["wave"], runs, errors)
        return self.evaluate(f"wave{number}", latents, self.averaged, runs.structure)

    def corrected(
        self, runs: Mapping[str, Runs], errors: Errors
    ) -> tuple[dict[str, QuadraticEmulator], dict[str, Errors]]:
        """What the full model adds, and the errors with what is left of it."""
        corrections, complete = {}, {}
        for name in self.structures:
            latents = self.drawn("full", self.size["full_runs"], runs[name], errors)
            averaged = self.evaluate("full-averaged", latents, self.averaged, name)
            full = self.evaluate("full", latents, self.full, name)
            correction = full_model_correction(self.table, averaged, full, seed=self.options.seed)
            corrections[name] = correction
            complete[name] = dataclasses.replace(errors, averaging=correction.residual)
            off = np.nanmean(full.figures - averaged.figures, axis=0)
            self.say(f"{name}: the full model adds {self.by_row(off)}")
        return corrections, complete

    def cross_check(self, conditioned: Sequence[ConditionedStructure]) -> None:
        """How far the ensemble smoother ends from the chain, in standard deviations of the
        prior.
        """
        apart = {}
        for one in conditioned:
            prior = self.table.design(SMOOTHED, seed=self.options.seed, structure=one.structure)
            rows = [k for k, row in enumerate(one.rows) if not row.is_open]

            def forward(latents: np.ndarray, of: Any = one, rows: Any = rows) -> np.ndarray:
                figures = of.predicted(latents)
                return np.stack([of.rows[k].onto(figures[:, k]) for k in rows], axis=1)

            end = smooth_ensemble(
                prior, forward, np.array([one.rows[k].middle for k in rows]),
                one.errors.total[rows], seed=self.options.seed,
            )  # fmt: skip
            means = end.latents[:, one.free].mean(axis=0) - one.chain.latents.mean(axis=0)
            apart[one.structure] = round(float(np.sqrt(np.mean(means**2))), 3)
        self.record["smoother_and_chain_apart"] = apart
        self.say(f"smoother and chain apart, prior SD: {apart}")

    def confirmed(self, conditioned: Sequence[ConditionedStructure]) -> Ensemble:
        """The members, in the full model at a seed of their own."""
        shares = structure_shares(self.table, conditioned)
        self.say("posterior shares: " + ", ".join(f"{k} {v:.3f}" for k, v in shares.items()))
        counts = member_counts(shares, self.size["members"], least=LEAST_MEMBERS)
        parts = []
        for one in conditioned:
            latents = one.latents(counts[one.structure], seed=self.options.seed)
            parts.append(
                self.evaluate(
                    "confirm", latents, self.full, one.structure, CONFIRMED + self.options.seed
                )
            )
        for part in ("published", "monte_carlo", "emulator", "averaging"):
            self.say(f"errors, {part}: {self.by_row(getattr(conditioned[0].errors, part))}")
        structures = [run.structure for run in parts for _ in range(len(run))]
        share_of = np.array([shares[name] / counts[name] for name in structures])
        likeliest = max(conditioned, key=lambda one: shares[one.structure])
        ensemble = Ensemble(
            name=self.options.name,
            priors=self.table,
            structures=tuple(structures),
            values=np.concatenate([self.table.values(run.latents, run.structure) for run in parts]),
            # a share that is 0 to a double would be no weight
            weights=np.maximum(share_of, 1e-12),
            figures=np.concatenate([run.figures for run in parts]),
            errors=likeliest.errors,
            sensitivity=likeliest.sensitivity(),
            meaning=self.table.meaning,
        )
        return dataclasses.replace(ensemble, record=self.provenance(ensemble, conditioned))

    # ------------------------------------------------------------------ helpers
    def drawn(self, stage: str, count: int, runs: Runs, errors: Errors) -> np.ndarray:
        """Draws of the posterior of some runs; kept, since a chain takes minutes."""
        place = self.structures.index(runs.structure) + 1
        file = self.options.work / f"{stage}-{place}.npy"
        if file.exists():
            return np.load(file, allow_pickle=False)
        conditioned = condition(
            self.table, runs, errors, seed=self.options.seed, steps=self.size["steps"]
        )
        r2 = self.by_row(conditioned.emulator.r2)
        self.say(f"{stage}, {runs.structure}: {len(runs)} runs, R2 {r2}; {conditioned.chain}")
        latents = conditioned.latents(count, seed=self.options.seed)
        np.save(file, latents, allow_pickle=False)
        return latents

    def evaluate(
        self, stage: str, latents: np.ndarray, model: ForwardModel, structure: str,
        seed: int | None = None,
    ) -> Runs:  # fmt: skip
        """The figures of candidates; runs that the stage's file has are taken from it."""
        return run_candidates(
            self.table,
            latents,
            model,
            seed=self.options.seed if seed is None else seed,
            structure=structure,
            file=self.options.work / f"{stage}.jsonl",
            workers=self.options.workers,
        )

    def provenance(
        self, ensemble: Ensemble, conditioned: Sequence[ConditionedStructure]
    ) -> dict[str, Any]:
        """Methods, seeds, sizes, versions, tensions."""
        tensions = ensemble.tensions().set_index("finding")
        return {
            "script": "scripts/build_ensemble.py",
            "methods": METHODS,
            "seeds": {"stages": self.options.seed, "confirmed": CONFIRMED + self.options.seed},
            "sizes": self.size,
            "forward_models": {"averaged": self.options.averaged, "full": self.options.full},
            "versions": {
                "oxysim": oxysim.__version__,
                "model": defaults_digest(),
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
            "cross_validated_r2": {c.structure: self.by_row(c.emulator.r2) for c in conditioned},
            "log_evidence": {c.structure: round(c.log_evidence, 3) for c in conditioned},
            "tensions": {f: round(float(m), 3) for f, m in tensions["miss"].items()},
            "share_of_members_inside": {
                f: round(float(h), 3) for f, h in tensions["holds"].items()
            },
            **self.record,
        }

    def by_row(self, values: np.ndarray) -> dict[str, float]:
        """Finding -> a rounded number."""
        findings = [row.finding for row in self.table.rows]
        return {f: float(f"{v:.4g}") for f, v in zip(findings, values.tolist(), strict=True)}

    def say(self, line: str) -> None:
        """A line of the log, with the minutes since the start."""
        print(f"{(time.monotonic() - self.started) / 60:6.1f} min  {line}", flush=True)


def forward_of(text: str, dyads: int) -> ForwardModel:
    """A forward model by "module:name"; a class is made with its number of dyads."""
    module, _, name = text.partition(":")
    model = getattr(importlib.import_module(module), name)
    return model(dyads) if isinstance(model, type) else model


def require_same_work(build: Build) -> None:
    """Raise unless the work folder's runs are of this table, these models, equations and seed."""
    options, file = build.options, build.options.work / MANIFEST
    middles = [
        build.table.candidate(np.zeros(len(build.table.priors)), name).fingerprint
        for name in build.structures
    ]
    manifest = {
        "model": defaults_digest(),
        "priors": build.table.table().to_csv() + repr((build.table.rows, middles)),
        "forward": [options.averaged, options.full],
        "seed": options.seed,
        "sizes": build.size,
    }
    options.work.mkdir(parents=True, exist_ok=True)
    if file.exists():
        before = json.loads(file.read_text(encoding="utf-8"))
        if wrong := [name for name in manifest if before.get(name) != manifest[name]]:
            sys.exit(
                f"--work {options.work}: its runs are of other {', '.join(wrong)}; give another"
                " folder, or remove this one"
            )
    file.write_text(json.dumps(manifest), encoding="utf-8")


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="the TOML file written, with a CSV")
    parser.add_argument("--name", default="community", help="of the ensemble")
    parser.add_argument("--priors", default="community", help="a table's name, or its TOML file")
    parser.add_argument("--work", type=Path, default=Path("build/ensemble"), help="where runs go")
    parser.add_argument("--averaged", default=f"{CALIBRATION}:AveragedRows", help="MODULE:NAME")
    parser.add_argument("--full", default=f"{CALIBRATION}:FullRows", help="MODULE:NAME")
    parser.add_argument("--seed", type=int, default=0, help="of every stage but the last")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--quick", action="store_true", help="sizes that only show that it runs")
    parser.add_argument("--overwrite", action="store_true", help="replace an ensemble that exists")
    sizes = parser.add_argument_group("sizes, in place of the usual ones")
    for name, (usual, _) in SIZES.items():
        flag = f"--size-{name.replace('_', '-')}"
        sizes.add_argument(flag, type=int, metavar="N", help=f"usually {usual}")
    options = parser.parse_args()
    # known before hours of runs
    for file in (options.out, options.out.with_suffix(".csv")):
        if os.path.lexists(file) and not options.overwrite:
            parser.error(f"--out {file}: there is such a file already; give another name, or"
                         " --overwrite")  # fmt: skip
    if options.out.suffix != ".toml" or not options.out.absolute().parent.is_dir():
        parser.error(f"--out {options.out}: expected a .toml file in a folder that exists")
    return options


def main() -> None:
    """Run the stages and write the ensemble."""
    options = parsed()
    try:
        build = Build(options)
        require_same_work(build)
        ensemble = build.run()
        ensemble.to_file(options.out)
    except OxysimError as error:
        sys.exit(f"build_ensemble: {error}")
    build.say(f"written to {options.out.name}: {ensemble}")


if __name__ == "__main__":
    main()
