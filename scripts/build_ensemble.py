"""Condition an ensemble of populations on published findings, stage by stage, and write it with its
record.

    python scripts/build_ensemble.py --out PATH.toml [--work FOLDER] [--workers 2] [--seed 0]
        [--small MODULE:NAME] [--full MODULE:NAME] [--truths N] [--quick] [--overwrite]

Rows marked `check` are never read: a table of priors that names one is refused. Stages, each of
which keeps its runs in the work folder, so that the script goes on where it was ended:

noise    one candidate at several seeds: the Monte Carlo errors of small and full runs
design   evenly spread candidates of every structure, run small
wave 1   candidates drawn from the chain on the emulator of those points, run small
wave 2   the same again
full     some more of them run small and in full: what small runs are off by
confirm  the members, drawn from the last chain, in full at a seed that no stage has used

One emulator learns from the runs of all structures. Each candidate of the first stages has draws of
its own, so that what the emulator averages out is noise, and no error that all runs share stays in
it unseen.

With --truths the intervals are checked on the emulator of the finished runs: truths from the
priors, their findings with all errors, conditioned anew, in minutes.

The quick mode of conditioning (an ensemble smoother) is run beside the last chain, and the record
says how far the two are apart. Extra `ensemble`.
"""

from __future__ import annotations

# ruff: noqa: E402 - the environment is set before NumPy reads it
import os

# Products of small matrices by the thousand: threads would wait for each other and for workers.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import dataclasses
import importlib
import json
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
    interval_coverage,
    member_counts,
    structure_shares,
)
from oxysim.ensembles.emulator import QuadraticEmulator
from oxysim.ensembles.forward_runs import ForwardModel, Runs, run_candidates
from oxysim.ensembles.kalman_smoother import smooth_ensemble
from oxysim.ensembles.observed_rows import Errors
from oxysim.errors import InputError, OxysimError
from oxysim.simulation.equations.model_digest import defaults_digest

CANDIDATES = "oxysim.evidence.candidates.forward_rows"
# Far from each other and from small seeds, so that no stage sees draws that another has seen.
CONFIRMED, NOISE = 1_000_003, 2_000_003
LEAST_MEMBERS = 5  # of a structure that findings speak against: its members are to be looked at
SMOOTHED = 300  # members of the ensemble smoother
# Left out of the findings of synthetic truths: effects of treatments, a course, a correlation.
PREDICTIONS = ("C6", "E13", "E15", "C3", "Z1")

