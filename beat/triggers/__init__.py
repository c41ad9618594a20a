"""Database triggers that mark the timer of every edited schedule."""
