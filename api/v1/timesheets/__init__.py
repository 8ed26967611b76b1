"""Time: reported, handed in, approved or sent back, chased, corrected; and links that do so."""