SIZES = {  # usual, quick
    # candidates of all structures together
    "design": (300, 48),
    "wave": (100, 8),
    "full_runs": (24, 12),
    "members": (150, 20),
    "noise": (6, 3),
    "steps": (2000, 120),
    "small_dyads": (360, 160),
    "full_dyads": (800, 200),
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
        self.small = forward_of(options.small, size["small_dyads"])
        self.full = forward_of(options.full, size["full_dyads"])
        self.structures = [structure.name for structure in self.table.structures]
        self.started = time.monotonic()
        self.record: dict[str, Any] = {}

    # ------------------------------------------------------------------ stages
    def run(self) -> Ensemble:
        """All stages; what the work folder has already is read."""
        noise = self.noise()
        runs = {name: self.design(name) for name in self.structures}
        for wave in (1, 2):
            # all are drawn before any is run: what one structure's wave says is for the next wave
            drawn = {name: self.drawn(f"wave{wave}", "wave", runs, name, noise) for name in runs}
            for name, latents in drawn.items():
                further = self.evaluate(f"wave{wave}", latents, self.small, name, own_draws=True)
                runs[name] = runs[name].joined(further)
        correction, averaging = self.corrected(runs, noise)
        conditioned = [
            self.conditioned(
                runs, name, noise, averaging=averaging, correction=correction, evidence=True
            )
            for name in self.structures
        ]
        self.cross_check(conditioned)
        self.covered(conditioned[0])
        return self.confirmed(conditioned)

    def noise(self) -> dict[str, Errors]:
        """Errors of small and of full runs: published, and Monte Carlo from the middle of the first
        structure at several seeds.
        """
        middle = np.zeros((1, len(self.table.priors)))
        errors = {}
        for label, model in (("small", self.small), ("full", self.full)):
            figures = [
                self.evaluate(f"noise-{label}", middle, model, self.structures[0], NOISE + k)
                for k in range(self.size["noise"])
            ]
            columns = np.concatenate([run.figures for run in figures])
            spread = self.by_row(np.std(columns, axis=0, ddof=1))
            if missing := [finding for finding, v in spread.items() if not np.isfinite(v)]:
                raise InputError(
                    f"{label} runs: the middle of the priors has no {', '.join(missing)}; more"
                    f" dyads may have (--size-{label}-dyads), and {label} runs' reasons stand in"
                    f" noise-{label}.jsonl"
                )
            self.say(f"Monte Carlo errors, {label}: {spread}")
            errors[label] = Errors.of(self.table.rows, spread)
            self.record.setdefault("monte_carlo", {})[label] = spread
        return errors

    def design(self, structure: str) -> Runs:
        """Evenly spread candidates of a structure."""
        latents = self.table.design(
            self.share_of("design"), seed=self.options.seed, structure=structure
        )
        return self.evaluate("design", latents, self.small, structure, own_draws=True)

    def conditioned(
        self, runs: Mapping[str, Runs], structure: str, noise: Mapping[str, Errors], *,
        averaging: np.ndarray | None = None, **options: Any,
    ) -> ConditionedStructure:  # fmt: skip
        """A structure on the runs of all. What is held against the findings is the emulator, and in
        the end full runs: the noise of small ones is averaged out.
        """
        errors = noise["full"]
        if averaging is not None:
            errors = dataclasses.replace(errors, averaging=averaging)
        return condition(
            self.table, runs[structure], errors, seed=self.options.seed,
            others=[other for name, other in runs.items() if name != structure],
            run_noise=noise["small"].monte_carlo, steps=self.size["steps"], **options,
        )  # fmt: skip

    def corrected(
        self, runs: Mapping[str, Runs], noise: Mapping[str, Errors]
    ) -> tuple[QuadraticEmulator, np.ndarray]:
        """What full runs add to small ones, and the error that is left of it beside both noises."""
        small, full = [], []
        for name in self.structures:
            latents = self.drawn("full", "full_runs", runs, name, noise)
            small.append(self.evaluate("full-small", latents, self.small, name, own_draws=True))
            full.append(self.evaluate("full", latents, self.full, name, NOISE - 1))
        correction = full_model_correction(self.table, small, full, seed=self.options.seed)
        noises = noise["small"].monte_carlo ** 2 + noise["full"].monte_carlo ** 2
        left = np.sqrt(np.maximum(correction.residual**2 - noises, 0.0))
        differences = np.concatenate(
            [b.figures - a.figures for a, b in zip(small, full, strict=True)]
        )
        self.say(f"full runs add {self.by_row(np.nanmean(differences, axis=0))}")
        return correction, left

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

    def covered(self, conditioned: ConditionedStructure) -> None:
        """How often intervals hold synthetic truths of the first structure."""
        if not self.options.truths:
            return
        findings = [row.finding for row in self.table.rows]
        predictions = [name for name in PREDICTIONS if name in findings] or findings[-1:]
        coverage = interval_coverage(
            conditioned, predictions, truths=self.options.truths, seed=self.options.seed,
            steps=self.size["steps"],
        )  # fmt: skip
        self.record["coverage"] = {
            "truths": coverage.truths,
            "quantities": round(coverage.quantities, 3),
            "predictions": round(coverage.predictions, 3),
            "predicted": predictions,
        }
        self.say(f"coverage of 90 % intervals: {self.record['coverage']}")

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
    def share_of(self, size: str) -> int:
        """How many candidates of each structure a stage has."""
        return max(self.size[size] // len(self.structures), 1)

    def drawn(
        self, stage: str, size: str, runs: Mapping[str, Runs], structure: str,
        noise: Mapping[str, Errors],
    ) -> np.ndarray:  # fmt: skip
        """Draws of the posterior of some runs; kept, since a chain takes minutes."""
        file = self.options.work / f"{stage}-{self.structures.index(structure) + 1}.npy"
        if file.exists():
            return np.load(file, allow_pickle=False)
        conditioned = self.conditioned(runs, structure, noise)
        r2 = self.by_row(conditioned.emulator.r2)
        self.say(f"{stage}, {structure}: {conditioned.emulator.runs} runs, R2 {r2}")
        self.say(f"{stage}, {structure}: {conditioned.chain}")
        latents = conditioned.latents(self.share_of(size), seed=self.options.seed)
        np.save(file, latents, allow_pickle=False)
        return latents

    def evaluate(
        self, stage: str, latents: np.ndarray, model: ForwardModel, structure: str,
        seed: int | None = None, *, own_draws: bool = False,
    ) -> Runs:  # fmt: skip
        """The figures of candidates; runs that the stage's file has are taken from it."""
        return run_candidates(
            self.table,
            latents,
            model,
            seed=self.options.seed if seed is None else seed,
            structure=structure,
            own_draws=own_draws,
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
            "forward_models": {"small": self.options.small, "full": self.options.full},
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
        "forward": [options.small, options.full],
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
    parser.add_argument("--small", default=f"{CANDIDATES}:CohortRows", help="MODULE:NAME")
    parser.add_argument("--full", default=f"{CANDIDATES}:CohortRows", help="MODULE:NAME")
    parser.add_argument("--seed", type=int, default=0, help="of every stage but the last")
    parser.add_argument(
        "--truths", type=int, default=0, help="synthetic truths, to check intervals"
    )
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
