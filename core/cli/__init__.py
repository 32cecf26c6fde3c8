"""The command line, wetread-cli: one module for each subcommand."""
