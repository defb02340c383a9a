"""Compare how vantage points talk: the library behind the notebooks."""
