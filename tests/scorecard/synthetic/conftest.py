from scored import bare_context, shared_data

__all__ = ["bare_context", "shared_data"]
