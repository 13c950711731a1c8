"""Stores that somebody made to do harm, or that a disk, a copy or a hand damaged: one change each,
drawn by a seed.

An attacker can compute digests: what is changed in a description is sealed again in half of the
cases.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from oxysim.sweeps.store import journal
from oxysim.sweeps.store.store_files import digest_of

NESTED = "@nested@"  # stands for three thousand brackets, more than json can write itself
PATHS = (
    "../v/sub/f.txt",
    "/{outside}/v/sub/f.txt",
    "{outside}/canary.txt",
    "..",
    "../canary.txt",
    "",
    ".",
    "/",
    "a\0b",
    "blocks/../../canary.txt",
    "status/../../canary.txt",
    "..\\canary.txt",
    "x" * 300,
    "~/canary.txt",
    "./../canary.txt",
    "status/c.0/../../../canary.txt",
    "link/canary.txt",
    "zarr.json/../../canary.txt",
    "\udcff",
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    -1,
    0,
    2,
    1e308,
    -1e-300,
    10**400,
    2**64,
    "",
    "x",
    "../v",
    "\udcff",
    [],
    {},
    [[]],
    [1],
    [-1],
    [0],
    [10**30],
    ["a"],
    [None],
    {"a": 1},
    {"../v": [[], [], "<f8"]},
    {"x": None},
    NESTED,
    [NESTED],
    "NaN",
    float("nan"),
)


def surroundings(outside: Path) -> None:
    """What lies beside a store and must be left alone."""
    (outside / "canary.txt").write_text("canary")
    (outside / "v" / "sub").mkdir(parents=True)
    (outside / "v" / "sub" / "f.txt").write_text("mine")
    shutil.copytree(outside / "v", outside / "folder")
    for name in (
        "zarr.json",
        "c.0",
        "study.json",
        "0.json",
        "writer.json",
        "writer.lock",
        "x.part",
    ):
        (outside / "folder" / name).write_text("{}")


def tree(folder: Path) -> dict[str, Any]:
    """Every entry under a folder without following links: its content, or what it is."""
    contents: dict[str, Any] = {}
    for folder_walked, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(folder_walked, name)
            if path.is_symlink():
                contents[str(path)] = ("link", os.readlink(path))
            elif path.is_file():
                contents[str(path)] = path.read_bytes()
            else:
                contents[str(path)] = "folder" if path.is_dir() else "special"
    return contents


def mutated(store: Path, outside: Path, seed: int) -> str:
    """Change the store in one way; the way in words."""
    rng = random.Random(seed)
    way = WAYS[seed % len(WAYS)]
    return f"{seed} {way.__name__}: {way(store, outside, rng)}"


# --------------------------------------------------------------------------------------
# documents
def _written(path: Path, document: Any, sealed: bool) -> None:
    if sealed and isinstance(document, dict):
        document = {name: value for name, value in document.items() if name != journal._SEAL}
        text = json.dumps(document, sort_keys=True, indent=1) + "\n"
        document = {**document, journal._SEAL: digest_of(_bytes(text))}
    path.write_bytes(_bytes(json.dumps(document, sort_keys=True, indent=1) + "\n"))


def _bytes(text: str) -> bytes:
    return text.replace(json.dumps(NESTED), "[" * 3000 + "]" * 3000).encode(
        "utf-8", "surrogatepass"
    )


def _path(rng: random.Random, outside: Path) -> str:
    return rng.choice(PATHS).replace("{outside}", str(outside))


def listed_files(store: Path, outside: Path, rng: random.Random) -> str:
    description_file = store / "blocks" / "study.json"
    description = json.loads(description_file.read_bytes())
    path = _path(rng, outside)
    right = digest_of(b"mine") if "f.txt" in path else digest_of(b"canary")
    description["complete"] = rng.random() < 0.3
    digest = rng.choice([right, "0", "0" * 64, None])
    description["files"] = (
        {path: digest} if rng.random() < 0.5 else {**description["files"], path: digest}
    )
    if not description["complete"]:
        for number in journal.marker_numbers(store):
            (store / "blocks" / f"{number}.json").unlink()
    _written(description_file, description, True)
    return f"{path!r} {digest} complete={description['complete']}"


def described_otherwise(store: Path, outside: Path, rng: random.Random) -> str:
    description_file = store / "blocks" / "study.json"
    description = json.loads(description_file.read_bytes())
    key, value, sealed = rng.choice(sorted(description)), rng.choice(VALUES), rng.random() < 0.7
    description[key] = value
    if rng.random() < 0.2:
        description["complete"] = False
    _written(description_file, description, sealed)
    return f"{key} = {str(value)[:40]} sealed={sealed}"


def names_in_the_description(store: Path, outside: Path, rng: random.Random) -> str:
    description_file = store / "blocks" / "study.json"
    description = json.loads(description_file.read_bytes())
    name, where = (
        _path(rng, outside),
        rng.choice(["outcomes", "dims", "spaced", "own dims", "dtype"]),
    )
    first = sorted(description["outcomes"])[0]
    if where == "outcomes":
        description["outcomes"][name] = description["outcomes"].pop(first)
    elif where == "own dims":
        description["outcomes"][first] = [[name], [3], "<f8"]
    elif where == "dtype":
        description["outcomes"][first][2] = rng.choice(
            ["|O", "object", "<U9", "<f8,<f8", "V9", name]
        )
    elif where == "dims":
        description["dims"][0] = name
    else:
        description["spaced"] = [name]
    _written(description_file, description, True)
    return f"{where} {name!r}"


def sizes_in_the_description(store: Path, outside: Path, rng: random.Random) -> str:
    description_file = store / "blocks" / "study.json"
    description = json.loads(description_file.read_bytes())
    key = rng.choice(["shape", "block_shape"])
    size = rng.choice([0, -1, 10**9, 2**62, 10**30, 10**400, 1.5, True, "2", None])
    description[key] = [size] * rng.choice([len(description[key]), 1, 0, 40])
    if rng.random() < 0.3:
        description["shape"], description["block_shape"] = (
            [10**12] * len(description["shape"]),
            [1] * len(description["shape"]),
        )
    _written(description_file, description, True)
    return f"{key} {str(size)[:30]}"


def the_study_file_within(store: Path, outside: Path, rng: random.Random) -> str:
    description_file = store / "blocks" / "study.json"
    description = json.loads(description_file.read_bytes())
    source = json.loads(description["source"])
    damage = rng.choice(["table", "population", "text", "nested", "seed", "list", "file", "store"])
    text = source["text"]
    if damage == "table":
        source["text"] = text.replace(
            'kind = "grid"', f'kind = "table"\nfile = {json.dumps(_path(rng, outside))}'
        )
    elif damage == "population":
        source["text"] = (
            f"[who]\npopulation = {json.dumps(_path(rng, outside) + '.toml')}\nn = 2\n" + text
        )
    elif damage == "text":
        source["text"] = rng.choice(
            [3, None, "\0", "[" * 3000, "a = " + "9" * 5000, "\udcff", text[: len(text) // 2]]
        )
    elif damage == "seed":
        source["seed"] = rng.choice(VALUES)
    elif damage == "file":
        source["file"] = _path(rng, outside)
    elif damage == "store":
        source["text"] = f'store = "{outside}/folder"\n' + text
    description["source"] = (
        json.dumps(source)
        if damage not in ("nested", "list")
        else rng.choice(["[" * 3000, "[]", "{}", "3"])
    )
    _written(description_file, description, True)
    return damage


def a_marker(store: Path, outside: Path, rng: random.Random) -> str:
    marker_file = store / "blocks" / "0.json"
    marker = json.loads(marker_file.read_bytes())
    key = rng.choice(["status", "sha256", "reason", "array", "digest"])
    value = rng.choice(VALUES)
    if key == "array":
        marker["sha256"][_path(rng, outside)] = "0" * 64
    elif key == "digest":
        marker["sha256"]["status"] = value
    else:
        marker[key] = value
    if rng.random() < 0.3:
        marker["status"] = "failed"
    _written(marker_file, marker, rng.random() < 0.8)
    return f"{key} {str(value)[:30]}"


def a_marker_of_another_name(store: Path, outside: Path, rng: random.Random) -> str:
    name = rng.choice(
        [
            "007.json",
            "9" * 200 + ".json",
            "4.json",
            "-1.json",
            "²³.json",
            "1e3.json",
            " 1.json",
            "0.JSON",
        ]
    )
    shutil.copy(store / "blocks" / "0.json", store / "blocks" / name)
    return name


# --------------------------------------------------------------------------------------
# bytes
def garbled_bytes(store: Path, outside: Path, rng: random.Random) -> str:
    files = sorted(path for path in store.rglob("*") if path.is_file())
    file = rng.choice(files)
    data = bytearray(file.read_bytes() or b"x")
    damage = rng.choice(
        [
            "flip",
            "cut",
            "empty",
            "deleted",
            "random",
            "nested",
            "not utf-8",
            "null",
            "nan",
            "long",
            "digits",
        ]
    )
    if damage == "flip":
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif damage == "cut":
        del data[rng.randrange(len(data)) :]
    elif damage == "random":
        data = bytearray(rng.randbytes(200))
    texts = {
        "empty": b"",
        "nested": b"[" * 3000,
        "not utf-8": b'{"a": "\xff\xfe"}',
        "null": b"null",
        "nan": b'{"a": NaN}',
        "long": b'{"a": 1}' + b" " * 100_000,
        "digits": b'{"format": ' + b"9" * 5000 + b"}",
    }
    file.write_bytes(texts.get(damage, bytes(data)))
    if damage == "deleted":
        file.unlink()
    return f"{file.relative_to(store)} {damage}"


def swapped_files(store: Path, outside: Path, rng: random.Random) -> str:
    files = sorted(path for path in store.rglob("*") if path.is_file())
    first, second = rng.sample(files, 2)
    first_bytes, second_bytes = first.read_bytes(), second.read_bytes()
    first.write_bytes(second_bytes)
    second.write_bytes(first_bytes)
    return f"{first.relative_to(store)} and {second.relative_to(store)}"


def metadata_under_a_right_digest(store: Path, outside: Path, rng: random.Random) -> str:
    description_file = store / "blocks" / "study.json"
    description = json.loads(description_file.read_bytes())
    file = rng.choice([path for path in sorted(description["files"]) if path.endswith("zarr.json")])
    metadata = json.loads((store / file).read_bytes())
    key, value = rng.choice(sorted(metadata)), rng.choice(VALUES)
    metadata[key] = value
    if (
        "consolidated_metadata" in metadata
        and rng.random() < 0.6
        and isinstance(metadata["consolidated_metadata"], dict)
    ):
        inner = metadata["consolidated_metadata"].get("metadata", {})
        inner_name = rng.choice(sorted(inner))
        damage = rng.choice(["name", "key", "shape", "codecs"])
        if damage == "name":
            inner[_path(rng, outside)] = inner.pop(inner_name)
        elif damage == "shape":
            inner[inner_name]["shape"] = rng.choice([[10**18], [-1], ["a"], [], [10**400]])
        elif damage == "codecs":
            inner[inner_name]["codecs"] = rng.choice(
                [[], [{"name": "none"}], [{"name": "sharding_indexed"}], 3]
            )
        else:
            inner[inner_name][rng.choice(sorted(inner[inner_name]))] = rng.choice(VALUES)
    _written(store / file, metadata, False)
    description["files"][file] = digest_of((store / file).read_bytes())
    _written(description_file, description, True)
    return f"{file} {key} {str(value)[:30]}"


# --------------------------------------------------------------------------------------
# links
def a_link_in_place_of_a_file(store: Path, outside: Path, rng: random.Random) -> str:
    names = sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.is_file())
    name = rng.choice(
        [
            *names,
            "blocks/writer.json",
            "blocks/writer.lock",
            "blocks/3.json",
            "blocks/study.json.part",
            "status/c.1.part",
            "extra",
            "zarr.json.part",
            "blocks/0.json.part",
            "status/c.9",
        ]
    )
    target = rng.choice(
        [
            outside / "canary.txt",
            outside / "folder" / "zarr.json",
            outside / "none",
            Path("itself"),
            Path("../../canary.txt"),
            Path("/dev/null"),
            Path("/dev/zero"),
            outside / "copy",
        ]
    )
    path = store / name
    if target.name == "copy" and path.exists():  # what it points to is what was there
        shutil.copy(path, target)
    path.unlink(missing_ok=True)
    path.symlink_to(path if target.name == "itself" else target)
    return f"{name} -> {target}"


def a_link_in_place_of_a_folder(store: Path, outside: Path, rng: random.Random) -> str:
    names = sorted(str(path.relative_to(store)) for path in store.iterdir() if path.is_dir())
    name = rng.choice(names)
    same = rng.random() < 0.5
    if same:
        shutil.copytree(store / name, outside / "taken")
    shutil.rmtree(store / name)
    (store / name).symlink_to(outside / ("taken" if same else "folder"), target_is_directory=True)
    return f"{name} {'with the same content' if same else ''}"


def a_second_name_of_a_file(store: Path, outside: Path, rng: random.Random) -> str:
    name = rng.choice(
        ["blocks/writer.lock", "blocks/writer.json", "blocks/study.json.part", "status/c.9"]
    )
    (store / name).unlink(missing_ok=True)
    os.link(outside / "canary.txt", store / name)
    return name


def what_is_no_file(store: Path, outside: Path, rng: random.Random) -> str:
    names = sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.is_file())
    name = rng.choice(
        [*names, "blocks/writer.json", "blocks/writer.lock", "extra", "blocks/study.json.part"]
    )
    path = store / name
    path.unlink(missing_ok=True)
    kind = rng.choice(["pipe", "folder", "full folder"])
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
        if kind == "full folder":
            (path / "x").write_text("x")
    return f"{name} a {kind}"


def a_file_in_place_of_a_folder(store: Path, outside: Path, rng: random.Random) -> str:
    path = rng.choice(sorted(path for path in store.iterdir() if path.is_dir()))
    shutil.rmtree(path)
    path.write_text("x")
    return path.name


def foreign_entries(store: Path, outside: Path, rng: random.Random) -> str:
    name = rng.choice(
        [b"\xff\xfe", b"c.\xff", b"a" * 200, b"\n", b"$(touch x)", b"-rf", b"thesis.part"]
    )
    folder = rng.choice([b"", b"blocks/", b"status/"])
    Path(os.fsdecode(os.fsencode(store) + b"/" + folder + name)).write_bytes(b"x")
    return repr(folder + name)


def a_note_of_the_writer(store: Path, outside: Path, rng: random.Random) -> str:
    note_file = store / "blocks" / "writer.json"
    note = rng.choice([{"host": v, "pid": rng.choice(VALUES)} for v in VALUES])
    note_file.write_bytes(_bytes(json.dumps(note)))
    return str(note)[:60]


WAYS: tuple[Callable[[Path, Path, random.Random], str], ...] = (
    listed_files,
    described_otherwise,
    names_in_the_description,
    sizes_in_the_description,
    the_study_file_within,
    a_marker,
    a_marker_of_another_name,
    garbled_bytes,
    swapped_files,
    metadata_under_a_right_digest,
    a_link_in_place_of_a_file,
    a_link_in_place_of_a_folder,
    a_second_name_of_a_file,
    what_is_no_file,
    a_file_in_place_of_a_folder,
    foreign_entries,
    a_note_of_the_writer,
    garbled_bytes,
    a_link_in_place_of_a_file,
    listed_files,
)
"""Ways that are taken in turn; those with most to try stand twice."""
