"""What datasets are judged by, and judging one: the same for both trees of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from .. import __version__
from ..protocol_specs.loader import load_spec
from ..protocol_specs.spec import Spec
from ..rules.loader import load_rules
from ..rules.profiles import Profile
from ..rules.rule import Rule
from .changes import Changes
from .checks.waivers import policy_verdicts
from .context import Source
from .dataset import Dataset
from .engine import run_rules
from .entities import subject_of
from .finding import Finding, Origin, Severity, Status
from .inspection import Inspection
from .ledger import Ledger
from .options import Options
from .own_files import load_own_rules, load_protocol
from .policy import UNWAIVABLE, apply_policy, find_profile
from .remote.knowledge import Knowledge
from .result import RuleCount, Value
from .revisions import Revisions
from .settings import IGNORE, Settings, find_entry, read_entry, read_settings

_RANK = (Severity.ERROR, Severity.WARNING, Severity.IGNORE)


@dataclass(frozen=True, slots=True)
class Judge:
    """What datasets are judged by.

    Attributes
    ----------
    ignore
        The .bidsignore that counts.
    knowledge
        What the git-annex branches say; called when it is first needed.
    """

    options: Options
    settings: Settings
    spec: Spec
    rules: Sequence[Rule]
    profile: Profile
    origin: Origin
    ignore: bytes
    knowledge: Callable[[], Knowledge] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One dataset and what the rules say of it."""

    inspection: Inspection
    counts: list[RuleCount]
    values: list[Value]
    findings: list[Finding]


def make_judge(
    options: Options, revisions: Revisions, knowledge: Callable[[], Knowledge] | None = None
) -> Judge:
    """Load protocol, rules and policy: of the command line, else of the tree that has the say.

    Raises
    ------
    SpinegateError
        One of them can't be read; it names file and line.
    """
    tree = revisions.policy
    settings = read_settings(tree)
    if options.spec is not None:
        spec = load_spec(options.spec)
    else:
        spec = load_protocol(tree, settings.protocol or "spine-generic")
    rules = load_own_rules(tree, settings) if settings.rules else load_rules()
    if options.bids == "off":
        rules = tuple(rule for rule in rules if rule.check != "names")
    entry = find_entry(tree, IGNORE)
    return Judge(
        options,
        settings,
        spec,
        rules,
        find_profile(options.profile or settings.profile or "strict"),
        Origin("spinegate", __version__, spec.protocol, spec.version),
        read_entry(tree, entry) if entry is not None else b"",
        knowledge,
    )


def inspect(judge: Judge, dataset: Dataset, changes: Changes | None = None) -> Judged:
    """Run all rules over one dataset."""
    options = judge.options
    ledger = Ledger([rule for rule in judge.rules if rule.over != "parameter"], judge.origin)
    inspection = Inspection(
        dataset,
        judge.spec,
        headers=options.headers != "off",
        images=options.images != "off",
        source=_remote(options, dataset) if options.headers == "remote" else None,
        changes=changes,
        knowledge=judge.knowledge,
        ignore=judge.ignore,
    )
    values = run_rules(inspection, judge.rules, ledger)
    findings, official = ledger.findings, list[RuleCount]()
    if options.bids == "full":
        findings, official = _official(judge, dataset, findings)
    findings = [*findings, *_waivers(judge, ledger, findings)]
    return Judged(inspection, [*ledger.counts(), *official], values, findings)


def soften(
    judge: Judge, findings: Sequence[Finding], changes: Changes | None = None
) -> list[Finding]:
    """Give each finding the severity that profile, settings and baseline say.

    A change that puts participants to another site doesn't get that site's waivers by it: what
    concerns them must be waived at both.
    """
    softened = _apply(judge, findings)
    moved = _moved(changes) if changes is not None else {}
    elsewhere = [
        (at, replace(finding, site=site))
        for at, finding in enumerate(findings)
        if moved and finding.status is Status.NEW
        for site in {moved.get(subject_of(f"{path}/"), finding.site) for path in finding.paths}
    ]
    others = _apply(judge, [finding for _, finding in elsewhere])
    for (at, _), other in zip(elsewhere, others, strict=True):
        if _RANK.index(other.severity) < _RANK.index(softened[at].severity):
            softened[at] = replace(other, site=findings[at].site)
    return softened


def _apply(judge: Judge, findings: Sequence[Finding]) -> list[Finding]:
    return apply_policy(findings, judge.profile, judge.settings.records, date.today()).findings


def _moved(changes: Changes) -> dict[str, str]:
    """Return whose site a change changes: label in the head -> site in the base."""
    sites = {
        changes.participants.get(f"sub-{label}", f"sub-{label}").removeprefix("sub-"): site
        for label, site in changes.base.sites.items()
    }
    now = changes.head.sites
    return {label: site for label, site in sites.items() if now.get(label, site) != site}


def mended(judge: Judge, fixed: Sequence[Finding]) -> list[Finding]:
    """Leave out what was waived before it was fixed, and waivers that a change has use for."""
    kept = soften(judge, [finding for finding in fixed if finding.code not in UNWAIVABLE])
    return [finding for finding in kept if finding.severity is not Severity.IGNORE]


def _official(
    judge: Judge, dataset: Dataset, findings: list[Finding]
) -> tuple[list[Finding], list[RuleCount]]:
    """Put the official validator's findings, each at its place, beside ours."""
    from .bids.checkout import official
    from .bids.merge import count, join

    report = official(dataset.tree, judge.ignore)
    return join(findings, report), count(findings, report)


def _waivers(judge: Judge, ledger: Ledger, findings: Sequence[Finding]) -> list[Finding]:
    """Say which waivers match nothing any more, and which have ended."""
    applied = apply_policy(findings, judge.profile, judge.settings.records, date.today())
    before = len(ledger.findings)
    options = judge.options
    whole = not (options.labels or options.only or options.bids == "off")
    for verdict in policy_verdicts(applied, ledger.counts(), whole=whole):
        ledger.write(verdict)
    return ledger.findings[before:]


def _remote(options: Options, dataset: Dataset) -> Source:
    """Read the headers that aren't here from the remotes that the git-annex branch names."""
    from .remote.cache import default_folder
    from .remote.headers import RemoteOptions, find_places, read_remote
    from .remote.progress import Progress

    private = options.private_remotes
    places = find_places(dataset.tree, dataset.scans, plain=private, base=options.base)
    settings = RemoteOptions(allow_private=private, cache=default_folder(), progress=Progress())
    return read_remote(dataset.scans, places, settings)
