"""Commands of the command line, a room for each kind of work; `cli.py` opens only the room that is called."""
