"""/v1/exports: the firm's records taken out, whole."""

from tempfile import TemporaryFile

from api import fields
from api.door import Call, Stream, door
from tenants import exporting


class ExportIn(fields.Input):
    """Why, for it is recorded."""

    reason = fields.Text(longest=500)


@door("POST", "/v1/exports", "exports_make", scope="exports:read", body=ExportIn,
      answers="application/zip", fresh=True, role="apart", tag="kernel")  # fmt: skip
def make(call: Call) -> object:
    """Take the firm's records out, whole: every table as CSV and every document, as of one moment.

    `manifest.json` in the zip tells columns, rows and SHA-256 of each file. What is sealed stays
    sealed; keys, one-time links, stored answers and bank files are left out. Nothing of it is kept
    here, and `books.exported` tells who took it.
    """
    # Gone with its last reader, whatever becomes of the answer.
    file = TemporaryFile()  # noqa: SIM115  # closed by the answer that streams it
    try:
        exporting.take(call.firm, file, reason=call.body["reason"], actor=call.actor, at=call.at)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return Stream(file, "application/zip", f"books-{call.on.isoformat()}.zip")
