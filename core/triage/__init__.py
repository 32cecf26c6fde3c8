"""Many files, unattended: one row for each, urgent first."""
