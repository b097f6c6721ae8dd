"""The catalogue of questions and the way to answer them."""
