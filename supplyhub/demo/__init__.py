"""The real province that `demo` loads: Hubei in January 2020, its places, its reserves and its needs."""
