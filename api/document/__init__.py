"""The document: openapi/v1.yaml, made by drf-spectacular from the doors."""

from api.document.generator import document, written

__all__ = ["document", "written"]
