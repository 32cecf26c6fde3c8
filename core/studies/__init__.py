"""Files to studies: scanning folders, grouping and ordering by headers."""
