"""The list of many cases, urgent first."""
