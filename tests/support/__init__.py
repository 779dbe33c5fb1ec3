"""What the tests stand on: real servers to kill, a network to break, and waiting for conditions."""
