"""The command line: starting, looking, moving the development clock. Parses, makes one call, prints."""
