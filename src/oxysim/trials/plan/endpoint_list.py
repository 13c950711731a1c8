"""The endpoints of one trial together: that they are some, go with its visits, its people and its
design, and with each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from oxysim import checks
from oxysim.errors import (
    InputError,
    MissingExtraError,
    OxysimError,
    add_key,
    require_extra,
    unknown_name,
)
from oxysim.trials.plan.endpoints import Endpoint

MOST_ENDPOINTS = 200
"""The most endpoints of a trial: each is analysed in every replication, and no protocol names a
tenth as many.
"""


def listed_endpoints(endpoints: Any) -> tuple[Endpoint, ...]:
    """One endpoint or several as a tuple.

    Raises
    ------
    InputError : none, or more than ``MOST_ENDPOINTS``.

    >>> len(listed_endpoints(Endpoint("epds", at="6 weeks")))
    1
    """
    listed = [endpoints] if isinstance(endpoints, Endpoint) else endpoints
    if isinstance(listed, str) or not isinstance(listed, Sequence) or not listed:
        raise InputError(
            "endpoints: expected at least one, such as Endpoint('epds', at='6 weeks'); found"
            f" {endpoints!r}"
        )
    # a pair of texts is the likeliest slip, and is shown as it is
    if not all(isinstance(endpoint, Endpoint) for endpoint in listed):
        raise InputError(
            "endpoints: expected each to be one, such as Endpoint('epds', at='6 weeks'); found"
            f" {endpoints!r}"
        )
    if len(listed) > MOST_ENDPOINTS:
        raise checks.refused(
            f"{len(listed)} of them",
            "endpoints",
            f"at most {MOST_ENDPOINTS} endpoints",
            as_text=True,
        )
    return tuple(listed)


def require_endpoints(
    endpoints: Sequence[Endpoint], visits: Mapping[str, int], caregivers: Sequence[str]
) -> None:
    """Raise where the endpoints of a trial do not go with its visits and people, or with each
    other.

    Raises
    ------
    InputError : two of one name, two primary ones, an endpoint of change at the baseline itself.
    UnknownNameError : a visit or a member that does not exist.

    >>> visits = {"baseline": 0, "6 weeks": 1}
    >>> require_endpoints([Endpoint("epds", at="6 weeks")], visits, ["mother"])
    """
    names = [endpoint.name for endpoint in endpoints]
    # names are the keys of readings and tables
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        text = f"endpoints: {twice[0]!r} stands twice; leave one out, or give it a name"
        raise InputError(text, key=("endpoints",))

    primary = [endpoint.name for endpoint in endpoints if endpoint.primary]
    if len(primary) > 1:
        raise InputError(f"endpoints: one is primary; found {primary}", key=("endpoints",))

    # entries count from 1 in errors, as a reader of a file counts them
    for number, endpoint in enumerate(endpoints, start=1):
        try:
            _require_endpoint(endpoint, visits, caregivers)
        except OxysimError as error:
            add_key(error, "endpoints", str(number))
            raise


def require_analysis(endpoints: Sequence[Endpoint], *, crossover: bool) -> None:
    """Raise where an endpoint has no analysis in the design, or its analysis is not installed.

    Raises
    ------
    InputError : in a crossover, a time to an event or an adjustment. MissingExtraError : no
        statsmodels for a time.

    >>> require_analysis([Endpoint("epds", at="6 weeks", adjusted=True)], crossover=False)
    """
    for number, endpoint in enumerate(endpoints, start=1):
        is_time, key = endpoint.what == "time to remission", ("endpoints", str(number))
        if is_time and not crossover:
            # asked before hours of simulation, not after them
            try:
                require_extra("statsmodels", "stats")
            except MissingExtraError as error:
                add_key(error, *key)
                raise
        elif is_time:
            raise InputError(
                f"endpoint {endpoint.name!r}: a time to an event has no paired test; take a"
                " parallel design",
                key=key,
            )
        elif crossover and endpoint.adjusted:
            raise InputError(
                f"endpoint {endpoint.name!r}: in a crossover each participant is her own"
                " control; leave adjusted out, or take the change from each period's baseline",
                key=key,
            )


def _require_endpoint(
    endpoint: Endpoint, visits: Mapping[str, int], caregivers: Sequence[str]
) -> None:
    """Raise unless visit and member exist, and the visit comes after what it starts from."""
    if endpoint.at not in visits:
        raise unknown_name("visit", endpoint.at, visits, f"of endpoint {endpoint.name!r}")
    # "caregiver" stands for the first caregiver of every pool
    members = ("caregiver", "infant", *caregivers)
    if endpoint.member not in members:
        raise unknown_name("member", endpoint.member, members, f"of endpoint {endpoint.name!r}")
    if endpoint.what not in ("value", "remission") and visits[endpoint.at] <= visits["baseline"]:
        raise InputError(
            f"endpoint {endpoint.name!r}: expected a visit after the baseline; found"
            f" {endpoint.at!r}"
        )
