"""Pure rules of the one-stop counter: standard library only, and time is always an argument."""
