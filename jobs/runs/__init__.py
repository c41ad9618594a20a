"""The ledger: one row per execution, its states and transitions, and the pages that show it."""
