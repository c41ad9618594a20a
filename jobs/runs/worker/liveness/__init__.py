"""What makes a worker known as alive, and ends what it executes when it is not."""
