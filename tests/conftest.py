"""Hypothesis profiles: `dev` by default, `ci` and `nightly` by HYPOTHESIS_PROFILE."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

settings.register_profile("dev", max_examples=100, deadline=None, derandomize=True)  # the same cases everywhere
settings.register_profile("ci", max_examples=1_000, deadline=None)
settings.register_profile("nightly", max_examples=100_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
