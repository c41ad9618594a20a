"""Reports that are written in SQL, in the admin: asked of a source that can only be read."""
