"""`selloff data compact`: few, ordered files, and none that nothing refers to."""

from __future__ import annotations

from selloff.cli.console import context, fails_cleanly, out
from selloff.cli.data.render import size


@fails_cleanly
def compact() -> None:
    """Rewrite the store in few, ordered files and remove leftovers older than six hours. No answer
    changes."""
    done = context.store.compact()
    if done.files_before == 0:
        out.print("Nothing is stored yet.")
        return
    before = f"{done.files_before:,} files, {size(done.bytes_before)}"
    after = f"{done.files_after:,} files, {size(done.bytes_after)}"
    if (done.files_before, done.bytes_before) == (done.files_after, done.bytes_after):
        out.print(f"Nothing to do: {after}.")
        return
    out.print(f"{before} → {after}.")
    if done.bytes_after > done.bytes_before:
        out.print("The replaced files stay for six hours, for reads that began with them; a later run removes them.")
