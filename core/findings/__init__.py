"""What was seen, in types and in words."""
