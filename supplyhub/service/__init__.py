"""One function a verb, one transaction a verb: may I, look with a lock, decide, write."""
