"""Fitted parameters: data files with their provenance, one set per fit date."""

from selloff.attribution.fitted.parameters import (
    FittedSet,
    fitted_as_of,
    fitted_on,
    load_fitted,
    parameters_as_of,
    write_fitted,
)

__all__ = ["FittedSet", "fitted_as_of", "fitted_on", "load_fitted", "parameters_as_of", "write_fitted"]
