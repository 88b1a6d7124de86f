"""What Nordlicht Home is made of: its calendar, channels, stages, reasons, teams and touchpoints.

Everything here is a constant. Other modules carry positions in these tuples, not names.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

DAY = 86_400  # seconds


def seconds_at(day: date) -> int:
    """Midnight UTC of `day` in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


START = seconds_at(date(2023, 7, 1))  # first second of the data
END = seconds_at(date(2026, 7, 1))  # first second after the data
OUTAGE = seconds_at(date(2024, 11, 19))
PRICE_CHANGE = seconds_at(date(2025, 1, 15))

SEGMENTS = ("household", "premium", "business")
SEGMENT_SHARES = (0.70, 0.20, 0.10)
REGIONS = ("North", "South", "East", "West", "Coast")
REGION_SHARES = (0.24, 0.22, 0.20, 0.22, 0.12)
COUNTRIES = ("DE", "IE", "AT", "NL", "PT", "PL")
COUNTRY_SHARES = (0.34, 0.26, 0.08, 0.12, 0.09, 0.11)
CURRENCY = "EUR"

STAGES = ("discover", "buy", "onboard", "use", "pay", "get help", "renew", "leave")
DIMENSIONS = ("reliability", "responsiveness", "assurance", "empathy", "tangibles", "ease", "shared values")
HANDLERS = ("human", "bot", "self_service")
HUMAN, BOT, SELF_SERVICE = range(3)
OUTCOMES = ("resolved", "unresolved", "abandoned", "escalated")
RESOLVED, UNRESOLVED, ABANDONED, ESCALATED = range(4)
TEAMS = ("Front Desk", "Care North", "Care South", "Billing", "Delivery", "Digital", "Stores", "Loyalty")


@dataclass(frozen=True)
class Channel:
    """A channel: its usual share of contacts, who answers, how long it takes (seconds) and how it is liked."""

    name: str
    share: float
    bot: float
    self_service: float
    wait: float  # median wait for a human
    handle: float  # median working time
    asynchronous: bool  # the answer comes hours later, and the contact stays open until then
    feeling: float  # latent satisfaction of an average contact


CHANNELS = (
    Channel("web", 0.13, 0.0, 0.55, 9_000, 420, True, 1.00),
    Channel("app", 0.09, 0.12, 0.45, 90, 360, False, 1.05),
    Channel("email", 0.27, 0.0, 0.0, 16_000, 400, True, 1.02),
    Channel("chat", 0.15, 0.40, 0.0, 75, 540, False, 0.33),
    Channel("phone", 0.24, 0.0, 0.0, 120, 330, False, 1.08),
    Channel("social", 0.04, 0.0, 0.0, 2_400, 300, True, 0.88),
    Channel("store", 0.06, 0.0, 0.0, 240, 480, False, 1.25),
    Channel("post", 0.02, 0.0, 0.0, 200_000, 600, True, 0.85),
)
CHANNEL_NAMES = tuple(channel.name for channel in CHANNELS)
WEB, APP, EMAIL, CHAT, PHONE, SOCIAL, STORE, POST = range(8)


@dataclass(frozen=True)
class Reason:
    """Why a customer gets in touch: the stage it belongs to, the team that answers, its share within the stage."""

    name: str
    stage: str
    team: str  # "Care" is shared out between Care North and Care South by customer
    share: float
    touchpoints: tuple[str, ...]


REASONS = (
    Reason("product advice", "discover", "Front Desk", 0.6, ("product page", "showroom", "catalogue")),
    Reason("stock question", "discover", "Front Desk", 0.4, ("product page", "showroom")),
    Reason("order change", "buy", "Front Desk", 0.45, ("basket", "order confirmation")),
    Reason("checkout problem", "buy", "Digital", 0.55, ("checkout", "payment page")),
    Reason("setup help", "onboard", "Care", 0.65, ("assembly guide", "installation visit")),
    Reason("missing parts", "onboard", "Care", 0.35, ("packaging", "spare parts shop")),
    Reason("faulty appliance", "use", "Care", 0.7, ("appliance app", "repair visit")),
    Reason("account access", "use", "Digital", 0.3, ("account login", "appliance app")),
    Reason("invoice question", "pay", "Billing", 0.6, ("invoice", "payment page")),
    Reason("refund missing", "pay", "Billing", 0.4, ("refund", "invoice")),
    Reason("late delivery", "get help", "Delivery", 0.4, ("delivery slot", "tracking page")),
    Reason("damaged item", "get help", "Care", 0.32, ("packaging", "delivery crew")),
    Reason("store return", "get help", "Stores", 0.28, ("return label", "service counter")),
    Reason("care plan renewal", "renew", "Loyalty", 1.0, ("care plan letter", "care plan page")),
    Reason("cancel care plan", "leave", "Loyalty", 1.0, ("cancellation form", "care plan letter")),
)
REASON_NAMES = tuple(reason.name for reason in REASONS)
STORE_REASONS = ("product advice", "stock question", "store return")  # what people walk into a store for
LATE_DELIVERY = REASON_NAMES.index("late delivery")
CANCEL = REASON_NAMES.index("cancel care plan")

# Shares of contacts by stage, for customers in their first 45 days and for all others.
NEW_STAGE_SHARES = (0.10, 0.18, 0.42, 0.07, 0.10, 0.12, 0.0, 0.01)
STAGE_SHARES = (0.11, 0.12, 0.08, 0.17, 0.17, 0.23, 0.07, 0.05)

# touchpoint -> (owning team, part): the back office causes much of what the front line answers for
TOUCHPOINT_OWNERS = {
    "product page": ("Content Studio", "back_office"),
    "showroom": ("Stores", "front_line"),
    "catalogue": ("Content Studio", "back_office"),
    "basket": ("Web Platform", "back_office"),
    "order confirmation": ("Web Platform", "back_office"),
    "checkout": ("Web Platform", "back_office"),
    "payment page": ("Accounts", "back_office"),
    "assembly guide": ("Product Design", "back_office"),
    "installation visit": ("Field Service", "front_line"),
    "packaging": ("Warehouse", "back_office"),
    "spare parts shop": ("Warehouse", "back_office"),
    "appliance app": ("Digital", "front_line"),
    "repair visit": ("Field Service", "front_line"),
    "account login": ("Digital", "front_line"),
    "invoice": ("Accounts", "back_office"),
    "refund": ("Accounts", "back_office"),
    "delivery slot": ("Route Planning", "back_office"),
    "tracking page": ("Route Planning", "back_office"),
    "delivery crew": ("Delivery", "front_line"),
    "return label": ("Warehouse", "back_office"),
    "service counter": ("Stores", "front_line"),
    "care plan letter": ("Loyalty", "front_line"),
    "care plan page": ("Content Studio", "back_office"),
    "cancellation form": ("Web Platform", "back_office"),
}
TOUCHPOINTS = tuple(TOUCHPOINT_OWNERS)

REASON_STAGE = np.array([STAGES.index(reason.stage) for reason in REASONS])
HOUR_WEIGHTS = np.array(
    [1, 1, 1, 1, 1, 2, 6, 14, 30, 46, 54, 52, 44, 42, 42, 42, 40, 42, 46, 44, 34, 20, 9, 3], dtype=float
)
WEEKDAY_WEIGHTS = np.array([1.25, 1.12, 1.08, 1.05, 1.0, 0.85, 0.6])  # Monday first
MONTH_WEIGHTS = np.array([1.2, 0.98, 0.95, 0.95, 0.97, 0.93, 0.85, 0.86, 0.98, 1.02, 1.22, 1.3])  # January first
