"""Reports that are written in SQL, in the admin."""
