"""What a WSGI server loads."""

from petitions import create_app, logs

logs.set_up()  # before Flask looks for handlers: the paths in its lines hold tokens
app = create_app()
