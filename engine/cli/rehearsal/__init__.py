"""Trying a draft out: by hand, step by step, and by its stories; in a child process, on a scratch database.

The web process starts `worker` and speaks with it in lines of JSON; nothing here ever touches an installation's data.
"""
