"""The tests: laws first, then cases, then journeys; they mirror the tree."""
