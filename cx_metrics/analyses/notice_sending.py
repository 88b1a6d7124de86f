"""One message to one address through Apprise, at most once for each call, and without a word about the address."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import Any

import apprise

from cx_metrics.notice_settings import NoticeError

NO_ANSWER = "no answer came from the recipient's service"
REFUSED = "the recipient's service did not take it"
NOT_READ = "the address is of a form that Apprise does not know"
_SECONDS = 10.0  # for connecting, and for each wait for an answer
logging.getLogger("apprise").disabled = True  # its messages name hosts and parts of addresses


@dataclass(frozen=True)
class Message:
    """identity: goes out once in the history of the ledger, e.g. 17-2. notice: number by which a repeat is known."""

    identity: str
    notice: int
    title: str
    body: str


def send(address: str, message: Message) -> str:
    """Hand a message over; returns "" where it was accepted, else why not, without the address. Raises nothing."""
    try:
        service = _service(address)
    except NoticeError as error:
        return str(error)
    extras = getattr(service, "payload_extras", None)
    if isinstance(extras, dict):  # webhooks: what a receiver can drop repeats by
        extras.update({"id": message.identity, "notice": str(message.notice)})
    sender = apprise.Apprise(asset=service.asset)
    sender.add(service)
    heard = _listening(service)
    try:
        accepted = sender.notify(message.body, message.title, body_format=apprise.NotifyFormat.TEXT)
    except Exception:  # of whatever service: what it says may hold the address
        return REFUSED
    return "" if accepted else _reason(heard)


def check(address: str) -> None:
    """Raises NoticeError where Apprise cannot read an address."""
    _service(address)


def _service(address: str) -> Any:
    """The service behind an address, told to try once, and to send one message only. Raises NoticeError."""
    asset = apprise.AppriseAsset(app_id="CX Metrics", app_desc="CX Metrics", async_mode=False, http_redirects=False)
    found: Any = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if found is None:
        raise NoticeError(NOT_READ)
    found.retry, found.optional, found.redirects = 0, False, False  # repeats are ours: each has an identity of its own
    found.overflow_mode = apprise.OverflowMode.TRUNCATE  # several pieces would carry one identity
    found.socket_connect_timeout = min(float(found.socket_connect_timeout or _SECONDS), _SECONDS)
    found.socket_read_timeout = min(float(found.socket_read_timeout or _SECONDS), _SECONDS)
    return found


def _listening(service: Any) -> list[str]:
    """What the service will say; to nobody else, for its words may hold the address."""
    heard: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    service.logger = logging.Logger("notice", logging.WARNING)  # outside the tree of loggers
    service.logger.addHandler(handler)
    return heard


def _reason(heard: list[str]) -> str:
    """Why it failed. Of what Apprise said only the number of an error is used: the rest may hold the address."""
    text = "\n".join(heard)
    if code := re.search(r"\berror=(\d{3})\b", text):
        return f"the recipient's service answered with error {code[1]}"
    return NO_ANSWER if re.search("connection error|timed? ?out|socket", text, re.IGNORECASE) else REFUSED
