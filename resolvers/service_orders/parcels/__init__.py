"""The parcels of service orders: the customer's shipment and its receipt. One use case per file."""
