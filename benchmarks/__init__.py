"""Reproducible measurements. `make bench` runs them all; docs/benchmarks.md keeps the figures."""
