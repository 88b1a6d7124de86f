"""Post-contact CSAT and effort, delivery CSAT and the relationship survey: who is asked, who answers, with what."""

from dataclasses import dataclass

import numpy as np

from sample_data.commerce import CANCELLED, Orders
from sample_data.company import ABANDONED, DAY, END, HUMAN, TEAMS
from sample_data.people import Customers
from sample_data.truths import RESPONSE_BIAS, WORKING_INITIATIVE
from sample_data.world import Flags, Floats, Ints, World, lognormal

CSAT_EDGES = np.array([-1.25, -0.65, 0.0, 0.75])  # latent satisfaction between the scores 1|2|3|4|5
EFFORT_EDGES = np.array([-1.9, -1.4, -0.85, -0.2, 0.45, 1.1])  # latent satisfaction between the scores 1|2 ... 6|7
NPS_EDGES = np.array([-1.9, -1.65, -1.4, -1.15, -0.9, -0.55, -0.2, 0.15, 0.75, 1.35])  # 0|1 ... 9|10
NOISE = 0.8  # latent steps
EFFORT_SHARE = 0.45  # share of invitations that ask for effort, too
DELIVERY_SHARE = 0.08  # share of orders whose delivery is asked about
RELATIONSHIP_SHARE = 0.30  # share of customers asked in each relationship wave
WAVES = ((2023, 11), (2024, 5), (2024, 11), (2025, 5), (2025, 11), (2026, 5))
CARE_TEAMS = tuple(TEAMS.index(name) for name in (WORKING_INITIATIVE.team, WORKING_INITIATIVE.comparison))


@dataclass(frozen=True)
class Answers:
    """One entry per contact or order; times in seconds since 1970, -1 = not invited or not answered; score 0 = none."""

    invited: Ints
    answered: Ints
    csat: Ints  # 1-5
    effort: Ints  # 1-7, meaningful where asked_effort
    asked_effort: Flags


@dataclass(frozen=True)
class Relationship:
    """One entry per answer to the relationship survey, by time; score 0-10."""

    customer: Ints
    started: Ints
    finished: Ints
    score: Ints


def response_rates(biased: Flags) -> Floats:
    """Chance of answering an invitation."""
    return np.where(biased, RESPONSE_BIAS.response_rate, RESPONSE_BIAS.response_rate_elsewhere)


def score(feeling: Floats, edges: Floats, rng: np.random.Generator, noise: float = NOISE) -> Ints:
    """Scores 0 .. len(edges) from latent satisfaction."""
    return np.searchsorted(edges, feeling + noise * rng.standard_normal(len(feeling)))


def ask_after_contacts(contacts: np.ndarray, customers: Customers, world: World) -> Answers:
    """Invitations to about 30 % of contacts; the two Care teams ask more, bots less, after abandonment half."""
    rng = world.stream("asked")
    seat, contacts = contacts["seat"], contacts[np.argsort(contacts["seat"])]
    chance = np.where(np.isin(contacts["team"], CARE_TEAMS), 0.58, 0.28)
    chance = np.where(contacts["handled"] == HUMAN, chance, 0.22) * np.where(contacts["outcome"] == ABANDONED, 0.5, 1.0)
    asked = (rng.random(len(contacts)) < chance) & (contacts["ended"] > 0) & ~contacts["by_company"]
    given = _answers(contacts["ended"] + 3600, asked, contacts["feeling"], customers.biased[contacts["customer"]], rng)
    return Answers(
        given.invited[seat], given.answered[seat], given.csat[seat], given.effort[seat], given.asked_effort[seat]
    )


def ask_after_orders(orders: Orders, customers: Customers, world: World) -> Answers:
    """Invitations a day after delivery; late deliveries are liked less."""
    rng = world.stream("delivery survey")
    asked = (rng.random(len(orders.customer)) < DELIVERY_SHARE) & (orders.delivered > 0) & (orders.state != CANCELLED)
    days_late = np.maximum(orders.delivered - orders.promised, 0) / DAY
    biased = customers.biased[orders.customer]
    feeling = (
        1.0 + customers.trait[orders.customer] - 0.45 * np.sqrt(days_late) + np.where(biased, RESPONSE_BIAS.lift, 0.0)
    )
    return _answers(orders.delivered + DAY, asked, feeling, biased, rng)


def _answers(invited: Ints, asked: Flags, feeling: Floats, biased: Flags, rng: np.random.Generator) -> Answers:
    """Answers of those invited before the end of the data; the two scores share the feeling, not the noise."""
    count = len(invited)
    asked = asked & (invited < END)
    answered = (
        invited
        + np.minimum(lognormal(rng, 6.0, 1.2, count), 400).astype(np.int64) * 3600
        + rng.integers(60, 3600, count)
    )
    answers = asked & (rng.random(count) < response_rates(biased)) & (answered < END)
    return Answers(
        invited=np.where(asked, invited, -1),
        answered=np.where(answers, answered, -1),
        csat=np.where(answers, score(feeling, CSAT_EDGES, rng) + 1, 0),
        effort=np.where(answers, score(feeling, EFFORT_EDGES, rng) + 1, 0),
        asked_effort=asked & (rng.random(count) < EFFORT_SHARE),
    )


def ask_for_relationship(contacts: np.ndarray, customers: Customers, world: World) -> Relationship:
    """Twice a year NPS: the customer's lasting trait and the contacts of the twelve months before."""
    rng = world.stream("relationship survey")
    parts = []
    for year, month in WAVES:
        opens = int(np.datetime64(f"{year}-{month:02d}-06", "s").astype(np.int64))
        asked = (rng.random(len(customers.trait)) < RELATIONSHIP_SHARE) & (customers.signed_up < opens)
        who = np.flatnonzero(asked & (rng.random(len(asked)) < response_rates(customers.biased)))
        recent = contacts[(contacts["at"] < opens) & (contacts["at"] > opens - 365 * DAY)]
        total = np.bincount(recent["customer"], weights=recent["feeling"], minlength=len(asked))
        seen = np.bincount(recent["customer"], minlength=len(asked))
        lately = total / np.maximum(seen, 1) - np.where(seen > 0, 0.75, 0.0)
        feeling = 0.45 + 0.5 * customers.trait + 0.7 * lately + np.where(customers.biased, RESPONSE_BIAS.lift / 2, 0.0)
        started = opens + (rng.random(len(who)) ** 2 * 21 * DAY).astype(np.int64)
        order = np.argsort(started, kind="stable")
        duration = lognormal(rng, 95.0, 0.6, len(who)).astype(np.int64) + 10
        given = score(feeling[who], NPS_EDGES, rng, 0.7)
        parts.append((who[order], started[order], (started + duration)[order], given[order]))
    return Relationship(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
