"""Study files: what they mean, and what a careless or hostile one is told."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.documents import parse_document
from oxysim.documents.positions import key_lines
from oxysim.errors import InputError, OxysimError
from oxysim.families import Dyad, Family
from oxysim.interventions import NasalSpray, SkinToSkin
from oxysim.population import sample
from oxysim.schedule import Feed, Play, Routine
from oxysim.simulation.scipy_engine import Solver
from oxysim.studies import StudyFile, read_source, read_study
from oxysim.sweeps.methods import methods
from oxysim.sweeps.samples import latin_hypercube, sobol
from oxysim.sweeps.study import Study
from oxysim.sweeps.sweep_design import grid, one_at_a_time, zipped
from tests.support.mutated_studies import LEGAL, TABLE, mutated

ROOT = Path(__file__).resolve().parents[2]
LEAST = 'duration = "6 h"\noutcomes = ["caregiver.epds: final"]\n'


def _read(folder: Path, text: str, **options: object) -> StudyFile:
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return read_study(folder / "study.toml", **options)  # type: ignore[arg-type]


def _refused(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        _read(folder, text)
    return str(caught.value).replace(f"{folder}/", "")


# ------------------------------------------------------------------- what a file means
def test_a_file_says_what_python_says(tmp_path: Path) -> None:
    read = _read(tmp_path, LEGAL[0])
    same = Study(
        Dyad.symptomatic("3 months")
        .with_parameters({"caregiver.oxytocin.plasma_half_life": "4 min"})
        .with_start({"caregiver.depression": 16}),
        "2 d",
        grid(
            {
                "spray.dose": ["8 IU", "28 IU", "48 IU"],
                "skin_to_skin.minutes": ["30 min", "60 min"],
                "caregiver.depression.loop_gain": [1.0, 2.0],
            }
        ),
        interventions={
            "spray": NasalSpray("24 IU", repeat="daily", at="10:00", stop="day 120"),
            "skin_to_skin": SkinToSkin("60 min", repeat="daily", at="11:00"),
        },
        outcomes=["caregiver.epds: final", "caregiver.cortisol: maximum from 10:00 to 14:00"],
        start="08:00",
        seed=3,
        sample="10 min",
        cut=["reward -> depression"],
        solver=Solver("DOP853", rtol=1e-5),
    )
    assert read.study.identity() == same.identity()
    assert (read.title, read.store, read.block_size, read.workers, read.timeout) == (
        "Dose of the spray x strength of the loop", tmp_path / "rescue.zarr", 4, None, "10 min",
    )  # fmt: skip


def test_a_population_with_a_sampled_design(tmp_path: Path) -> None:
    study = _read(tmp_path, LEGAL[1]).study
    names = ["caregiver.oxytocin.plasma_half_life", "infant.oxytocin.touch"]
    families = sample(4, seed=1, infant_age=("3 months", "6 months"), varied=names,
                 fixed={"caregiver.depression.loop_gain": 1.5})  # fmt: skip
    design = latin_hypercube(
        {"reward -> depression": (0.0, 1.0), "caregiver.oxytocin.touch": None}, 8, 2
    )
    day = Routine.typical(feeding="bottle", jitter="10 min")
    same = Study(families, "12 h", design, day, outcomes=["caregiver.epds: final"])
    assert study.identity() == same.identity()


def test_a_family_with_a_table(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(TABLE, encoding="utf-8")
    study = _read(tmp_path, LEGAL[2]).study
    assert study.who.caregivers == ("mother", "father")
    assert study.routine == Routine(
        (Feed(("07:00", "11:00"), "20 min", by="mother"), Play("10:00", "15 min"))
    )
    assert study.scale == {"reward -> depression": 0.5}
    assert study.design is not None
    assert study.design.columns([0, 2])["bolus.dose"].tolist() == [2, 8]


@pytest.mark.parametrize(
    ("design", "same"),
    [
        ('kind = "zip"\n[design.axes]\nseed = [1, 2]\n"start.caregiver.bond" = [0.2, 0.4]',
         zipped({"seed": [1, 2], "start.caregiver.bond": [0.2, 0.4]})),
        ('kind = "one at a time"\n[design.axes]\n"caregiver.oxytocin.touch" = [1, 2]',
         one_at_a_time({"caregiver.oxytocin.touch": [1, 2]})),
        ('kind = "sobol"\nn = 8\nseed = 5\naxes = ["caregiver.oxytocin.touch"]',
         sobol(["caregiver.oxytocin.touch"], 8, 5)),
        ('kind = "grid"\n[design.axes]\nspray.dose = { values = [8, 16], unit = "IU" }\nseed = { '
         'from = 1, to = 3, '
         'count = 3 }', grid({"spray.dose": ["8 IU", "16 IU"], "seed": [1, 2, 3]})),
        ('kind = "grid"\n[design.axes]\nspray.dose = { from = "1 IU", to = "100 IU", count = 3, '
         'scale = "log" }',
         grid({"spray.dose": ["1 IU", "10 IU", "100 IU"]})),
    ],
    ids=["zip", "one at a time", "sobol", "dotted keys", "log"],
)  # fmt: skip
def test_every_kind_of_design(tmp_path: Path, design: str, same: object) -> None:
    study = _read(
        tmp_path, f'{LEAST}interventions.spray = "24 IU intranasal at 10:00"\n[design]\n{design}\n'
    ).study
    from_python = Study(
        study.who, "6 h", same, interventions=study.interventions, outcomes=study.outcomes
    )  # type: ignore[arg-type]
    identity, expected = (
        json.loads(study.identity()["design"]),
        json.loads(from_python.identity()["design"]),
    )
    assert identity == expected


def test_dyads_and_days_by_name(tmp_path: Path) -> None:
    least = _read(tmp_path, LEAST).study
    assert least.identity() == Study(Dyad(), "6 h", outcomes=["caregiver.epds: final"]).identity()
    both = _read(tmp_path, f'{LEAST}dyad.caregivers = ["mother", "father"]').study
    assert both.routine == Routine.household(("mother", "father"))
    aunt = 'routine = { role = "other", by = "aunt", jitter = "5 min", infant_care = true }\n'
    study = _read(
        tmp_path, f'{LEAST}{aunt}dyad = {{ caregivers = ["aunt"], roles = {{ aunt = "other" }} }}\n'
    ).study
    assert study.who.role_of == ("other",)
    assert study.routine == Routine.typical("other", jitter="5 min", by="aunt", infant_care=True)
    visit = _read(tmp_path, f'{LEAST}routine = "empty day"\nusual_day = "typical day"').study
    assert (visit.routine, visit.usual_day) == (Routine.empty(), Routine.typical())
    three = _read(
        tmp_path, f'{LEAST}dyad.parameters."caregiver.oxytocin.touch" = [1, 1.5, 2]'
    ).study
    assert isinstance(three.who, Family) and len(three.who) == 3


def test_options_stand_in_place_of_the_files_own(tmp_path: Path) -> None:
    read = _read(tmp_path, f'{LEAST}seed = 3\nengine = "scipy"', seed=7, engine="auto")
    assert (read.study.seed, read.study.engine) == (7, "auto")
    assert _read(tmp_path, f"{LEAST}seed = 3").study.seed == 3


@pytest.mark.parametrize("number", range(len(LEGAL)))
def test_a_study_can_be_read_again_from_what_a_store_keeps(tmp_path: Path, number: int) -> None:
    (tmp_path / "runs.csv").write_text(TABLE, encoding="utf-8")
    read = _read(tmp_path, LEGAL[number], seed=11)
    for file in tmp_path.iterdir():
        file.unlink()
    again = read_source(read.source)
    assert again.study.identity() == read.study.identity()
    assert again.store is None and again.source == read.source
    assert str(tmp_path) not in read.source


@pytest.mark.parametrize("source", ["", "{}", "[1]", '{"file": 1}', "nonsense"])
def test_a_damaged_copy_is_named(source: str) -> None:
    with pytest.raises(InputError, match="copy of the study file is damaged"):
        read_source(source)


@pytest.mark.parametrize(
    "file", sorted((ROOT / "examples" / "studies").glob("[!t]*.toml")), ids=lambda file: file.stem
)
def test_every_example_is_legal(file: Path) -> None:
    read = read_study(file)
    assert read.study.n_runs > 1 and read.store is not None


# ---------------------------------------------------------------- where an error stands
WRONG = [
    ("durations = 1", "study.toml:3: durations: unknown key 'durations'; nearest: 'duration'"),
    ("seed = 1.5", "study.toml:3: seed: expected a whole number from 0"),
    (
        "seed = true",
        "study.toml:3: seed: expected a whole number from 0 to 9223372036854775807; found true",
    ),
    ('start = "25:00"', "study.toml:3: start: '25:00' is not a time of day"),
    (
        "start = 08:00:00",
        'study.toml:3: start: expected a time as text, such as "08:00" or "6 weeks"; found '
        "08:00:00",
    ),
    (
        'engine = "compiled"\nmethod = "LSODA"',
        "study.toml:3: engine: engine 'compiled' has its own method",
    ),
    ('engine = "fast"', "study.toml:3: engine: unknown engine 'fast'; nearest: "),
    ("tolerance = 1.0", "study.toml:3: tolerance: rtol: expected a number in [1e-13, 0.01]"),
    (
        "tolerance = nan",
        "study.toml:3: tolerance: rtol: expected a number in [1e-13, 0.01]; found nan",
    ),
    ('method = "RK4"', "study.toml:3: method: unknown method 'RK4'; nearest: 'RK45'"),
    ('sample = "5"', "study.toml:3: sample: expected a number with a unit of time"),
    ('sample = "0.00001 min"', "study.toml:3: sample: expected at most 10000000 samples of a run"),
    ('timeout = "-5 min"', "study.toml:3: timeout: expected a positive length of time"),
    ("workers = 0", "study.toml:3: workers: expected a whole number from 1 to"),
    ('routine = "typcal day"', "study.toml:3: routine: "),
    (
        'routine = "24 IU intranasal at 10:00"',
        "study.toml:3: routine: nasal spray 24 IU is an intervention",
    ),
    (
        '[dyad]\ninfant_age = "40 years"',
        "study.toml:4: dyad.infant_age: the model holds up to 36 months",
    ),
    (
        '[dyad]\nnamed = "symptomatic"\ncaregivers = ["father"]',
        "study.toml:5: dyad.caregivers: the symptomatic dyad",
    ),
    (
        "[dyad]\n[population]\nn = 2\nseed = 1",
        "study.toml:4: population: give either [dyad] or [population]",
    ),
    (
        "[dyad.start]\n'caregiver.epds' = 3",
        'study.toml:4: dyad.start."caregiver.epds": unknown slow state',
    ),
    (
        "[dyad.parameters]\ncaregiver.oxytocin.touch = 1\nmother.oxytocin.touch = 2",
        'study.toml:5: dyad.parameters."mother.oxytocin.touch": mother.oxytocin.touch is set '
        "already",
    ),
    (
        '[dyad.parameters]\ncaregiver.oxytocin.touch = 1\n"caregiver.oxytocin.touch" = 2',
        "is given twice",
    ),
    (
        "[population]\nseed = 1",
        "study.toml:3: population: 'n' is missing; expected a whole number from 1 to 100000",
    ),
    (
        '[population]\nn = 2\nseed = 1\nvaried = ["caregiver.oxytocin.tuch"]',
        "study.toml:6: population.varied.1: ",
    ),
    (
        '[interventions]\nspray = "24 intranasal at 10:00"',
        "study.toml:4: interventions.spray: 24 has no unit",
    ),
    (
        '[interventions]\nSpray = "24 IU intranasal at 10:00"',
        "study.toml:4: interventions.Spray: expected a short",
    ),
    (
        '[interventions]\nspray = "24 IU intranasal at 20:00"',
        "study.toml:4: interventions.spray: nasal spray 24",
    ),
    (
        '[interventions]\ncaregiver = "24 IU intranasal at 10:00"',
        "study.toml:3: interventions: expected short names",
    ),
    (
        '[edges]\ncut = [\n"reward -> bond",\n"reward -> bnd"]',
        "study.toml:6: edges.cut.2: unknown edge 'reward",
    ),
    ('[edges.scale]\n"reward -> bond" = 9', 'study.toml:4: edges.scale."reward -> bond": edge'),
    (
        '[edges]\ncut = "reward -> bond"\nscale = { "reward -> bond" = 0.5 }',
        "study.toml:3: edges: edge",
    ),
    (
        '[design]\nkind = "gird"',
        "study.toml:4: design.kind: unknown kind of design 'gird'; nearest: 'grid'",
    ),
    ('[design]\nkind = "grid"', "study.toml:3: design: expected at least one axis"),
    ('[design]\nkind = "grid"\nn = 4\naxes.seed = [1]', "study.toml:5: design.n: unknown key 'n'"),
    (
        '[design]\nkind = "grid"\n[design.axes]\nseed = [1,\n2,\n"x"]',
        "study.toml:6: design.axes.seed",
    ),
    (
        '[design]\nkind = "grid"\n[design.axes]\nseed = [1,\n2,\n2]',
        "study.toml:6: design.axes.seed: axis 'seed': 2",
    ),
    (
        '[design]\nkind = "grid"\n[design.axes]\nseed = [1,\n2,\n-3]',
        "study.toml:8: design.axes.seed.3: axis 'seed'",
    ),
    (
        '[design]\nkind = "grid"\naxes.seed = { from = 3, to = 1, count = 3 }',
        "expected the lower end first",
    ),
    (
        '[design]\nkind = "grid"\naxes.seed = { from = 1, to = 3 }',
        "study.toml:5: design.axes.seed: 'count' is missing",
    ),
    (
        '[design]\nkind = "grid"\naxes.seed = { from = 1, to = 3, count = 1000000000 }',
        "study.toml:5: design.axes.seed.count: expected a whole number from 2 to 20000",
    ),
    (
        '[design]\nkind = "grid"\naxes.spray.dose = ["8 IU"]',
        'study.toml:5: design.axes."spray.dose": unknown axis',
    ),
    (
        '[design]\nkind = "grid"\naxes.duration = ["8 h"]',
        "study.toml:5: design.axes.duration: unknown axis 'duration'",
    ),
    (
        '[design]\nkind = "grid"\naxes = 5',
        "study.toml:5: design.axes: expected a table ([design.axes]); found 5",
    ),
    ('[design]\nkind = "sobol"\nn = 9\naxes = ["caregiver.oxytocin.touch"]', "nearest: 8, 16"),
    (
        '[design]\nkind = "latin hypercube"\nn = 9\n[design.axes]\nseed = [1, 2, 3]',
        "expected the two ends",
    ),
    (
        '[design]\nkind = "table"\nfile = "none.csv"',
        "study.toml:5: design.file: none.csv: expected",
    ),
    ("a = 1\na = 2", "study.toml:4: not legal TOML, at column 6: the key stands there already"),
    ("a = [1,", "study.toml:4: not legal TOML, at the end of the file"),
    ('title = "\\u0000"', "study.toml:3: title: expected a text without control characters"),
    (
        "seed = 99999999999999999999",
        "study.toml:3: seed: expected a number of at most 9223372036854775807",
    ),
    (f"\nx = {'[' * 5000}", "study.toml:4: "),
]


@pytest.mark.parametrize(("lines", "message"), WRONG)
def test_an_error_has_file_line_and_key(tmp_path: Path, lines: str, message: str) -> None:
    assert message in _refused(tmp_path, LEAST + lines + "\n")


def _keys(folder: Path, lines: str) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        _read(folder, LEAST + lines + "\n")
    return caught.value.key


def test_another_wording_points_at_the_same_entry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an error stands in a file is read from its key, never from its sentence."""
    keys_of_lines = {lines: _keys(tmp_path, lines) for lines, _ in WRONG}
    begin = OxysimError.__init__

    def reworded(self: OxysimError, message: str = "", **parts: Any) -> None:
        begin(self, "nothing of what was said", **parts)

    monkeypatch.setattr(OxysimError, "__init__", reworded)
    assert {lines: _keys(tmp_path, lines) for lines, _ in WRONG} == keys_of_lines
    assert sum(len(key) > 1 for key in keys_of_lines.values()) > 20


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    assert _refused(tmp_path, "").startswith(
        "study.toml: 'duration' is missing; expected a length of time"
    )
    assert "outcomes: expected at least one" in _refused(tmp_path, 'duration = "6 h"')
    aunt = _refused(
        tmp_path, f'{LEAST}dyad = {{ caregivers = ["aunt"], roles = {{ aunt = "other" }} }}'
    )
    assert "'routine' is missing" in aunt and "no typical day of aunt" in aunt


