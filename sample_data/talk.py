"""What is said: conversations for about a fifth of the contacts, and comments in surveys."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sample_data import phrases
from sample_data.commerce import order_id
from sample_data.company import ABANDONED, BOT, HUMAN, REASON_NAMES, RESOLVED, SELF_SERVICE, STORE, TEAMS
from sample_data.handling import dead_end
from sample_data.matters import MATTERS
from sample_data.people import Agents, Customers
from sample_data.truths import EMPATHIC_TEAM, SCRIPTED_TEAM
from sample_data.world import Flags, Floats, Ints, World, draw

CUSTOMER, AGENT, ROBOT = range(3)
AUTHORS = ("customer", "agent", "bot")
SHARE = 0.215  # share of the contacts that can have a text at all, which makes about 20 % of all contacts
PICKS = 7  # random numbers per message


@dataclass(frozen=True)
class Message:
    """One message: position of its contact, time in seconds since 1970, author and text."""

    contact: int
    at: int
    author: int
    text: str


def contacts_with_text(contacts: np.ndarray, world: World) -> Flags:
    """Contacts whose conversation is kept: begun by the customer, ended, not in a store and not given up in a queue."""
    given_up = (contacts["outcome"] == ABANDONED) & (contacts["handled"] == HUMAN)
    possible = (contacts["handled"] != SELF_SERVICE) & (contacts["channel"] != STORE) & (contacts["ended"] > 0)
    possible &= ~contacts["by_company"] & ~given_up
    return possible & (world.stream("conversations").random(len(contacts))[contacts["seat"]] < SHARE / 0.83)


def style_shares(world: World) -> Floats:
    """Per team the shares of agents' replies that are a template, empathic, plain (teams x 3)."""
    shares = np.zeros((len(TEAMS), 3))
    shares[:, 0] = SCRIPTED_TEAM.share_elsewhere
    shares[:, 1] = EMPATHIC_TEAM.share_elsewhere
    if world.has("scripted_team"):
        scripted = TEAMS.index(SCRIPTED_TEAM.team)
        shares[scripted] = SCRIPTED_TEAM.share, (1 - SCRIPTED_TEAM.share) * EMPATHIC_TEAM.share_elsewhere, 0
    if world.has("empathic_team"):
        shares[TEAMS.index(EMPATHIC_TEAM.team), 1] = EMPATHIC_TEAM.share
    shares[:, 2] = 1 - shares[:, 0] - shares[:, 1]
    return shares


