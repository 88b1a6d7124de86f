"""How a contact is answered: by whom, how fast, how it ends and how satisfied it leaves the customer."""

import numpy as np

from sample_data.commerce import Orders, month_of
from sample_data.company import (
    ABANDONED,
    BOT,
    CHANNELS,
    CHAT,
    DAY,
    END,
    ESCALATED,
    HANDLERS,
    HUMAN,
    PHONE,
    REASON_NAMES,
    REASONS,
    RESOLVED,
    SELF_SERVICE,
    STAGES,
    STORE,
    TEAMS,
    seconds_at,
)
from sample_data.people import Agents, Customers
from sample_data.truths import BOT_DEAD_END, REFUND_LOOP, RESPONSE_BIAS, WORKING_INITIATIVE
from sample_data.world import Flags, Floats, Ints, World, draw, draw_by_row, lognormal

# One row per contact. customer, order, agent, reason ... are positions; times are seconds since 1970, durations
# seconds; -1 = none, not yet or not known. depth: contacts before this one in the case. after_bot: the one before it
# was with the bot. feeling: latent satisfaction of this contact, 0 = on the edge between score 3 and 4 of 5. seat: the
# place of this contact's numbers in whatever is drawn for all contacts; the same with and without the refund loop.
CONTACT = np.dtype(
    [
        (name, np.int64)
        for name in ("customer", "case", "depth", "at", "order", "ended", "promised", "wait", "handle", "seat")
    ]
    + [(name, np.int16) for name in ("reason", "stage", "touchpoint", "channel", "handled", "team", "agent")]
    + [(name, np.int8) for name in ("transfers", "reopens", "outcome")]
    + [("by_company", np.bool_), ("after_bot", np.bool_), ("feeling", np.float64)]
)

HUMAN_OUTCOMES = (0.81, 0.11, 0.02, 0.06)
SELF_OUTCOMES = (0.74, 0.10, 0.16, 0.0)
OUTCOME_FEELING = np.array([0.28, -0.75, -0.85, -0.55, 0.0])  # last: still open
BOT_FEELING = -0.25
FRONT_DESK, CARE_NORTH, CARE_SOUTH, DIGITAL, STORES = (
    TEAMS.index(name) for name in ("Front Desk", "Care North", "Care South", "Digital", "Stores")
)
ASYNCHRONOUS = np.array([channel.asynchronous for channel in CHANNELS])
TYPICAL_WAIT = np.array([channel.wait for channel in CHANNELS])


def dead_end(rows: np.ndarray, world: World) -> Flags:
    """Contacts that the bot of the truth `bot_dead_end` fails."""
    where = (rows["handled"] == BOT) & (rows["channel"] == CHAT) & (rows["stage"] == STAGES.index(BOT_DEAD_END.stage))
    return where & (rows["at"] >= seconds_at(BOT_DEAD_END.start)) & world.has("bot_dead_end")


def promised_callback(rows: np.ndarray, world: World) -> Flags:
    """Contacts under the initiative of the truth `working_initiative`."""
    where = (rows["handled"] == HUMAN) & (rows["team"] == TEAMS.index(WORKING_INITIATIVE.team))
    return where & (rows["at"] >= seconds_at(WORKING_INITIATIVE.start)) & world.has("working_initiative")


def sent_around(rows: np.ndarray, world: World) -> Flags:
    """Contacts that the truth `refund_loop` is about."""
    where = (rows["reason"] == REASON_NAMES.index(REFUND_LOOP.reason)) & (rows["channel"] != STORE)
    return where & (rows["at"] >= seconds_at(REFUND_LOOP.start)) & world.has("refund_loop")


def serve(
    rows: np.ndarray, customers: Customers, agents: Agents, orders: Orders, world: World, rng: np.random.Generator
) -> np.ndarray:
    """Fill in everything about `rows` that happens after the customer got in touch; returns the same array."""
    _who_answers(rows, agents, world, rng)
    _how_long(rows, world, rng)
    _how_it_ends(rows, orders, world, rng)
    _how_it_felt(rows, customers, agents, world, rng)
    rows["agent"][(rows["outcome"] == ABANDONED) | (rows["handled"] != HUMAN)] = -1
    rows["handle"][(rows["outcome"] == ABANDONED) & (rows["handled"] == HUMAN)] = 0
    return rows


def _who_answers(rows: np.ndarray, agents: Agents, world: World, rng: np.random.Generator) -> None:
    """Initiator, handler, team and agent."""
    count = len(rows)
    stage_renew = STAGES.index("renew")
    proactive = np.where(rows["stage"] == stage_renew, 0.3, 0.06) * (rows["depth"] == 0) * (rows["channel"] != STORE)
    rows["by_company"] = rng.random(count) < proactive
    bot = np.array([channel.bot for channel in CHANNELS])[rows["channel"]]
    alone = np.array([channel.self_service for channel in CHANNELS])[rows["channel"]]
    pick = rng.random(count)
    handled = np.where(pick < bot, BOT, np.where(pick < bot + alone, SELF_SERVICE, HUMAN))
    rows["handled"] = np.where(rows["by_company"], HUMAN, handled)
    care = np.where(rows["customer"] % 2 == 0, CARE_NORTH, CARE_SOUTH)
    usual = np.array([-1 if reason.team == "Care" else TEAMS.index(reason.team) for reason in REASONS])[rows["reason"]]
    team = np.where(usual < 0, care, usual)
    team[(rows["channel"] == PHONE) & rows["after_bot"]] = FRONT_DESK
    team[sent_around(rows, world)] = TEAMS.index(REFUND_LOOP.team)
    team[rows["channel"] == STORE] = STORES
    team[rows["handled"] != HUMAN] = DIGITAL
    rows["team"] = team
    rows["agent"] = agents.start[team] + (rng.random(count) * agents.size[team]).astype(np.int64)
    matter_of_care = np.isin(team, (CARE_NORTH, CARE_SOUTH))
    transfers = rng.poisson(np.where(matter_of_care, 0.22, 0.14), count)
    rows["transfers"] = np.where(rows["handled"] == HUMAN, np.minimum(transfers, 3), 0)


