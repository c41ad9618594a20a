"""What only `make run` and the tests need: production never imports this package."""