def test_an_error_of_a_whole_sentence_points_at_the_word(tmp_path: Path) -> None:
    text = _refused(tmp_path, f'{LEAST}interventions.spray = "24 IU intranasal daly at 10:00"')
    sentence, caret = text.splitlines()[1:]
    assert sentence[caret.index("^") :].startswith("daly")


def test_outcomes_are_named_one_by_one(tmp_path: Path) -> None:
    wrong = (
        'duration = "6 h"\noutcomes = [\n  "caregiver.epds: final",\n  "caregiver.epsd:'
        ' final",\n]\n'
    )
    assert _refused(tmp_path, wrong).startswith(
        "study.toml:4: outcomes.2: unknown variable 'caregiver.epsd'"
    )
    often = 'duration = "6 h"\noutcomes = "caregiver.epds: every 0.001 s"\n'
    assert "expected at most 10000000 values of an outcome" in _refused(tmp_path, often)


def test_a_row_of_a_table_is_named(tmp_path: Path) -> None:
    for table, message in (
        ("", "the file is empty"),
        ("seed\n1,2\n", "line 2: expected 1 cells, as many as the header has; found 2"),
        ("seed,infant_age\n1,\n", "row 1, 'infant_age': the cell is empty"),
        ("seed\n1\n-1\n", "axis 'seed'"),
        ("sed\n1\n", "unknown axis 'sed'"),
        ("seed,seed\n1,2\n", "stands twice in the header"),
        ('seed\n"1\n', "expected comma-separated values"),
    ):
        (tmp_path / "runs.csv").write_text(table, encoding="utf-8")
        text = _refused(tmp_path, f'{LEAST}[design]\nkind = "table"\nfile = "runs.csv"\n')
        assert text.startswith("study.toml:5: design.file: ") and message in text, table


