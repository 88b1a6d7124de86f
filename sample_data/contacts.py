"""Who gets in touch when and about what; unsolved matters come back as further contacts of the same case."""

from dataclasses import replace

import numpy as np

from sample_data.commerce import Orders, month_of
from sample_data.company import (
    ABANDONED,
    CHANNELS,
    CHAT,
    DAY,
    END,
    HOUR_WEIGHTS,
    LATE_DELIVERY,
    MONTH_WEIGHTS,
    NEW_STAGE_SHARES,
    OUTAGE,
    PHONE,
    REASON_NAMES,
    REASON_STAGE,
    REASONS,
    STAGE_SHARES,
    STAGES,
    START,
    STORE,
    STORE_REASONS,
    TOUCHPOINTS,
    WEEKDAY_WEIGHTS,
    seconds_at,
)
from sample_data.handling import CONTACT, dead_end, promised_callback, sent_around, serve
from sample_data.people import Agents, Customers
from sample_data.truths import BOT_DEAD_END, MIX_SHIFT, REFUND_LOOP, WORKING_INITIATIVE
from sample_data.world import Floats, Ints, World, draw, lognormal

ROUNDS = 5  # a case has at most this many contacts
RETURN_SHARES = (0.08, 0.52, 0.55, 0.30)  # by outcome: share that comes back on the same matter
CHECKOUT = REASON_NAMES.index("checkout problem")
GET_HELP = STAGES.index(REFUND_LOOP.detour)


def make_contacts(count: int, customers: Customers, agents: Agents, orders: Orders, world: World) -> np.ndarray:
    """`count` contacts as CONTACT rows, by time, with cases numbered in the order of their first contact.

    The company is drawn as it is without the refund loop, and the loop's cases then anew on their own, so that nothing
    else changes with them but the last few cases, which leave to make room.
    """
    rng = world.stream("contacts")
    usual = replace(world, without=world.without | {"refund_loop"})
    first = _first_contacts(int(count * 0.95) + 5, customers, orders, usual, rng)
    contacts = _cases(first, customers, agents, orders, usual, rng)
    contacts["seat"][_by_time(contacts[:count])] = np.arange(count)
    looping = contacts[sent_around(contacts, world) & (contacts["depth"] == 0)]
    if len(looping):
        others = contacts[~np.isin(contacts["case"], looping["case"])]
        again = _cases(looping, customers, agents, orders, world, world.stream("refund_loop"))
        contacts = _by_case(np.concatenate([others, again]))
    contacts = contacts[:count]  # the last case may lose its later contacts
    newcomers = contacts["seat"] < 0
    contacts["seat"][newcomers] = np.setdiff1d(np.arange(count), contacts["seat"])
    contacts = contacts[_by_time(contacts)]
    _, first_seen, inverse = np.unique(contacts["case"], return_index=True, return_inverse=True)
    contacts["case"] = np.argsort(np.argsort(first_seen))[inverse] + 1
    return contacts


def _cases(
    rows: np.ndarray, customers: Customers, agents: Agents, orders: Orders, world: World, rng: np.random.Generator
) -> np.ndarray:
    """The whole cases that begin with `rows`, by case: these contacts served, and all that follow them."""
    rounds = [serve(rows, customers, agents, orders, world, rng)]
    for _ in range(ROUNDS - 1):
        rounds.append(serve(_coming_back(rounds[-1], world, rng), customers, agents, orders, world, rng))
    return _by_case(np.concatenate(rounds))


def _by_case(contacts: np.ndarray) -> np.ndarray:
    """The contacts by case and, within it, in their order."""
    return contacts[np.lexsort((contacts["depth"], contacts["case"]))]


def _by_time(contacts: np.ndarray) -> Ints:
    """The positions of the contacts in the order of their times."""
    return np.lexsort((contacts["depth"], contacts["case"], contacts["at"]))


