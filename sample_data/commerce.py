"""Orders and care-plan subscriptions, and what customers do with both after a bad contact."""

from dataclasses import dataclass

import numpy as np

from sample_data.company import (
    ABANDONED,
    CANCEL,
    DAY,
    END,
    MONTH_WEIGHTS,
    PRICE_CHANGE,
    REASONS,
    RESOLVED,
    START,
    UNRESOLVED,
)
from sample_data.people import Customers
from sample_data.world import Flags, Floats, Ints, World, draw, lognormal

DELIVERED, SHIPPED, CANCELLED, RETURNED = range(4)
ORDER_STATES = ("delivered", "shipped", "cancelled", "returned")
WALK_AWAY = 0.05  # share of contacts left unresolved after which the customer never buys again
CANCEL_SHARE = 0.75  # share of customers whose plan ends after a last, resolved cancellation contact
PLAN_REASONS = [position for position, reason in enumerate(REASONS) if reason.team == "Loyalty"]


@dataclass(frozen=True)
class Orders:
    """One entry per order, by time; times in seconds since 1970, -1 = not yet or never; amounts in EUR."""

    customer: Ints
    ordered: Ints
    promised: Ints
    delivered: Ints
    amount: Floats
    state: Ints

    def late(self) -> Flags:
        """Orders delivered after the promised time."""
        return self.delivered > self.promised

    def only(self, kept: Flags) -> "Orders":
        """The orders marked in `kept`."""
        return Orders(*(getattr(self, name)[kept] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Subscriptions:
    """One entry per care plan; times in seconds since 1970, ended -1 = still running; EUR a month."""

    customer: Ints
    started: Ints
    ended: Ints
    monthly: Floats


def order_id(position: int) -> str:
    """The order's number as customers see it."""
    return f"N-{10_001 + position}"


def month_of(times: Ints) -> Ints:
    """Calendar month of each time, 0 = January."""
    return times.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12


def make_orders(customers: Customers, world: World) -> Orders:
    """Each customer buys at an own pace until losing interest; new customers start with a first order."""
    rng = world.stream("orders")
    since = np.maximum(customers.signed_up, START)
    interest = np.minimum(END, since + rng.exponential(1_400, len(since)) * DAY).astype(np.int64)
    pace = rng.gamma(1.4, 1.6, len(since)) / 365  # orders a day
    repeats = rng.poisson(pace * (interest - since) / DAY)
    buyer = np.repeat(np.arange(len(since)), repeats)
    ordered = (since[buyer] + rng.random(len(buyer)) * (interest - since)[buyer]).astype(np.int64)
    kept = rng.random(len(buyer)) < MONTH_WEIGHTS[month_of(ordered)] / MONTH_WEIGHTS.max()
    newcomers = np.flatnonzero((customers.signed_up >= START) & (rng.random(len(since)) < 0.85))
    buyer = np.concatenate([buyer[kept], newcomers])
    ordered = np.concatenate([ordered[kept], customers.signed_up[newcomers] + rng.integers(600, DAY, len(newcomers))])
    inside = ordered < END
    order = np.lexsort((buyer[inside], ordered[inside]))
    return _fulfil(buyer[inside][order], ordered[inside][order], customers, rng)


def _fulfil(buyer: Ints, ordered: Ints, customers: Customers, rng: np.random.Generator) -> Orders:
    """Promise, delivery, amount and state of each order; about one in seven arrives late, more before Christmas."""
    count = len(buyer)
    promised = (ordered // DAY + rng.integers(3, 12, count)) * DAY + 18 * 3600
    late = rng.random(count) < 0.12 * np.where(month_of(ordered) >= 10, 1.6, 1.0)
    delay = np.where(late, lognormal(rng, 3.0, 0.6, count), -2 * rng.random(count)) * DAY
    delivered = np.maximum(promised + delay.astype(np.int64), ordered + 20 * 3600)
    state = draw(rng, (0.90, 0.0, 0.04, 0.06), count)
    state[(state != CANCELLED) & (delivered >= END)] = SHIPPED
    delivered[(state == CANCELLED) | (state == SHIPPED)] = -1
    value = np.array([170.0, 260.0, 420.0])[customers.segment[buyer]]
    return Orders(buyer, ordered, promised, delivered, np.round(lognormal(rng, value, 0.75, count), 2), state)


def leaving_times(contacts: np.ndarray, customers: Customers, world: World) -> Ints:
    """Per customer, the time of walking away after an unsolved contact, or END."""
    rng = world.stream("leaving")
    unsolved = (contacts["outcome"] == UNRESOLVED) | (contacts["outcome"] == ABANDONED)
    gone = unsolved & (rng.random(len(contacts))[contacts["seat"]] < WALK_AWAY)
    times = contacts["at"] + rng.integers(1, 40, len(contacts))[contacts["seat"]] * DAY
    leaving = np.full(len(customers.ids), END)
    np.minimum.at(leaving, contacts["customer"][gone], times[gone])
    return leaving


def drop_lost_orders(orders: Orders, contacts: np.ndarray, leaving: Ints) -> tuple[Orders, Ints]:
    """Orders without those after walking away (orders that a contact is about stay), and old -> new positions."""
    kept = orders.ordered < leaving[orders.customer]
    kept[contacts["order"][contacts["order"] >= 0]] = True
    return orders.only(kept), np.where(kept, np.cumsum(kept) - 1, -1)


def make_subscriptions(customers: Customers, contacts: np.ndarray, leaving: Ints, world: World) -> Subscriptions:
    """Care plans of about 40 % of customers; they end by themselves, on request, or after a bad contact."""
    rng = world.stream("subscriptions")
    count = len(customers.ids)
    started = customers.plan_start
    ended = started + (rng.exponential(1_900, count) * DAY * np.exp(0.3 * customers.trait)).astype(np.int64)
    about_plan = contacts[np.isin(contacts["reason"], PLAN_REASONS)]
    talked = np.zeros(count, np.int64)  # end of the last contact about the plan
    np.maximum.at(talked, about_plan["customer"], np.maximum(about_plan["ended"], about_plan["at"]))
    ended = np.maximum(ended, talked + rng.integers(20, 400, count) * DAY)
    ended = np.where((leaving > started) & (leaving > talked), np.minimum(ended, leaving), ended)
    asked = (about_plan["reason"] == CANCEL) & (about_plan["outcome"] == RESOLVED)
    last_word = about_plan[asked & (about_plan["ended"] == talked[about_plan["customer"]])]
    agreed = last_word[rng.random(len(last_word)) < CANCEL_SHARE]
    ended[agreed["customer"]] = np.maximum(agreed["ended"], started[agreed["customer"]]) + 7 * DAY
    monthly = np.where(started >= PRICE_CHANGE, 14.90, 12.90) + np.array([0.0, 10.0, 22.0])[customers.segment]
    running = started < END
    ended[ended >= END] = -1
    order = np.argsort(started[running], kind="stable")
    who = np.flatnonzero(running)[order]
    return Subscriptions(who, started[who], ended[who], monthly[who])
