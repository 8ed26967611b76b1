"""Reports: facts of each agency's weeks, published to the partner as sums; no person is in them."""
