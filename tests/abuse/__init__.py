"""What an attacker may try, and what whoever takes the server may read."""
