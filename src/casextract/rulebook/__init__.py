"""Rules as data: their models, the overlay of an analyst's own, and the patterns made of them."""
