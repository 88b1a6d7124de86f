"""How a team's work reaches customers, in sentences: the answer first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.line_of_sight_figures import OWNS
from cx_metrics.analyses.line_of_sight_reach import Sight
from cx_metrics.metrics.change import Change, moved
from cx_metrics.scope import NOT_GIVEN
from cx_metrics.wording import amount, interval, is_missing, listing

_NAMED = 3  # touchpoints and teams that a sentence names
UNITS = {"friction": "friction", "csat": "satisfaction (CSAT)"}


def sentences(known: Mapping[str, Sight], tables: Mapping[str, pd.DataFrame], team: str) -> tuple[str, ...]:
    """tables: as `line_of_sight` gives them. known: every team's line of sight. team: "" = all of them."""
    if not known:
        return ("No contact names a team and no touchpoint has an owner, so no line of sight is known.",)
    last = _nobody(tables["unowned"])
    if not team:
        return (_overall(known), *_standing_out(tables), *last)
    row = tables["teams"][tables["teams"]["team"] == team].to_dict("records")[0]
    company = _company(tables)
    first = _first(row, known[team], tables, company)
    return (first, *_satisfied(row, company), *_trend(row), *_hours(row), *_most(tables["reach"]), *last)


def _company(tables: Mapping[str, pd.DataFrame]) -> dict[str, float]:
    """Figure -> the company's value."""
    return dict(zip(tables["company"]["figure"], tables["company"]["value"], strict=True))


def _some(names: list[str]) -> str:
    rest = len(names) - _NAMED
    return listing([*names[:_NAMED], *([f"{rest} others"] if rest > 1 else names[_NAMED:])])


def _count(value: float, words: str) -> str:
    """A count in words; one that is hidden is fewer than 5. words: in the plural, customers or contacts."""
    number = "fewer than 5" if is_missing(value) else f"{value:,.0f}"
    return f"{number} {words.removesuffix('s') if value == 1 else words}"


def _overall(known: Mapping[str, Sight]) -> str:
    """How many teams are how far."""
    far = [sight.hops for sight in known.values()]
    parts = [
        f"{far.count(0)} talk to customers themselves",
        f"{far.count(1)} own what customers meet with another team",
    ]
    if far.count(2):
        parts.append(f"{far.count(2)} share a touchpoint with such a team")
    if far.count(None):
        parts.append(f"of {far.count(None)} no line of sight is known")
    return f"Of {len(far)} {'team' if len(far) == 1 else 'teams'} {listing(parts)}."


