"""Everything that Wetread does without a screen; never imports Qt."""
