"""An import: plans in, facts and an account of every row out. All or nothing, and safe to repeat."""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from cx_metrics import dialect, journey
from cx_metrics.enrich.answers import describe_answers, follow_customers, mark_answers
from cx_metrics.enrich.company_judge import keep_judges, outdated_judges
from cx_metrics.enrich.contacts import count_visits
from cx_metrics.enrich.judging import forget
from cx_metrics.enrich.orders import mark_orders
from cx_metrics.enrich.scripted import mark_scripted
from cx_metrics.enrich.summary import summarise
from cx_metrics.enrich.texts import has_texts, judge_texts
from cx_metrics.enrich.themes import propose_themes
from cx_metrics.enrich.words import note_names
from cx_metrics.intake.files import digest
from cx_metrics.intake.identity import FACTS, apply_identities
from cx_metrics.intake.plan import IntakeError, Plan
from cx_metrics.intake.publish import publish, remeasure
from cx_metrics.intake.stage import SetAside, stage
from cx_metrics.journey import EPISODE_HOURS
from cx_metrics.measures import MEASURES
from cx_metrics.model import KEYS, SAMPLE_NOTE, identities, interactions, loads, metadata, rules
from cx_metrics.warehouse import Publication, Warehouse

Progress = Callable[[float, str], object]
_BOTH_KEYS = (identities.c.customer_id, identities.c.source_customer_key)
_UNMEASURED = [column.name for column in interactions.columns if column.name not in MEASURES]
_ORDER = tuple(KEYS)  # people before what they did, contacts before what was said and answered


@dataclass(frozen=True)
class LoadReport:
    """What became of one plan's rows: read = loaded + quarantined + duplicates + skipped.

    changed: of the loaded, rows that changed an earlier one. already: load id of an earlier load of the same file
    (then nothing was done). examples: some of the rows set aside.
    """

    source: str
    file: str
    table: str
    read: int = 0
    loaded: int = 0
    changed: int = 0
    quarantined: int = 0
    duplicates: int = 0
    skipped: int = 0
    note: str = ""
    already: int | None = None
    examples: tuple[SetAside, ...] = ()


def import_plans(warehouse: Warehouse, plans: Sequence[Plan], progress: Progress | None = None) -> list[LoadReport]:
    """Load all plans, or none. Raises IntakeError when a file is unusable as a whole."""
    report = progress or (lambda share, text: None)
    plans = sorted(plans, key=lambda plan: (_ORDER.index(plan.table), plan.completes))
    prints = {plan.file: digest(plan.file) for plan in plans}
    done = _earlier(warehouse, [plan.fingerprint(prints[plan.file]) for plan in plans])
    same_rules = not _episodes_moved(dict(warehouse.read(sa.select(rules)).itertuples(index=False)))
    same_rules = same_rules and not outdated_judges(warehouse)
    if same_rules and all(plan.fingerprint(prints[plan.file]) in done for plan in plans):
        return [_already(plan, done[plan.fingerprint(prints[plan.file])]) for plan in plans]
    with warehouse.publishing() as publication:
        _replace_sample(publication.target, plans)
        done = _known(publication.target)
        first = (
            publication.target.execute(sa.select(sa.func.coalesce(sa.func.max(loads.c.load_id), 0))).scalar_one() + 1
        )
        reports, moved = [], False
        for number, plan in enumerate(plans):
            report(number / (len(plans) + 1), f"{plan.file.name}: {plan.table}")
            fingerprint = plan.fingerprint(prints[plan.file])
            if fingerprint in done:
                reports.append(_already(plan, done[fingerprint]))
                continue
            loaded, theirs = _load(publication, plan, first + number, fingerprint)
            reports.append(loaded)
            moved = moved or theirs
            done[fingerprint] = first + number
        shares = (len(plans) / (len(plans) + 1), 1 / (len(plans) + 1))
        report(shares[0], "measures that depend on other rows")
        _enrich(publication.target, first, moved)
        _judge(publication.target, first, lambda share, text: report(shares[0] + share * shares[1], text))
    forget()
    report(1.0, "done")
    return reports


def check_plans(plans: Sequence[Plan]) -> list[LoadReport]:
    """What an import would do with these files by themselves; writes nothing."""
    reports = []
    with tempfile.TemporaryDirectory(prefix="cx-metrics-") as name, dialect.parser(Path(name)) as parser:
        for plan in plans:
            staged = stage(parser, plan, Path(name))
            reports.append(
                LoadReport(
                    plan.source, plan.file.name, plan.table, staged.read, staged.usable, 0, len(staged.set_aside),
                    staged.duplicates, staged.skipped, staged.note, None, staged.set_aside[:5],
                )
            )  # fmt: skip
            staged.table.drop(parser)
    return reports


