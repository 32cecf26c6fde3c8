"""Background work: ask, answered, close; all alike."""
