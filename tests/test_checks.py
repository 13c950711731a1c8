"""The checks at the border: what each takes, and the parts of the error where it refuses."""

from __future__ import annotations

import doctest
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oxysim import checks, errors
from oxysim.errors import InputError, UnknownNameError

REFUSED = [
    (checks.whole_number, (True, "n"), "n: expected a whole number of at least 1; found True"),
    (checks.whole_number, (3.0, "n"), "n: expected a whole number of at least 1; found 3.0"),
    (
        checks.whole_number,
        (10**10, "n"),
        "n: expected a whole number from 1 to 10000000; found 10000000000",
    ),
    (checks.whole_number, (0, "n", 2, 8), "n: expected a whole number from 2 to 8; found 0"),
    (checks.number, ("3", "level"), "level: expected a finite number; found '3'"),
    (checks.number, (float("nan"), "level"), "level: expected a finite number; found nan"),
    (checks.number, (10**400, "level", 0), "level: expected a number of at least 0; found"),
    (checks.share, (1.1, "share"), "share: expected a number from 0 to 1; found 1.1"),
    (checks.flag, ("no", "force"), "force: expected True or False; found 'no'"),
    (checks.flag, (1, "force"), "force: expected True or False; found 1"),
    (checks.name, (" ", "name"), "name: expected a text of one line"),
    (checks.name, ("a\nb", "name"), "name: expected a text of one line"),
    (
        checks.choice,
        (3, "engine", ("auto", "scipy")),
        "engine: expected one of 'auto', 'scipy'; found 3",
    ),
    (checks.instance, (3, "who", Path, "a path"), "who: expected a path; found 3"),
    (checks.function, (3, "f"), "f: expected a function; found 3"),
    (checks.array, ([1, "a"], "x", (None,)), "x: expected an array of finite numbers of shape (n)"),
    (
        checks.array,
        ([[1], [1, 2]], "x", (None, 2)),
        "x: expected an array of finite numbers of shape (n x 2)",
    ),
    (checks.array, ([1, np.inf], "x", (2,)), "x: expected an array of finite numbers of shape (2)"),
    (checks.array, ([], "x", (None,)), "x: expected an array of finite numbers of shape (n)"),
    (checks.array, ([True], "x", (1,)), "x: expected an array of finite numbers of shape (1)"),
    (
        checks.array,
        (np.array(None), "x", (None,)),
        "x: expected an array of finite numbers of shape (n)",
    ),
    (checks.array, (range(10**13), "x"), "x: expected a finite number, or an array of them"),
    (checks.text, ("\udcff", "occasion"), "occasion: expected a text"),
    (checks.file_path, (3, "path"), "path: expected the path of a file"),
]


@pytest.mark.parametrize(("check", "arguments", "text"), REFUSED)
def test_a_check_refuses_and_says_what_was_expected(
    check: Any, arguments: tuple[Any, ...], text: str
) -> None:
    with pytest.raises(InputError) as caught:
        check(*arguments)
    assert str(caught.value).startswith(text)
    assert caught.value.key == (arguments[1],)
    assert caught.value.expected


def test_numpy_numbers_are_numbers() -> None:
    assert checks.whole_number(np.int32(4), "n") == 4
    assert type(checks.whole_number(np.int32(4), "n")) is int
    assert checks.number(np.float32(0.5), "x") == 0.5
    assert checks.flag(np.True_, "x") is True


def test_a_misspelt_choice_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="nearest: 'compiled'") as caught:
        checks.choice("compield", "engine", ("auto", "scipy", "compiled"))
    assert "compiled" in caught.value.expected


def test_a_sequence_says_which_entry_is_wrong_counted_from_one() -> None:
    with pytest.raises(InputError, match="n, entry 2: expected a whole number"):
        checks.sequence([4, "x"], "n", checks.whole_number, of="whole numbers")
    with pytest.raises(InputError, match="n: expected a list of whole numbers; found 'abc'"):
        checks.sequence("abc", "n", checks.whole_number, of="whole numbers")
    with pytest.raises(InputError, match="n: expected a list of whole numbers; found 0 of them"):
        checks.sequence([], "n", checks.whole_number, of="whole numbers")


def test_a_file_needs_its_folder(tmp_path: Path) -> None:
    assert checks.writable_file(tmp_path / "a.csv", "path") == tmp_path / "a.csv"
    with pytest.raises(InputError, match="make .*missing first"):
        checks.writable_file(tmp_path / "missing" / "a.csv", "path")
    with pytest.raises(InputError, match="path: expected the path of a file; found the folder"):
        checks.writable_file(tmp_path, "path")


def test_an_error_keeps_its_parts_through_a_pickle() -> None:
    error = checks.refused(3, "who", "a Dyad", remedy="make one with Dyad()")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == "who: expected a Dyad; found 3; make one with Dyad()"
    assert (again.what, again.expected, again.found, again.remedy, again.key) == (
        "who", "a Dyad", "3", "make one with Dyad()", ("who",),
    )  # fmt: skip


def test_what_is_shown_is_short_whatever_its_own_text_does() -> None:
    class Raises:
        def __repr__(self) -> str:
            raise RuntimeError

    assert errors.shown(Raises()) == "an object of type Raises"
    assert len(errors.shown("x" * 500)) == 80


def test_the_examples_run() -> None:
    for module in (checks, errors):
        assert doctest.testmod(module).failed == 0


def test_the_arguments_of_a_remedy_have_other_words_at_the_command_line() -> None:
    error = InputError(
        "the sweep needs more memory than is free",
        remedy="give {store} a folder, or go on with {force}",
        arguments={"store": "store=", "force": "force=True"},
    )
    assert str(error).endswith("is free; give store= a folder, or go on with force=True")
    options = {"store": "--out", "force": "--force"}
    assert error.worded(options).endswith("is free; give --out a folder, or go on with --force")
    assert pickle.loads(pickle.dumps(error)).worded(options) == error.worded(options)

    # braces that a user typed are no arguments
    assert InputError(what="name", expected="{x}", found="{force}").worded(options) == (
        "name: expected {x}; found {force}"
    )
