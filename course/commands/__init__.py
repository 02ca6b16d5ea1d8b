"""The command line, by who types it. Everything heavy is imported by the command that needs it."""
