"""The table from a kind to the inspection it gets; these files are stored byte for byte (FST-08)."""

from collections.abc import Callable, Mapping

from duologue.blobs.inspection.archives import inspect_archive
from duologue.blobs.inspection.binary_office import inspect_binary_office
from duologue.blobs.inspection.office import inspect_office
from duologue.blobs.inspection.pdf import inspect_pdf
from duologue.blobs.inspection.text import inspect_text
from duologue.blobs.jobs import Job, Limits, Outcome

Inspection = Callable[[str, str, Limits], list[str]]

_INSPECTIONS: Mapping[str, Inspection] = {
    **dict.fromkeys(("txt", "csv", "json", "xml"), inspect_text),
    **dict.fromkeys(("zip", "rar", "7z"), inspect_archive),
    **dict.fromkeys(("docx", "xlsx", "pptx"), inspect_office),
    **dict.fromkeys(("doc", "xls", "ppt"), inspect_binary_office),
    "pdf": inspect_pdf,
}


def process(job: Job, limits: Limits) -> Outcome:
    """Inspect a file; nothing is written.

    Raises:
        Hostile: a bomb, whatever the policy.
        Unreadable: not what it says.
    """
    return Outcome(findings=_INSPECTIONS[job.kind](job.kind, job.source, limits))