def _how_long(rows: np.ndarray, world: World, rng: np.random.Generator) -> None:
    """Wait and working time in seconds; queues are longer in November and December."""
    count = len(rows)
    human = rows["handled"] == HUMAN
    wait = lognormal(rng, TYPICAL_WAIT[rows["channel"]], 0.75, count)
    wait *= np.where(month_of(rows["at"]) >= 10, 1.3, 1.0)
    wait *= np.where(promised_callback(rows, world), WORKING_INITIATIVE.wait_factor, 1.0)
    rows["wait"] = np.where(
        human & ~rows["by_company"], wait, np.where(rows["handled"] == BOT, rng.integers(1, 4, count), 0)
    )
    handle = lognormal(rng, np.array([channel.handle for channel in CHANNELS])[rows["channel"]], 0.6, count)
    handle *= 1 + 0.35 * rows["transfers"]
    rows["handle"] = np.where(human, handle, 0.5 * handle)


def _outcome_shares(rows: np.ndarray, world: World) -> Floats:
    """Per contact the shares resolved, unresolved, abandoned, escalated (n x 4)."""
    by_handler = np.array([HUMAN_OUTCOMES, BOT_DEAD_END.usual_outcomes, SELF_OUTCOMES])
    assert len(by_handler) == len(HANDLERS)
    shares = by_handler[rows["handled"]]
    waiting = (rows["handled"] == HUMAN) & ~ASYNCHRONOUS[rows["channel"]]
    long_wait = waiting & (rows["wait"] > 2.5 * TYPICAL_WAIT[rows["channel"]])
    shares[long_wait] = shares[long_wait] * 0.8 + np.array([0, 0, 0.2, 0])
    shares[dead_end(rows, world)] = BOT_DEAD_END.outcomes
    return shares


def _how_it_ends(rows: np.ndarray, orders: Orders, world: World, rng: np.random.Generator) -> None:
    """Outcome, end, reopenings and promise; what would end after the data is still open (outcome and end -1)."""
    count = len(rows)
    rows["outcome"] = draw_by_row(rng, _outcome_shares(rows, world))
    by_letter = (rows["handled"] == HUMAN) & ASYNCHRONOUS[rows["channel"]]
    rows["reopens"] = np.where(by_letter & (rows["outcome"] != ABANDONED), draw(rng, (0.90, 0.08, 0.02), count), 0)
    longer = np.where(rows["outcome"] == ESCALATED, 3.0, 1.0) * (1 + rows["reopens"])
    days_open = np.where(by_letter, lognormal(rng, 0.7, 1.2, count) * longer, 0.0)
    callback = (rows["outcome"] == ESCALATED) & ~by_letter
    days_open = np.where(callback, lognormal(rng, 3.0, 1.0, count), days_open)
    ended = rows["at"] + rows["wait"] + rows["handle"] + (days_open * DAY).astype(np.int64)
    promise = (by_letter | callback) & (rng.random(count) < 0.6)
    promised = np.where(promise, rows["at"] + draw(rng, (0, 3, 4, 2, 0, 1), count) * DAY, -1)
    if len(orders.promised):
        promised = np.where(rows["order"] >= 0, orders.promised[rows["order"]], promised)
    rows["promised"] = promised
    still_open = ended >= END
    rows["ended"] = np.where(still_open, -1, ended)
    rows["outcome"][still_open] = -1
    rows["wait"][rows["at"] + rows["wait"] >= END] = -1


def _how_it_felt(
    rows: np.ndarray, customers: Customers, agents: Agents, world: World, rng: np.random.Generator
) -> None:
    """Latent satisfaction from channel, outcome, wait, transfers, repeats, the customer and the agent."""
    human = rows["handled"] == HUMAN
    relative_wait: Ints = np.maximum(rows["wait"], 1) / TYPICAL_WAIT[rows["channel"]]
    feeling = np.array([channel.feeling for channel in CHANNELS])[rows["channel"]]
    feeling += OUTCOME_FEELING[rows["outcome"]]
    feeling += np.where(human, -0.22 * np.log(relative_wait), 0.0) * ~rows["by_company"]
    feeling += -0.35 * rows["transfers"] - 0.3 * rows["reopens"] - 0.25 * rows["depth"]
    feeling += np.where(rows["handled"] == BOT, BOT_FEELING, 0.0)
    feeling += customers.trait[rows["customer"]] + np.where(human, agents.skill[rows["agent"]], 0.0)
    feeling += np.where(customers.biased[rows["customer"]], RESPONSE_BIAS.lift, 0.0)
    feeling += np.where(promised_callback(rows, world), WORKING_INITIATIVE.lift, 0.0)
    rows["feeling"] = feeling + 0.15 * rng.standard_normal(len(rows))
    assert np.all((rows["outcome"] >= RESOLVED) | (rows["ended"] < 0))
