"""`selloff data compact`: few, ordered files, and none that nothing refers to."""

from __future__ import annotations

from selloff.cli.console import context, fails_cleanly, out


@fails_cleanly
def compact() -> None:
    """Rewrite the store in few, ordered files and remove leftovers older than six hours. No answer
    changes."""
    done = context.store.compact()
    if done.files_before == 0:
        out.print("Nothing is stored yet.")
        return
    out.print(
        f"{done.files_before:,} files, {done.bytes_before / 1e6:,.1f} MB → "
        f"{done.files_after:,} files, {done.bytes_after / 1e6:,.1f} MB."
    )
    if done.bytes_after > done.bytes_before:
        out.print("The replaced files stay for six hours, for reads that began with them; a later run removes them.")