def _load(publication: Publication, plan: Plan, load_id: int, fingerprint: str) -> tuple[LoadReport, bool]:
    """Load one plan's file. Returns its account, and whether known rows went over to other customers."""
    staged = stage(publication.parser, plan, publication.folder)
    published = publish(publication, staged, load_id)
    set_aside = (*staged.set_aside, *published.set_aside)
    report = LoadReport(
        plan.source, plan.file.name, plan.table, staged.read, published.loaded, published.changed,
        len(set_aside), staged.duplicates + published.known, staged.skipped, staged.note, None, set_aside[:5],
    )  # fmt: skip
    if report.read != report.loaded + report.quarantined + report.duplicates + report.skipped:
        raise IntakeError(f"{plan.file.name}: the rows do not add up, so nothing was loaded; please report this")
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    publication.target.execute(
        sa.insert(loads).values(
            load_id=load_id, imported_at=now, source=plan.source, party=plan.party, file=plan.file.name,
            table_name=plan.table, fingerprint=fingerprint, rows_read=report.read, loaded=report.loaded,
            changed=report.changed, quarantined=report.quarantined, duplicates=report.duplicates,
            skipped=report.skipped, note=report.note,
        )
    )  # fmt: skip
    return report, published.moved


def _enrich(target: sa.Connection, first: int, moved: bool) -> None:
    """What can only be said once all files are in: late identities, and measures that look across tables.

    first: the first load of this import. moved: known rows went over to other customers, whose remaining rows then
    have to be marked anew, whichever load they came with.
    """
    if target.execute(sa.select(identities.c.load_id).where(identities.c.load_id >= first).limit(1)).first():
        sources = target.execute(sa.select(identities.c.source).where(identities.c.load_id >= first).distinct())
        late = sum(apply_identities(target, table, source) for source in sources.scalars().all() for table in FACTS)
        if late:
            new = [sa.select(key).where(identities.c.load_id >= first) for key in _BOTH_KEYS]
            remeasure(target, interactions.c.customer_id.in_(sa.union(*new)), _UNMEASURED, None, None)
            follow_customers(target)
            moved = True
    if _episodes_moved(_rules(target)):
        remeasure(target, sa.true(), _UNMEASURED, None, None)
        target.execute(sa.delete(rules).where(rules.c.name == "episode_hours"))
        target.execute(sa.insert(rules).values(name="episode_hours", value=journey.current().episode_hours))
    count_visits(target)
    since = 0 if moved else first
    mark_orders(target, since)
    describe_answers(target, since)
    mark_answers(target, since)


def _judge(target: sa.Connection, first: int, report: Progress) -> None:
    """What the texts show; last, because it takes longest and needs answers and contacts as they are now."""
    if has_texts(target):
        judge_texts(target, keep_judges(target), report)
        mark_scripted(target)
        propose_themes(target)
    note_names(target, first)
    summarise(target)


def _rules(target: sa.Connection) -> dict[str, float]:
    return {row.name: row.value for row in target.execute(sa.select(rules))}


def _episodes_moved(kept: dict[str, float]) -> bool:
    """Whether the measures in the warehouse follow another gap between episodes than the journey's."""
    return kept.get("episode_hours", EPISODE_HOURS) != journey.current().episode_hours


def _replace_sample(target: sa.Connection, plans: Sequence[Plan]) -> None:
    """The sample company gives way to the first data that is not part of it: mixed, no figure would mean anything."""
    sample = sa.select(loads.c.load_id).where(loads.c.note.like(f"{SAMPLE_NOTE}%")).limit(1)
    if target.execute(sample).first() and not all(plan.note.startswith(SAMPLE_NOTE) for plan in plans):
        for table in metadata.sorted_tables:
            target.execute(sa.delete(table))


def _earlier(warehouse: Warehouse, fingerprints: Sequence[str]) -> dict[str, int]:
    rows = warehouse.read(sa.select(loads.c.fingerprint, loads.c.load_id).where(loads.c.fingerprint.in_(fingerprints)))
    return dict(zip(rows["fingerprint"], rows["load_id"], strict=True))


def _known(target: sa.Connection) -> dict[str, int]:
    return {row.fingerprint: row.load_id for row in target.execute(sa.select(loads.c.fingerprint, loads.c.load_id))}


def _already(plan: Plan, load_id: int) -> LoadReport:
    return LoadReport(plan.source, plan.file.name, plan.table, already=int(load_id))
