"""Is the committed document of the wire the one that the doors generate?"""

from __future__ import annotations

from tests.house.tree import ROOT


def test_the_committed_document_is_the_generated_one():
    from api.document import written

    is_current = (ROOT / "openapi" / "v1.yaml").read_bytes() == written()
    assert is_current, "run python3 manage.py spec, and read the difference aloud"
