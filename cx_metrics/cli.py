"""The command line, `cx-metrics`. Answers go to standard output, progress to standard error.

Exit 0: done. 1: some rows were quarantined and --strict was given. 2: bad arguments or unreadable input, one sentence.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import sqlalchemy as sa

from cx_metrics import commands
from cx_metrics.analyses.rules import RuleError
from cx_metrics.commands_analyse import ANALYSES
from cx_metrics.commands_events import events_command, events_options
from cx_metrics.commands_initiatives import initiatives_command, initiatives_options
from cx_metrics.commands_interventions import interventions_command, interventions_options
from cx_metrics.commands_judge import judge_command, judge_options, judges_command, judges_options
from cx_metrics.commands_ledger import ledger_command, ledger_options
from cx_metrics.commands_notices import digest_command, digest_options, notices_command, notices_options
from cx_metrics.commands_predictions import predict_command, predict_options
from cx_metrics.commands_rules import rules_command, rules_options
from cx_metrics.intake.formats import SOURCES
from cx_metrics.intake.plan import IntakeError
from cx_metrics.journey import LOWEST, JourneyError
from cx_metrics.ledger import LedgerError
from cx_metrics.metrics.friction import COUNTED
from cx_metrics.metrics.metric import EVERY
from cx_metrics.notice_settings import NoticeError
from cx_metrics.scope import COMPARISONS, ScopeError
from cx_metrics.warehouse import WarehouseError

Command = Callable[..., argparse.ArgumentParser]  # adds a command: name, what it runs, what it does in a few words


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        given = _arguments(arguments)
        return int(given.run(given))
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except (
        _UsageError,
        IntakeError,
        JourneyError,
        LedgerError,
        NoticeError,
        RuleError,
        ScopeError,
        WarehouseError,
    ) as error:
        print(f"cx-metrics: {error}", file=sys.stderr)
    except (OSError, sa.exc.SQLAlchemyError) as error:
        print(f"cx-metrics: {(str(error).splitlines() or [repr(error)])[0]}", file=sys.stderr)
    return 2


class _UsageError(Exception):
    """Arguments that cannot be understood; the message is one sentence."""


class _Parser(argparse.ArgumentParser):
    """Says in one sentence what is wrong with the arguments, and leaves the whole usage to --help."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}; {self.prog} --help shows what can be given")


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    given, rest = parser.parse_known_args(arguments)
    if rest and (given.command != "import" or any(word.startswith("-") for word in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if rest:  # argparse takes no paths after an option, people write them there
        given.paths += [Path(word) for word in rest]
    return given


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="cx-metrics", description="Customer-experience figures that can be trusted.")
    added_by = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], text: str, formats: bool = True
    ) -> argparse.ArgumentParser:
        added = added_by.add_parser(name, help=text, description=text)
        added.set_defaults(run=run)
        if formats:
            added.add_argument(
                "--format", choices=("table", "csv", "json"), default="table", help="how to print (table)"
            )
        return added

    _import_options(command("import", commands.import_command, "load export files"))
    show = command("show", commands.show_command, "print a metric's figures")
    show.add_argument("metric", help="its name; `cx-metrics metrics` lists them")
    show.add_argument("--by", action="append", default=[], metavar="DIM", help="group by a dimension; may be repeated")
    show.add_argument("--every", choices=EVERY, help="one figure per interval")
    _scope_options(show)
    _analyse_options(command("analyse", commands.analyse_command, "answer a question with tables and sentences"))
    events_options(command("events", events_command, "list releases, price changes, outages; enter or withdraw one"))
    predict_options(command("predict", predict_command, "record what a team expects of a coming period"))
    judge_options(command("judge", judge_command, "run the text judges over any file and add their columns", False))
    judges_options(command("judges", judges_command, "list the text judges, what they rest on and how good they are"))
    _add_actions(command)
    _add_data(command)
    return parser


