"""What an uploaded paper says: text layer first, then optical reading; it informs people and decides nothing.

`reader.read_paper` asks the sandbox for the lines of each page, `papers.understand` finds the fields in them,
`compare.compare` sets one beside what was typed. The lines are kept, the rest is worked out whenever it is shown.
"""
