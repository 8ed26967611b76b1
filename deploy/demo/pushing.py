"""An ATS that pushes: placements with their workers, by the source's own keys, in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from deploy.demo.office import Desk, Refused, shares
from deploy.demo.world import FRIDAY, MONDAY, Agency, Job

SOURCE: Final = "bullhorn"
AT_ONCE: Final = 50


class Pushing(Desk):
    """A clerk beside whom an ATS hands over what recruiters placed."""

    def connects_ats(self) -> None:
        """Let the ATS send records."""
        body = {"name": SOURCE, "kind": "api", "time_zone": "Europe/London"}
        self.office.owner.post("/v1/sources", body)

    def pushes(
        self,
        agency: Agency,
        jobs: Sequence[Job],
        clients: Sequence[Mapping[str, str]],
        companies: Sequence[str],
    ) -> list[dict[str, Any]]:
        """Placements as the ATS approved them; the assignments they became, in order."""
        records = [
            placement(agency, job, clients[job.client], companies[job.company or 0]) for job in jobs
        ]
        for share in shares(records, AT_ONCE):
            told = self.office.key.post(f"/v1/sources/{SOURCE}/batches", {"items": share})
            if told["refused"]:
                raise Refused(str([one["problem"] for one in told["items"] if one["problem"]][:1]))
        self.settle()
        rows = self.every(self.office.key, "/v1/assignments")
        known = {row["reference"]: row for row in rows}
        return [known[f"A{job.n:04d}"] for job in jobs]


def placement(agency: Agency, job: Job, client: Mapping[str, str], company: str) -> dict[str, Any]:
    """A placement with its worker, as the ATS sends it."""
    rate = {
        "code": "regular", "unit": job.unit,
        "pay_rate": {"amount": str(job.pay), "currency": agency.currency},
        "bill_rate": {"amount": str(job.bill), "currency": agency.currency},
    }  # fmt: skip
    worker = {
        "external_id": f"CAND-{job.n:04d}", "given_name": job.given, "family_name": job.family,
        "country": agency.country, "email": f"w{job.n:04d}@workers.{agency.key}.test",
        "reference": f"W{job.n:04d}", "source_version": 1,
    }  # fmt: skip
    return {
        "record": "placement", "external_id": f"PL-{job.n:04d}", "source_version": 1,
        "worker": worker, "client": {"id": client["client"]}, "site": {"id": client["site"]},
        "approver": {"id": client["contact"]}, "intermediary": {"id": company},
        "engagement": job.engagement, "starts_on": MONDAY.isoformat(), "status": "approved",
        "rates": [{"since": MONDAY.isoformat(), "rates": [rate]}],
        "pay_frequency": job.frequency, "job_title": job.title, "reference": f"A{job.n:04d}",
        "week_starts": 0, "time_unit": job.unit,
        **({"ends_on": FRIDAY.isoformat()} if job.frequency == "monthly" else {}),
        **({"po_number": po} if (po := agency.clients[job.client].po_number) else {}),
    }  # fmt: skip