def _standing_out(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Teams with clearly more friction at what they own, or clearly less satisfaction, than the company."""
    company = _company(tables)
    said = []
    for name, end, words in (("friction", "low", "more friction"), ("csat", "high", "lower satisfaction")):
        value = company.get(name)
        if value is None or is_missing(value):
            continue
        own = tables["teams"][(tables["teams"][f"{name}_n"] >= RANKED) & tables["teams"][name].notna()]
        beyond = own[own[f"{name}_{end}"] > value] if end == "low" else own[own[f"{name}_{end}"] < value]
        beyond = beyond.sort_values(name, ascending=end == "high", kind="stable").head(_NAMED)
        told = [f"{row['team']} ({amount(row[name], '%')}, n = {row[f'{name}_n']:,.0f})"
                for row in beyond.to_dict("records")]  # fmt: skip
        if told:
            said.append(f"Clearly {words} than the company ({amount(value, '%')}): {listing(told)}.")
    return said


def _first(row: Mapping[Any, Any], sight: Sight, tables: Mapping[str, pd.DataFrame], company: dict[str, float]) -> str:
    team, owned = row["team"], _some(_by_size(sight, tables["reach"]))
    if sight.hops is None:
        what = f"What it owns ({owned}) met no customer in the period." if owned else "It owns no touchpoint."
        return f"No line of sight from {team} to customers is known. {what} A row in touchpoint_owners adds one."
    if sight.hops == 2:
        return (f"{team} is 2 hops away from customers: it shares {owned}, which no customer used in the period, with "
                f"{_some(list(sight.through))}.")  # fmt: skip
    customers = _count(row["customers"], "customers")
    if row["basis"] == OWNS:
        met = f"{team} or what it owns" if sight.hops == 0 else f"what {team} owns"
        place = f"{customers} met {met} ({owned})"
    else:
        place = f"{customers} met {team}"
    by = f", through {_some(list(sight.through))}" if sight.through else ""
    far = f"1 hop away{by}" if sight.hops else "0 hops away: it talks to customers itself"
    also = f", and at what it owns so do {_some(list(sight.through))}" if not sight.hops and sight.through else ""
    return f"In the period {place}, {far}{also}; {_behind(row, company)}."


def _by_size(sight: Sight, reach: pd.DataFrame) -> list[str]:
    """Its touchpoints, those with the most contacts first."""
    met = reach[reach["way"] == OWNS].groupby("touchpoint")["n"].sum().to_dict()
    return sorted(sight.owned, key=lambda name: (-met.get(name, 0.0), name))


def _behind(row: Mapping[Any, Any], company: dict[str, float]) -> str:
    """The contacts and hours behind a team's work, and how much friction they had."""
    contacts = _count(row["contacts"], "contacts")
    where = "at its touchpoints" if row["basis"] == OWNS else "that it handled"
    told = not is_missing(row["hours"]) and row["told"] > 0
    hours = f"took {row['hours']:,.0f} contact hours" if told else "have no known handling time"
    said = f"the {contacts} {where} {hours}"
    if is_missing(row["friction"]):
        return f"{said}; too few of them can be judged for a share with friction"
    about = f"{interval(row['friction_low'], row['friction_high'], '%')}, n = {row['friction_n']:,.0f}"
    whole = company.get("friction")
    against = "" if whole is None or is_missing(whole) else f"; company {amount(whole, '%')}"
    return f"{said}, {amount(row['friction'], '%')} of them had friction ({about}{against})"


def _satisfied(row: Mapping[Any, Any], company: dict[str, float]) -> list[str]:
    if is_missing(row["csat"]):
        return ["There are too few answers for a satisfaction of its own."]
    about = f"{interval(row['csat_low'], row['csat_high'], '%')}, n = {row['csat_n']:,.0f}"
    whole = company.get("csat")
    against = "" if whole is None or is_missing(whole) else f"; company {amount(whole, '%')}"
    few = ", too few to compare" if row["csat_n"] < RANKED else ""
    return [f"{amount(row['csat'], '%')} of the answers there were satisfied ({about}{against}){few}."]


def _trend(row: Mapping[Any, Any]) -> list[str]:
    """Against the comparison period, where there is one."""
    said = []
    for name, words in UNITS.items():
        value, low, high = (row[f"{name}_change{end}"] for end in ("", "_low", "_high"))
        if row[f"{name}_n"] >= RANKED and not is_missing(value):
            said.append(f"{words} {moved(Change(value, low, high, relative=False), '%')}")
    return [f"Against the comparison period: {'; '.join(said)}."] if said else []


def _hours(row: Mapping[Any, Any]) -> list[str]:
    """Of which repeat contacts, and with friction; and how many contacts have no handling time."""
    if is_missing(row["hours"]) or not row["told"]:
        return []
    missing = row["contacts"] - row["told"]
    left = f" {missing:,.0f} contacts have no handling time and add nothing." if missing else ""
    return [
        f"Of {row['hours']:,.0f} contact hours ({row['hours_low']:,.0f} to {row['hours_high']:,.0f}, n = "
        f"{row['told']:,.0f}) {row['friction_hours']:,.0f} went into contacts with friction and "
        f"{row['repeat_hours']:,.0f} into repeat contacts; a contact can be both.{left}"
    ]


def _most(reach: pd.DataFrame) -> list[str]:
    """Where most of the friction is."""
    own = reach[reach["way"] == OWNS]
    sums = (own if len(own) else reach).groupby("touchpoint")[["n", "friction"]].sum()
    sums = sums[(sums["n"] >= RANKED) & (sums["friction"] > 0)].sort_values("friction", ascending=False, kind="stable")
    if sums.empty:
        return []
    name = str(sums.index[0])
    first = f"contacts at {name}" if name != NOT_GIVEN else "contacts without a touchpoint"
    return [f"Most of the friction: {sums['friction'].iloc[0]:,.0f} {first} (n = {sums['n'].iloc[0]:,.0f})."]


def _nobody(unowned: pd.DataFrame) -> list[str]:
    known = unowned[unowned["friction"] > 0]
    if known.empty:
        return []
    row = known.iloc[0]
    where = f"at {row['touchpoint']}"
    if row["touchpoint"] == NOT_GIVEN:
        where = f"without a touchpoint (stage {row['stage']}, channel {row['channel']})"
    return [
        f"Friction that nobody owns: {known['friction'].sum():,.0f} contacts with friction, "
        f"{known['hours'].sum():,.0f} contact hours; the most of it {where}, {row['friction']:,.0f} of "
        f"{row['n']:,.0f} contacts."
    ]
