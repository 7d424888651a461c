"""Hypothesis profiles: `default` for every run; `full` for .ci/full (`HYPOTHESIS_PROFILE=full`)."""

import os

from hypothesis import HealthCheck, settings

_slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile("default", max_examples=20, deadline=None, database=None, suppress_health_check=_slow)
settings.register_profile("full", max_examples=200, deadline=None, database=None, suppress_health_check=_slow)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
