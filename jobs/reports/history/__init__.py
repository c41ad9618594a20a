"""The history of the platform's own runs, as a report."""
