"""The command `aftersales doctor`."""

import json
from collections import Counter

import typer

from doctor.finding import Finding
from examination import accept_commits_lost, examine_current, patient
from startup import load_settings, open_parts, out, run


def find_faults(*, as_json: bool, accept: bool) -> None:
    """Print what is wrong; exit status 1 if anything is.

    With ``accept``, only forget the commits that are missing.
    """
    parts = open_parts(patient(load_settings()))
    if accept:
        run(parts, accept_commits_lost(parts))
        return
    findings: Counter[bool] = Counter()  # by `is_note`

    def report(finding: Finding) -> None:
        findings[finding.is_note] += 1
        line = json.dumps(finding.as_json()) if as_json else finding.line()
        out.print(line, markup=False, soft_wrap=True)

    run(parts, examine_current(parts, report))
    if findings[False]:
        raise typer.Exit(1)
    if not as_json:
        out.print("Nothing is wrong.")
