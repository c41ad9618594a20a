"""Reports: what a function tells about a period, kept as numbered versions that people read."""
