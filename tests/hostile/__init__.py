"""Hostile input: small files and folders, large ones, and a runner that holds orgdiag to its word.

`python -m tests.hostile small FOLDER` and `… large FOLDER` write them, to be looked at;
`python -m tests.hostile check` runs orgdiag over all of them, each in a process of its own.
"""
