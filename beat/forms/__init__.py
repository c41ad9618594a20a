"""The forms of operators: each refuses what could not run, with a sentence."""
