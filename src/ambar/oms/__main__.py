"""`python -m ambar.oms <command>`: Django's command line for the OMS."""

from ambar.kit.deployment import manage

if __name__ == "__main__":
    manage("oms")