# ------------------------------------------------------------------------ hostile files
@pytest.mark.parametrize(
    "path",
    [
        "../out.zarr",
        "/etc/out.zarr",
        "a/../../out.zarr",
        "",
        ".",
        "C:\\\\x",
        "http://host/x",
        "link/out.zarr",
    ],
)
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (home / "link").symlink_to(tmp_path / "elsewhere")
    assert "study file's folder" in _refused(home, f'{LEAST}store = "{path}"')
    table = _refused(home, f'{LEAST}[design]\nkind = "table"\nfile = "{path}"')
    assert "study.toml:5: design.file: " in table and "study file's folder" in table


def test_files_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    with pytest.raises(InputError, match="there is no such file"):
        read_study(file)
    with pytest.raises(InputError, match="it is a folder"):
        read_study(tmp_path)
    file.write_bytes(b'title = "a"\ntitle = "\xff"\n')
    with pytest.raises(
        InputError, match=r"study.toml:2: expected a text in UTF-8; found the byte 0xff"
    ):
        read_study(file)
    file.write_bytes(b"#" * 300_000)
    with pytest.raises(InputError, match="larger than 256 KiB"):
        read_study(file)
    file.write_bytes(b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())
    assert read_study(file).study.duration == "6 h"


def _try_mutated(folder: Path, seeds: range) -> dict[str, int]:
    """How many of the mutated files were still legal, and how many errors had
    file, line and key.
    """
    folder.mkdir(exist_ok=True)
    counts = {"legal": 0, "placed": 0, "refused": 0}
    for seed in seeds:
        content, table, mutation = mutated(seed)
        (folder / "runs.csv").write_text(table, encoding="utf-8", newline="")
        (folder / "study.toml").write_bytes(content)
        before = time.process_time()
        try:
            read = read_study(folder / "study.toml")
            assert read_source(read.source).study.identity() == read.study.identity(), (
                seed,
                mutation,
            )
            counts["legal"] += 1
        except OxysimError as error:
            text = str(error).replace(f"{folder}/", "")
            assert text.startswith("study.toml:"), (seed, mutation, text)
            counts["refused"] += 1
            counts["placed"] += text[len("study.toml:")].isdigit()
        assert time.process_time() - before < 1.0, (seed, mutation)
        assert {file.name for file in folder.iterdir()} == {"runs.csv", "study.toml"}, (
            seed,
            mutation,
        )
    return counts


