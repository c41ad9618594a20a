"""What an executing attempt says and reports, captured and written."""
