"""The worker floor: what is done beside the requests. Steps commit; the loop repeats them."""