def conversations(
    positions: Ints, contacts: np.ndarray, customers: Customers, agents: Agents, world: World, part: str
) -> Iterator[Message]:
    """The messages of the contacts at `positions`, two to six each, customer and answer in turn."""
    rng = world.stream(f"conversations {part}")
    rows = contacts[positions]
    lengths = draw(rng, (0, 0, 0.22, 0.23, 0.30, 0.15, 0.10), len(rows))
    starts = np.cumsum(lengths) - lengths
    picks = rng.integers(0, 1 << 30, size=(int(lengths.sum()), PICKS)).tolist()
    style = rng.random(int(lengths.sum()))
    bounds = np.cumsum(style_shares(world), axis=1)
    kinds = (style[:, None] > bounds[np.repeat(rows["team"], lengths)]).sum(axis=1).tolist()
    lost = dead_end(rows, world)
    for index, row in enumerate(rows):
        fill = facts(row, customers, agents)
        begin, length = int(starts[index]), int(lengths[index])
        at, step = int(row["at"]), max(1, int(row["ended"] - row["at"]) // length)
        robot, failing = row["handled"] == BOT, bool(lost[index] or row["outcome"] != RESOLVED)
        for turn in range(length):
            pick = picks[begin + turn]
            if turn % 2 == 0:
                author, text = CUSTOMER, _customer_says(row, turn, length, pick)
            elif robot:
                author, text = ROBOT, _choose(phrases.BOT_LOST if failing else phrases.BOT_HELPFUL, pick[0])
            else:
                author, text = AGENT, _agent_says(row, kinds[begin + turn], pick)
            yield Message(int(positions[index]), at + turn * step, author, text.format_map(fill))


def _choose(pool: tuple[str, ...], pick: int) -> str:
    """One of `pool`, by a random number of any size."""
    return pool[pick % len(pool)]


def _mixed(number: int) -> int:
    """A number that looks unrelated to `number` (one step of splitmix64)."""
    mixed = number * 0x9E3779B97F4A7C15 % 2**64
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    return mixed ^ mixed >> 27


def facts(row: np.void, customers: Customers, agents: Agents) -> dict[str, str]:
    """The words to fill in, the same in all contacts of one case."""
    mixed = _mixed(int(row["case"]))
    return {
        "name": customers.first[row["customer"]],
        "agent": agents.given[row["agent"]] if row["agent"] >= 0 else "Norli",
        "item": _choose(phrases.ITEMS, mixed),
        "order": order_id(int(row["order"]) if row["order"] >= 0 else mixed // 16 % 60_000),
        "day": _choose(phrases.DAYS, mixed // 97),
        "n": str(2 + mixed // 1009 % 7),
        "reason": REASON_NAMES[row["reason"]],
    }


def subject_and_problem(row: np.void, fill: dict[str, str]) -> tuple[str, str]:
    """Subject line and first sentence of an e-mail."""
    matter = MATTERS[row["reason"]]
    subject = matter.subject.format_map(fill)
    return subject[0].upper() + subject[1:], _choose(matter.problem, _mixed(int(row["case"])) // 31).format_map(fill)


def _customer_says(row: np.void, turn: int, length: int, pick: list[int]) -> str:
    """A customer's message: the matter first, details in between, a last word that fits how it went."""
    feeling = row["feeling"] + (pick[6] % 1000 - 500) / 900
    if turn == 0:
        parts = [_choose(phrases.HELLO, pick[0]), _choose(MATTERS[row["reason"]].problem, pick[1])]
        if row["depth"] > 0 and pick[2] % 100 < 60:
            parts.insert(1, _choose(phrases.AGAIN, pick[3]))
        if feeling < 0.1 + 0.3 * (row["depth"] > 0):
            parts.append(_choose(phrases.ANNOYED, pick[4]))
        return " ".join([*parts, _choose(phrases.WISH, pick[5])])
    if turn < length - 2:
        return _choose(phrases.DETAIL, pick[0])
    if row["outcome"] == RESOLVED:
        return _choose(phrases.PLEASED if feeling > 0.3 else phrases.NEUTRAL_END, pick[0])
    return _choose(phrases.DISAPPOINTED if feeling < 0.4 else phrases.NEUTRAL_END, pick[0])


def _agent_says(row: np.void, kind: int, pick: list[int]) -> str:
    """An agent's reply: 0 a template, 1 empathic, otherwise plain."""
    matter = MATTERS[row["reason"]]
    step = _choose(matter.step, pick[1])
    if kind == 0:
        scripted = TEAMS[row["team"]] == SCRIPTED_TEAM.team
        return _choose(phrases.LOYALTY_TEMPLATES if scripted else phrases.TEMPLATES, pick[0])
    if kind == 1:
        feeling = _choose(phrases.FEELING, pick[0]).replace("{it}", _choose(matter.it, pick[2]))
        return f"{feeling} {_choose(phrases.SITUATION, pick[3])} {step} {_choose(phrases.STAYING, pick[4])}"
    opening, fact = _choose(phrases.OPENING, pick[0]), _choose(phrases.FACT, pick[3])
    return f"{opening} {step} {fact} {_choose(phrases.CLOSING, pick[4])}"


def is_german(text: str) -> bool:
    """Whether this comment is one of the German ones."""
    return text in phrases.GERMAN_PRAISE or text in phrases.GERMAN_COMPLAINT


def comments(level: Ints, reason: Ints, german: Flags, share: float, rng: np.random.Generator) -> list[str]:
    """A comment for `share` of the answers, else ''; level -1 bad, 0 mixed, 1 good; reason -1 = about the company.

    One comment in seven of those who may write German is German.
    """
    pools = {
        -1: (phrases.COMPLAINT, phrases.COMPLAINT_MORE, phrases.GERMAN_COMPLAINT),
        0: (phrases.LUKEWARM, phrases.LUKEWARM_MORE, None),
        1: (phrases.PRAISE, phrases.PRAISE_MORE, phrases.GERMAN_PRAISE),
    }
    count = len(level)
    writes = (rng.random(count) < share).tolist()
    speaks = (german & (rng.random(count) < 1 / 7)).tolist()
    picks = rng.integers(0, 1 << 30, size=(count, 4)).tolist()
    texts = []
    for mood, why, write, in_german, pick in zip(level.tolist(), reason.tolist(), writes, speaks, picks, strict=True):
        short, more, german_pool = pools[mood]
        text = ""
        if write and in_german and german_pool:
            text = _choose(german_pool, pick[0])
        elif write:
            words = {"reason": REASON_NAMES[why] if why >= 0 else "service", "item": _choose(phrases.ITEMS, pick[2])}
            text = f"{_choose(short, pick[0])} {_choose(more, pick[1])}".format(n=2 + pick[3] % 6, **words)
        texts.append(text)
    return texts
