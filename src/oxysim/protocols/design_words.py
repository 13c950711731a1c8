"""The design of a protocol in words: templates that the arguments of a call fill in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oxysim.findings.published import target


def design_words(templates: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
    """Each template with its values filled in, in the syntax of ``str.format``.

    A name that no value bears is the id of a published finding, and stands for its source.

    Raises
    ------
    UnknownNameError : a name that is neither a value nor a finding's id.

    >>> design_words({"participants": "{n} women", "source": "{C12}"}, {"n": 6})
    {'participants': '6 women', 'source': 'Fabian 1969 J Physiol 204:653'}
    """
    names = _ValuesOrSources(values)
    return {entry: template.format_map(names) for entry, template in templates.items()}


class _ValuesOrSources(dict[str, Any]):
    """Values by name; what is not among them is looked up as a published finding."""

    def __missing__(self, name: str) -> str:
        # asked of the findings' table, so that a citation is written in one place only
        return target(name).source
