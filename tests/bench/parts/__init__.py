"""The parts of `make bench`, each a module with `run(options)`."""
