"""Facts <-> wire: what is sent becomes facts, or every fault in it is named at once."""
