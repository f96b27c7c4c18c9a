"""Finding rows. ``get`` raises, ``find`` may return None; the merchant is never left out."""
