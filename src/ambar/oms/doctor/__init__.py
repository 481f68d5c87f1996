"""The integration doctor: every step of the public set-up page checked, each finding with its fix."""
