"""Keep: the bitemporal observation table, as-of reads, lineage to raw bytes."""

from selloff.store.payloads import Payload
from selloff.store.table import Appended, Store

__all__ = ["Appended", "Payload", "Store"]
