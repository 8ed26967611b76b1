"""Pages: the product for a person in a browser: templates, their look, and what fills them."""