def test_mutated_files_are_refused_or_legal(tmp_path: Path) -> None:
    counts = _try_mutated(tmp_path / "own", range(150))
    assert counts["legal"] > 5
    assert counts["placed"] > 0.95 * counts["refused"]


@pytest.mark.long
def test_a_thousand_mutated_files_are_refused_or_legal(tmp_path: Path) -> None:
    counts = _try_mutated(tmp_path / "own", range(1000))
    assert counts["placed"] > 0.95 * counts["refused"]


# ------------------------------------------------------------------------------ places
_NAMES = st.sampled_from(
    ["a", "b-c", "d_1", '"e.f"', "'g h'", '"i \\u00e9 \\" [x] = #"', "j.k", 'l . "m"']
)
_VALUES = st.sampled_from(
    [
        "1",
        "1.5",
        '"# [no] = \\"x\\""',
        "'c:\\x'",
        "true",
        "[]",
        "[1, 2,]",
        "[\n  1, # one\n\n  [2],\n]",
        '"""\na = 1\n"""',
        "'''\n[b]\n'''",
        "{ x = 1, y = [1, 2] }",
        '""',
        '"""x""""',
        "nan",
    ]
)


@given(st.lists(st.tuples(st.booleans(), _NAMES, _VALUES), max_size=12))
@settings(max_examples=200, deadline=None)
def test_every_key_is_found_on_its_line(entries: list[tuple[bool, str, str]]) -> None:
    lines, expected, table = [], {}, ""
    for number, (header, name, value) in enumerate(entries):
        key = f"k{number}.{name}"  # different, so that the text is legal
        plain = ".".join(_plain(piece) for piece in [f"k{number}", *_parts(name)])
        if header:
            lines.append(f" [ t{key} ]  # table")
            table = f"t{plain}."
            expected[table[:-1]] = len("\n".join(lines).split("\n"))
        else:
            expected[f"{table}{plain}"] = len("\n".join(lines).split("\n")) + bool(lines)
            lines.append(f"{key} = {value}")
        lines.append("# a comment with [x] = 1 and \"quotes'")
    lines_by_key = key_lines("\n".join(lines))
    assert {name: lines_by_key.get(name) for name in expected} == expected


