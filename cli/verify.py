"""placeholder"""


def verify() -> None: ...