def contact_times(count: int, rng: np.random.Generator) -> Ints:
    """Times with growth, seasons, weekdays, hours of the day and one checkout outage (seconds since 1970)."""
    days = np.arange((END - START) // DAY)
    midnights = START + days * DAY
    weights = (
        (1 + 0.6 * days / len(days)) * WEEKDAY_WEIGHTS[(midnights // DAY + 3) % 7] * MONTH_WEIGHTS[month_of(midnights)]
    )
    weights[(midnights >= OUTAGE) & (midnights < OUTAGE + 2 * DAY)] *= 1.5
    hours = draw(rng, HOUR_WEIGHTS, count)
    return START + draw(rng, weights, count) * DAY + hours * 3600 + rng.integers(0, 3600, count)


def _first_contacts(
    count: int, customers: Customers, orders: Orders, world: World, rng: np.random.Generator
) -> np.ndarray:
    """First contacts of `count` cases, in no order of time."""
    rows = np.zeros(count, CONTACT)
    rows["case"] = np.arange(count)
    rows["at"] = contact_times(count, rng)
    rows["order"] = rows["seat"] = -1
    rows["customer"] = _customers_of(rows["at"], customers.signed_up, customers.activity, rng)
    tenure = rows["at"] - customers.signed_up[rows["customer"]]
    stage = np.where(tenure < 45 * DAY, draw(rng, NEW_STAGE_SHARES, count), draw(rng, STAGE_SHARES, count))
    rows["reason"] = _reasons(stage, rng)
    of_plan = np.flatnonzero(
        np.isin(rows["reason"], [REASON_NAMES.index(r.name) for r in REASONS if r.team == "Loyalty"])
    )
    owners = customers.activity * (customers.plan_start < END)
    rows["customer"][of_plan] = _customers_of(rows["at"][of_plan] - 60 * DAY, customers.signed_up, owners, rng)
    outage = (rows["at"] >= OUTAGE) & (rows["at"] < OUTAGE + 2 * DAY) & (rng.random(count) < 0.3)
    rows["reason"][outage] = CHECKOUT
    _about_late_orders(rows, orders, rng)
    rows["channel"] = _channels(rows["at"], world, rng)
    in_store = np.flatnonzero((rows["channel"] == STORE) & (rows["reason"] != LATE_DELIVERY))
    walk_ins = np.array([REASON_NAMES.index(name) for name in STORE_REASONS])
    rows["reason"][in_store] = walk_ins[draw(rng, (0.4, 0.25, 0.35), len(in_store))]
    rows["stage"] = REASON_STAGE[rows["reason"]]
    rows["touchpoint"] = _touchpoints(rows["reason"], rng)
    return rows


def _customers_of(at: Ints, signed_up: Ints, weight: Floats, rng: np.random.Generator) -> Ints:
    """A customer for each time among those signed up by then, drawn by `weight`."""
    reach = np.cumsum(weight)
    known = np.maximum(np.searchsorted(signed_up, at), len(signed_up) // 50 + 1)
    return np.searchsorted(reach, rng.random(len(at)) * reach[known - 1])


def _reasons(stage: Ints, rng: np.random.Generator) -> Ints:
    """A reason of each contact's stage, by the reasons' shares within it."""
    reasons = np.zeros(len(stage), np.int64)
    for position, name in enumerate(STAGES):
        members = np.flatnonzero(stage == position)
        choices = [index for index, reason in enumerate(REASONS) if reason.stage == name]
        picked = draw(rng, [REASONS[index].share for index in choices], len(members))
        reasons[members] = np.array(choices)[picked]
    return reasons


def _touchpoints(reason: Ints, rng: np.random.Generator) -> Ints:
    """One of the touchpoints of each contact's reason, the first named most often."""
    table = np.array(
        [[TOUCHPOINTS.index(r.touchpoints[min(i, len(r.touchpoints) - 1)]) for i in range(3)] for r in REASONS]
    )
    return table[reason, draw(rng, (0.55, 0.3, 0.15), len(reason))]


def _about_late_orders(rows: np.ndarray, orders: Orders, rng: np.random.Generator) -> None:
    """Give late-delivery contacts a really late order each, its customer and a time soon after the broken promise."""
    late = np.flatnonzero(orders.late() & (orders.promised + 4 * DAY < END) & (orders.promised > START))
    late = rng.permutation(late)[: int(0.8 * len(late))]
    asking = np.flatnonzero(rows["reason"] == LATE_DELIVERY)[: len(late)]
    late = late[: len(asking)]
    rows["order"][asking] = late
    rows["customer"][asking] = orders.customer[late]
    hours = draw(rng, HOUR_WEIGHTS, len(late)) * 3600 + rng.integers(0, 3600, len(late))
    rows["at"][asking] = (orders.promised[late] // DAY + draw(rng, (0.0, 5, 3, 1), len(late))) * DAY + hours


def _channels(at: Ints, world: World, rng: np.random.Generator) -> Ints:
    """Channel of each contact; chat takes its current share, the others keep their proportions."""
    grown = np.clip((at - seconds_at(MIX_SHIFT.start)) / (MIX_SHIFT.ramp_days * DAY), 0, 1) * world.has("mix_shift")
    chat_share = MIX_SHIFT.share_before + (MIX_SHIFT.share_after - MIX_SHIFT.share_before) * grown
    others = np.array([0.0 if channel.name == MIX_SHIFT.channel else channel.share for channel in CHANNELS])
    return np.where(rng.random(len(at)) < chat_share, CHAT, draw(rng, others, len(at)))


def _return_chances(rows: np.ndarray, world: World) -> Floats:
    """Chance of each contact to be followed by another one on the same matter."""
    chance = np.append(RETURN_SHARES, 0.0)[rows["outcome"]]  # outcome -1: still open
    chance *= 0.8 ** rows["depth"] * np.where(rows["by_company"], 0.4, 1.0)
    chance[promised_callback(rows, world)] *= WORKING_INITIATIVE.repeat_factor
    around = sent_around(rows, world)
    chance[around] = np.minimum(chance[around] * REFUND_LOOP.return_factor, REFUND_LOOP.return_limit)
    failed_bot = dead_end(rows, world) & (rows["outcome"] > 0)
    chance[failed_bot] = BOT_DEAD_END.return_share
    return chance


def _coming_back(rows: np.ndarray, world: World, rng: np.random.Generator) -> np.ndarray:
    """The next contacts of the cases that come back, days later, partly on another channel."""
    back = rng.random(len(rows)) < _return_chances(rows, world)
    lag = np.minimum(lognormal(rng, 30.0, 0.9, len(rows)) * 3600, 13 * DAY).astype(np.int64) + 600
    at = rows["ended"] + lag
    hour = draw(rng, HOUR_WEIGHTS, len(rows)) * 3600 + at % 3600
    by_day = at // DAY * DAY + hour
    at = np.where(by_day > rows["ended"] + 600, by_day, at)
    before, at = rows[back & (at < END)], at[back & (at < END)]
    after = np.zeros(len(before), CONTACT)
    for name in ("customer", "case", "reason", "touchpoint", "order"):
        after[name] = before[name]
    after["at"] = at
    after["seat"] = -1
    after["depth"] = before["depth"] + 1
    after["after_bot"] = before["handled"] == 1
    same_channel = rng.random(len(after)) < np.where((before["outcome"] == ABANDONED) | after["after_bot"], 0.3, 0.6)
    after["channel"] = np.where(same_channel, before["channel"], _channels(at, world, rng))
    failed_bot = dead_end(before, world) & (before["outcome"] > 0) & (rng.random(len(after)) < BOT_DEAD_END.phone_share)
    after["channel"][failed_bot] = PHONE
    after["stage"] = np.where(
        rng.random(len(after)) < _detour_shares(before, world), GET_HELP, REASON_STAGE[after["reason"]]
    )
    return after


def _detour_shares(before: np.ndarray, world: World) -> Floats:
    """Chance of each comeback, by the contact before it, to be in stage get help instead of its reason's stage."""
    around = sent_around(before, world)
    shares = np.where(around, REFUND_LOOP.detour_share, REFUND_LOOP.detour_share_elsewhere)
    return np.where(around & (before["stage"] == GET_HELP), 1 - REFUND_LOOP.back_share, shares)
