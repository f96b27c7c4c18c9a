"""What the steps of a service order carry: decisions, receipts, refunds, pictures."""