def _parts(name: str) -> list[str]:
    return [name] if name[0] in "\"'" else [piece.strip() for piece in name.split(".")]


def _plain(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    return str(json.loads(key)) if key.startswith('"') else key


def test_entries_of_arrays_have_lines_of_their_own() -> None:
    lines = key_lines('a = [\n "x",\n  # no\n "y", { b = [1,\n 2] }]\n[[c]]\nd = 1\n[[c]]\nd = 2\n')
    assert (lines["a.1"], lines["a.2"], lines["a.3.b.2"], lines["c.2.d"]) == (2, 4, 5, 9)


def test_the_place_of_what_is_not_there_is_that_of_what_holds_it() -> None:
    section = parse_document("[a]\n\n[a.b]\nc = 1\n", "x.toml")
    assert section.place("a", "b", "none") == "x.toml:3: a.b.none"
    assert section.section("a").section("b").place("c d") == 'x.toml:3: a.b."c d"'


# ----------------------------------------------------------------------------- methods
def test_the_methods_paragraph_names_what_was_changed_and_why(tmp_path: Path) -> None:
    text = methods(_read(tmp_path, LEGAL[0]).study)
    for words in (
        "oxysim 0.", "One dyad (mother and infant; infant aged 3 months at "
                     "the start)", "simulated for 2 d from 08:00",
        "mother.oxytocin.plasma_half_life = 4 min (default 4, measured "
        "[fabian1969])", "mother.depression = 16",
        "24 IU intranasal daily at 10:00 to day 120 "
        "(called spray)", "reward -> depression", "was cut",
        "A grid of 12 runs: spray.dose (3: 8 IU, 28 "
        "IU, 48 IU)", "method DOP853, relative tolerance 1e-05", "seed 3",
        "caregiver.cortisol: maximum from 10:00 to 14:00 (nmol/L)", "\n\nReferences\n[", "Fabian",
    ):  # fmt: skip
        assert words in text, words
    pure = _read(tmp_path, LEAST.replace("caregiver.epds: final", "caregiver.warmth: mean")).study
    # a pure number has no unit "(1)"
    assert "Kept were caregiver.warmth: mean, of whole courses" in methods(pure)
    many = methods(_read(tmp_path, LEGAL[1]).study)
    assert (
        "4 dyads" in many
        and "Latin hypercube of 8 runs (seed 2)" in many
        and "infant aged 3" in many
    )
    whole = _read(tmp_path, f"{LEAST}[population]\nn = 3\nseed = 1").study
    assert "parameters varied between dyads" in methods(whole)
