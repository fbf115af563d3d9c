"""placeholder"""


def explain() -> None: ...
