"""Customers and agents."""

from dataclasses import dataclass

import numpy as np

from sample_data.company import (
    COUNTRIES,
    COUNTRY_SHARES,
    DAY,
    END,
    REGION_SHARES,
    REGIONS,
    SEGMENT_SHARES,
    SEGMENTS,
    START,
    TEAMS,
)
from sample_data.names import ENGLISH, GERMAN, POLISH, POOLS, ascii_name
from sample_data.truths import RESPONSE_BIAS
from sample_data.world import Flags, Floats, Ints, World, draw

MAILBOXES = ("example.com", "example.org", "example.net")
CALLING_CODES = {"DE": "49", "AT": "43", "IE": "353", "NL": "31", "PT": "351", "PL": "48"}


@dataclass(frozen=True)
class Customers:
    """One entry per customer, in the order of signing up; positions are the keys inside the generator."""

    ids: list[str]
    first: list[str]
    last: list[str]
    email: list[str]
    phone: list[str]
    segment: Ints
    region: Ints
    country: Ints
    birth_year: Ints
    signed_up: Ints  # seconds since 1970
    trait: Floats  # lasting satisfaction, latent steps
    activity: Floats  # how often this customer gets in touch, mean about 1.4
    biased: Flags  # lives in the region of the response bias
    plan_start: Ints  # start of the care plan in seconds since 1970, END = never had one


@dataclass(frozen=True)
class Agents:
    """One entry per agent, grouped by team; agents of team t are first[t] .. first[t] + size[t] - 1."""

    ids: list[str]
    names: list[str]
    given: list[str]
    email: list[str]
    team: Ints
    start: Ints
    size: Ints
    skill: Floats  # lasting effect on satisfaction, latent steps


def make_customers(count: int, world: World) -> Customers:
    """`count` customers, 45 % of whom were there before the data begins."""
    rng = world.stream("customers")
    early = START - 1_200 * DAY
    known = rng.random(count) < 0.45
    signed_up = np.where(
        known, early + rng.random(count) * (START - early), START + rng.random(count) * (END - 15 * DAY - START)
    )
    country = draw(rng, COUNTRY_SHARES, count)
    region = draw(rng, REGION_SHARES, count)
    segment = draw(rng, SEGMENT_SHARES, count)
    signed_up = np.sort(signed_up.astype(np.int64))
    takes_plan = rng.random(count) < np.where(segment == SEGMENTS.index("premium"), 0.55, 0.36)
    plan_start = np.where(takes_plan, np.minimum(signed_up + rng.integers(1, 60 * DAY, count), END), END)
    first, last, email, phone = _names_and_addresses(country, rng.integers(0, 1 << 30, size=(count, 4)))
    return Customers(
        ids=[f"C-{number:06d}" for number in range(1, count + 1)],
        first=first,
        last=last,
        email=email,
        phone=phone,
        segment=segment,
        region=region,
        country=country,
        birth_year=np.clip(np.rint(1979 + 13 * rng.standard_normal(count)), 1938, 2006).astype(np.int64),
        signed_up=signed_up,
        trait=0.45 * rng.standard_normal(count),
        activity=np.minimum(rng.standard_gamma(1.2, count), 5.0) + 0.2,
        biased=(region == REGIONS.index(RESPONSE_BIAS.region)) & world.has("response_bias"),
        plan_start=plan_start,
    )


def _names_and_addresses(country: Ints, picks: Ints) -> tuple[list[str], list[str], list[str], list[str]]:
    """Given names, family names, e-mail addresses and phone numbers, from four random numbers per customer."""
    first, last, email, phone = [], [], [], []
    for number, (place, pick) in enumerate(zip(country.tolist(), picks.tolist(), strict=True), start=1):
        given_pool, family_pool = POOLS[COUNTRIES[place]]
        given, family = given_pool[pick[0] % len(given_pool)], family_pool[pick[1] % len(family_pool)]
        first.append(given)
        last.append(family)
        email.append(f"{ascii_name(given)}.{ascii_name(family)}{number}@{MAILBOXES[pick[2] % 3]}")
        phone.append(f"+{CALLING_CODES[COUNTRIES[place]]} 555 {pick[3] % 10_000_000:07d}")
    return first, last, email, phone


def make_agents(contacts: int, world: World) -> Agents:
    """About one agent per 1,650 contacts, at least four in each team."""
    rng = world.stream("agents")
    size = np.full(len(TEAMS), max(4, round(contacts / 1_650 / len(TEAMS))))
    total = int(size.sum())
    given_pool, family_pool = (
        english + german + polish for english, german, polish in zip(ENGLISH, GERMAN, POLISH, strict=True)
    )
    picks = rng.integers(0, 1 << 30, size=(total, 2)).tolist()
    given = [given_pool[pick[0] % len(given_pool)] for pick in picks]
    family = [family_pool[pick[1] % len(family_pool)] for pick in picks]
    return Agents(
        ids=[f"A-{number:03d}" for number in range(1, total + 1)],
        names=[f"{a} {b}" for a, b in zip(given, family, strict=True)],
        given=given,
        email=[
            f"{ascii_name(a)}.{ascii_name(b)}.{number}@nordlicht.example"
            for number, (a, b) in enumerate(zip(given, family, strict=True), start=1)
        ],
        team=np.repeat(np.arange(len(TEAMS)), size),
        start=np.cumsum(size) - size,
        size=size,
        skill=0.1 * rng.standard_normal(total),
    )