def _add_actions(command: Command) -> None:
    """The commands by which people act, and see what came of it."""
    interventions_options(command("interventions", interventions_command, "list who needs a person now; act on one"))
    rules_options(command("rules", rules_command, "print the rules that open interventions; test or change them"))
    initiatives_options(command("initiatives", initiatives_command, "list initiatives; register or change one"))
    notices_options(command("notices", notices_command, "list what our own people are told; deliver what is due"))
    digest_options(command("digest", digest_command, "write a month's recognitions as a file", False))
    ledger_options(command("ledger", ledger_command, "print who did what, or write all that people wrote as files"))


def _add_data(command: Command) -> None:
    """The commands about the data themselves, and the dashboard."""
    command("metrics", commands.metrics_command, "list every metric with its definition")
    command("sources", commands.sources_command, "list the formats that can be imported")
    command("loads", commands.loads_command, "list what was imported, with the account of every row")
    aside = command("quarantine", commands.quarantine_command, "list rows that could not be used, with the reason")
    aside.add_argument("--out", type=Path, metavar="DIR", help="write them there as files to mend and import again")
    one = command("customer", commands.customer_command, "print one customer's timeline")
    one.add_argument("id", help="the customer's key, key in another source, or e-mail address")
    command("sample", commands.sample_command, "load the sample company")
    serve = command("serve", commands.serve_command, "start the dashboard", formats=False)
    serve.add_argument("--port", type=int, default=8501)
    serve.add_argument("--address", default="127.0.0.1", help="address to listen on (127.0.0.1: this machine only)")


def _scope_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="start", metavar="D", help="first day, as 2026-01-31 (the data's first)")
    parser.add_argument("--to", dest="end", metavar="D", help="last day, included (the data's last)")
    parser.add_argument(
        "--where", action="append", default=[], metavar="DIM=VALUE", help="filter; values of one DIM add up"
    )
    rivals = "show a figure under a rival definition, by the rival's name; may be repeated"
    parser.add_argument("--definition", action="append", default=[], metavar="NAME", help=rivals)
    limits = "from when on something counts as friction: " + ", ".join(LOWEST)
    parser.add_argument("--limit", action="append", default=[], metavar="LIMIT=NUMBER", help=limits)


def _analyse_options(parser: argparse.ArgumentParser) -> None:
    told = "; ".join(f"{name}: {text}" for name, (_, text) in ANALYSES.items())
    parser.add_argument("analysis", choices=list(ANALYSES), metavar="NAME", help=told)
    _scope_options(parser)
    parser.add_argument("--compare", choices=list(COMPARISONS), default="previous", help="the comparison period")
    parser.add_argument("--table", metavar="TABLE", help="with --format csv: which table to print")
    parser.add_argument("--count", choices=list(COUNTED), default="contacts", help="friction: what to count")
    parser.add_argument("--signal", default="", metavar="SIGNAL", help="friction: one signal instead of any")
    parser.add_argument("--of", choices=("stage", "channel"), default="stage", help="journey: steps between what")
    parser.add_argument("--step", action="append", default=[], metavar="STAGE", help="journey: a step of the funnel")
    parser.add_argument("--metric", action="append", default=[], metavar="NAME", help="changes: a figure (headlines)")
    parser.add_argument("--by", default="", metavar="DIM", help="retention: split the survival curves by this")
    parser.add_argument(
        "--team", default="", metavar="TEAM", help="line-of-sight: how one team's work reaches customers"
    )
    groups = "journey: compare two values of a dimension"
    parser.add_argument("--groups", nargs=3, metavar=("DIM", "VALUE", "OTHER"), help=groups)


def _import_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", help=f"auto, {', '.join(SOURCES)}")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="files or folders")
    parser.add_argument("--mapping", type=Path, metavar="FILE.toml", help="describes files of any layout")
    parser.add_argument("--check", action="store_true", help="say what would be loaded, write nothing")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when rows were quarantined")


if __name__ == "__main__":
    raise SystemExit(main())
