"""WHAT runs: one small Django app a folder. A folder with an apps.py is found and installed."""
