"""Keep: the bitemporal observation table, as-of reads, lineage to raw bytes."""

from selloff.store.maintenance import Compacted
from selloff.store.payloads import PAYLOAD_SCHEMA, Payload, PayloadFinding
from selloff.store.place import Place
from selloff.store.table import Appended, Store

__all__ = ["PAYLOAD_SCHEMA", "Appended", "Compacted", "Payload", "PayloadFinding", "Place", "Store"]
