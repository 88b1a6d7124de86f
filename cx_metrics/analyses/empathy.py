"""How empathetic are our replies, how far can the figures be trusted, and does it go with satisfaction?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from cx_metrics.analyses.analysis import Analysis
from cx_metrics.analyses.cells import RANKED
from cx_metrics.analyses.empathy_association import ADJUSTED, BACK, CSAT_OF, STRATA, association
from cx_metrics.analyses.empathy_course import course, course_in_words
from cx_metrics.analyses.empathy_kinds import ALL, JUDGED, NO_RULES, RECOVERY, STRONG, coverage, kinds
from cx_metrics.analyses.empathy_labels import FEWEST, SURE_KAPPA, SURE_N, Label, agreement
from cx_metrics.scope import Scope
from cx_metrics.warehouse import Warehouse
from cx_metrics.wording import amount, interval, is_missing, listing

Row = dict[Any, Any]
_EMPATHY = {
    "empathy_emotional": "acknowledge the feeling", "empathy_compassionate": "act for the customer",
    "empathy_cognitive": "show that they understand the case",
}  # fmt: skip
_GOES = {CSAT_OF: "satisfied customers", BACK: "customers who came back"}


def empathy(warehouse: Warehouse, labels: tuple[Label, ...], scope: Scope) -> Analysis:
    """How we answer, in a scope whose period is set. labels: what people said of replies (see `empathy_labels`).

    Tables: kinds and coverage (see `empathy_kinds`), agreement (`empathy_labels`), association, course
    (`empathy_course`).
    """
    tables = {
        "kinds": kinds(warehouse, scope), "agreement": agreement(warehouse, labels),
        "association": association(warehouse, scope), "coverage": coverage(warehouse, scope),
        "course": course(warehouse, scope),
    }  # fmt: skip
    sure = dict(zip(tables["agreement"]["kind"], tables["agreement"]["sure"], strict=True))
    found = tables["kinds"]
    total = {row["figure"]: row for row in found[found["by"] == ALL].to_dict("records")}
    said = (
        _shown(total, sure), *_upset(total), *_teams(found), *_scripted(total), *recovered(tables),
        *together(tables["association"]), *trust(tables),
    )  # fmt: skip
    return Analysis("empathy", scope, tables, said, _assumptions(scope))


def _figure(row: Row) -> str:
    return f"{amount(row['value'], '%')} ({interval(row['low'], row['high'], '%')})"


def _shown(total: dict[str, Row], sure: dict[str, bool]) -> str:
    known = {name: words for name, words in _EMPATHY.items() if not is_missing(total[name]["value"])}
    if not known:
        return "There are too few replies that could be judged to say how empathetic they are."
    n = amount(max(total[name]["n"] for name in known), "count")
    parts = [
        f"{words} in {_figure(total[name])}, strongly in {amount(total[name + STRONG]['value'], '%')}"
        + ("" if sure[name.removeprefix("empathy_")] or name != "empathy_cognitive" else " (indicative only)")
        for name, words in known.items()
    ]
    return f"In {n} answered contacts, our replies {'; '.join(parts)}."


def _upset(total: dict[str, Row]) -> list[str]:
    met = total["empathy_when_upset"]
    if is_missing(met["value"]):
        return []
    return [f"Where the customer was upset, replies acknowledge the feeling in {_figure(met)}, "
            f"n = {amount(met['n'], 'count')}."]  # fmt: skip


def recovered(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Whether upset customers left in a better mood, and how the mood goes by outcome. tables: as `empathy` gives."""
    kinds = tables["kinds"]
    (left,) = kinds[(kinds["by"] == ALL) & (kinds["figure"] == RECOVERY)].to_dict("records")
    known = not is_missing(left["value"])
    said = f"{_figure(left)} of upset customers who wrote on left in a better mood, n = {amount(left['n'], 'count')}."
    return [said] * known + course_in_words(tables["course"])


def _teams(found: pd.DataFrame) -> list[str]:
    """Teams that are clearly apart, for feeling and for scripts. Of feeling only strong grades count: pasted apologies
    are weak ones, and a team that pastes is not to be called the most empathic."""
    said = []
    feeling = f"empathy_emotional{STRONG}"
    for figure, words in ((feeling, "strongly acknowledge the feeling"), ("scripted_share", "are scripted")):
        own = found[(found["by"] == "team") & (found["figure"] == figure) & (found["n"] >= RANKED)]
        own = own.dropna(subset="value").sort_values("value", kind="stable")
        if len(own) < 2:
            continue
        low, high = own.iloc[0].to_dict(), own.iloc[-1].to_dict()
        if low["high"] >= high["low"]:
            said.append(f"Teams do not differ clearly in how often their replies {words}.")
            continue
        said.append(f"Replies that {words} are most common in {high['group']}, {_figure(high)}, least in "
                    f"{low['group']}, {_figure(low)}.")  # fmt: skip
    return said


