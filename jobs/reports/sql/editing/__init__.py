"""The page on which a report is written in SQL: its forms, its preview, saving it."""
