"""What a WSGI server loads."""

from petitions import create_app

app = create_app()
