"""`python -m ambar.omnitron <command>`: Django's command line for Omnitron."""

from ambar.kit.deployment import manage

if __name__ == "__main__":
    manage("omnitron")
