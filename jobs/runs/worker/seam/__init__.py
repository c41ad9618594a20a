"""Where Celery tells the ledger what becomes of a run: its start, its ends, its next attempt."""