def _scripted(total: dict[str, Row]) -> list[str]:
    row = total["scripted_share"]
    if is_missing(row["value"]):
        return []
    return [f"{_figure(row)} of {amount(row['n'], 'count')} replies are scripted."]


def together(found: pd.DataFrame) -> list[str]:
    """What goes with satisfaction and with coming back, among like contacts. found: table association."""
    said = []
    for outcome, words in _GOES.items():
        rows = found[(found["outcome"] == outcome) & (found["comparison"] == ADJUSTED)].to_dict("records")
        known = [row for row in rows if not is_missing(row["difference"])
                 and min(row["n_shown"], row["n_not_shown"]) >= RANKED]  # fmt: skip
        if not known:
            said.append(f"Too few contacts with and without empathy to compare the share of {words}.")
            continue
        parts = [
            f"{row['kind']} {row['difference']:+.1f} points ({row['low']:+.1f} to {row['high']:+.1f})" for row in known
        ]
        clear = [row["kind"] for row in known if row["clear"]]
        verdict = f"clear for {listing(clear)}" if clear else "none of these differences is clear"
        said.append(f"Share of {words} where the reply shows the kind, less that of like contacts where it does not: "
                    f"{listing(parts)}; {verdict}. This is an association, not proof.")  # fmt: skip
    return said


def trust(tables: dict[str, pd.DataFrame]) -> list[str]:
    """Whether people agree with the rules, and how much these could judge. tables: as `empathy` gives."""
    return [*_agreed(tables["agreement"]), *_judged(tables["coverage"])]


def _agreed(found: pd.DataFrame) -> list[str]:
    known = found.dropna(subset="kappa")
    if known.empty:
        return [f"Whether people agree with the rules is not measured here yet: {int(found['n'].max())} replies are "
                f"labelled, {FEWEST} are needed (Labels page)."]  # fmt: skip
    parts = [
        f"{row['kind']} {row['kappa']:.2f} ({row['low']:.2f} to {row['high']:.2f}, {row['agreement']})"
        for row in known.to_dict("records")
    ]
    return [f"People and rules agree (kappa, n = {int(known['n'].max())}): {listing(parts)}."]


def _judged(found: pd.DataFrame) -> list[str]:
    rows = found.dropna(subset="share")
    if rows.empty:
        return []
    parts = {
        row["state"] + (f" {row['language']}" if row["state"] == NO_RULES else ""): row["share"]
        for row in rows.to_dict("records")
    }
    mine = parts.pop(JUDGED, 0.0)
    rest = listing([f"{amount(share, '%')} {words}" for words, share in list(parts.items())[:4]])
    return [f"{amount(mine, '%')} of agents' replies could be judged" + (f"; not: {rest}." if rest else ".")]


def _assumptions(scope: Scope) -> tuple[str, ...]:
    return (
        "Empathy is judged by rules from the words of the reply (cx_metrics/judges/empathy.toml, which a company may "
        "extend): that somebody feels it, no rule can see. A contact has the highest grade of its replies; weak and "
        "strong count, a rote apology is weak. Greetings, thanks and signatures count for nothing.",
        f"Cognitive empathy is hard to see in words: it is called indicative until {SURE_N} labelled replies agree "
        f"with the rules at a kappa of {SURE_KAPPA:g} or more. Kappa: linear weights (Cohen 1968), interval after "
        "Fleiss, Cohen and Everitt (1969), words after Landis and Koch (1977); the newest label of a reply counts. The "
        "interval does not hold what two people would disagree on.",
        f"Like contacts have the same {listing(list(STRATA[:-1]))}, and the customer's mood at the start is on the "
        f"same side of {scope.limits.sentiment:g}, or unknown; those without a like one are left out. The outcome is "
        "not adjusted for: it may be what empathy leads to, and adjusting would take that away.",
        "An association is no proof: easy matters leave more room for empathy, a kind customer gets kind words, and "
        "what was not recorded is not adjusted for. Contacts count as independent of each other; those of one agent or "
        "customer are not quite, so intervals are a little too narrow. Clear: below 0.05 after Holm over all six.",
        "The course of the mood: contacts in which the customer wrote twice or more, or whose mood came with the data. "
        f"A bad mood is below {scope.limits.sentiment:g}. How a contact ended is no proof of why the mood is as it is.",
        f"Came back: another contact on the same reason within {scope.limits.repeat_days:g} days. Satisfied: top two "
        "boxes of the answer about that contact; from those who answered.",
    )
