"""The window: a face on core, without arithmetic on pixels."""
