"""The API: how the product is reached over HTTP. Doors translate and decide nothing."""
