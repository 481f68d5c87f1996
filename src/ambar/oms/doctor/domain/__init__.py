"""What the doctor may say, and what follows from it. Pure."""
