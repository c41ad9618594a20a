"""Reproducible measurements: `make bench`, `make bench-long`; docs/benchmarks.md keeps the figures.

`python -m benchmarks <name> --help` tells what each can be told.
"""
