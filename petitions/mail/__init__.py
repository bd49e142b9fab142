"""The mail floor: what a queued mail says, and how it leaves. It commits nothing."""
