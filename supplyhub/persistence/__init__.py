"""Facts to rows and back: the only rooms that speak SQL; used by the unit of work alone."""
