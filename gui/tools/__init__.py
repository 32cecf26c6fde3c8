"""One mouse gesture in each module."""
