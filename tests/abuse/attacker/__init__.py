"""A scripted attacker: talks to a running site over real sockets, and keeps count of what it did.

`client` sends whatever HTTP can say, `raw` what it cannot, `crowd` does things at the same time,
`ledger` counts. What each attack tries is in the test modules beside this folder.
"""
