"""`python -m ambar.oms <command>`: Django's command line for the OMS."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ambar.oms.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["ambar.oms", *sys.argv[1:]])


if __name__ == "__main__":
    main()
