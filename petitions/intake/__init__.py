"""Pure readers: an Urgent Action, as text, PDF or DOCX, becomes a plain draft with its doubts.

Nothing here knows a database, a request or the time of day. What cannot be read stays empty; a
wrong field is worse than an empty one, and what looked meaningful and was not understood is a doubt
with its line number.
"""
