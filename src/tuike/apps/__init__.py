"""What a party's own software may do: access tokens, nonces of signed calls, calls a minute, the log of calls.

Knows parties, whose AppID and AppSecret they are. Refuses to know what a call does: that is the doors' business.
"""
