"""What follows from new data: interventions opened, our own people told. After each import, and by the clock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import sqlalchemy as sa

from cx_metrics import notice_settings
from cx_metrics.analyses.notice_delivery import tick
from cx_metrics.analyses.open_interventions import open_interventions
from cx_metrics.analyses.rules import RuleError
from cx_metrics.analyses.sample_initiatives import register_sample
from cx_metrics.intake.sample import holds_sample, is_empty
from cx_metrics.journey import JourneyError
from cx_metrics.ledger import Ledger, LedgerError
from cx_metrics.notice_settings import NoticeError
from cx_metrics.scope import ScopeError
from cx_metrics.warehouse import Warehouse, WarehouseError

_TROUBLE = (
    JourneyError,
    LedgerError,
    NoticeError,
    RuleError,
    ScopeError,
    WarehouseError,
    OSError,
    sa.exc.SQLAlchemyError,
)
_log = logging.getLogger(__name__)


def act(warehouse: Warehouse, ledger: Ledger) -> tuple[str, ...]:
    """Open what the active rules find, write and deliver what is due; can be repeated. Returns what was done, in
    sentences. Raises nothing for what rules, settings or the ledger lack: an import is done all the same."""
    return (*_tried(_open, warehouse, ledger), *_tried(_tell, warehouse, ledger))


def _tried(step: Callable[[Warehouse, Ledger], str], warehouse: Warehouse, ledger: Ledger) -> tuple[str, ...]:
    try:
        said = step(warehouse, ledger)
    except _TROUBLE as error:
        said = (str(error).splitlines() or [repr(error)])[0]
    return (said,) if said else ()


def _open(warehouse: Warehouse, ledger: Ledger) -> str:
    if is_empty(warehouse):
        return ""
    if holds_sample(warehouse):
        register_sample(ledger)
    found = open_interventions(warehouse, ledger)
    return found.sentence if found.opened or found.added or found.left else ""


def _tell(warehouse: Warehouse, ledger: Ledger) -> str:
    done = tick(warehouse, ledger, notice_settings.current())
    return done.sentence if done.written or done.problem or done.sent or done.failed or done.tested else ""


def watch(
    opened: Callable[[], tuple[Warehouse, Ledger]], stop: threading.Event, first: float = 20.0, every: float = 60.0
) -> None:
    """Until `stop` is set: open interventions when the warehouse has changed, and tell what is due. opened: gives the
    two stores. first, every: seconds before the first look and between looks. What goes wrong is logged once."""
    seen, trouble, pause = "", "", first
    while not stop.wait(pause):
        pause = every
        try:
            warehouse, ledger = opened()
            version = warehouse.version()
            done = act(warehouse, ledger) if version != seen else _tried(_tell, warehouse, ledger)
            seen, said = version, "; ".join(done)
        except _TROUBLE as error:
            said = (str(error).splitlines() or [repr(error)])[0]
        if said and said != trouble:
            _log.info(said)
        trouble = said
