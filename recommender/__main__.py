"""What an operator types, where the script is not on the path: ``python -m recommender``."""

from recommender.cli import main

main()
