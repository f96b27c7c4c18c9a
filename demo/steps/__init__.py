"""The steps of the demo's orders: which ways they take, and the change of each step."""
