"""/v1/operations: work that was accepted, its progress, and each member of its set."""

from api.answers import OPERATION
from api.door import reads

reads(OPERATION, "/v1/operations", scope="operations:read", tag="kernel")
