"""`petitions worker`: sends mail and tidies up, beside `petitions serve`."""

import click

from petitions.cli.house import House, pass_house


@click.command()
@click.option(
    "--with-parent", is_flag=True, hidden=True, help="End when the parent process is gone."
)
@pass_house
def worker(house: House, with_parent: bool) -> None:
    """Send the mails that wait, and delete what is over.

    Keep one running beside `petitions serve`; two share the work. Mail needs PETITIONS_SMTP_URL:
    without it mails wait. Stops on Ctrl-C or SIGTERM within seconds and gives back what it had
    not sent; what a killed worker was doing is taken over by another within 20 seconds.
    """
    from petitions.cli.parents import end_with_parent
    from petitions.cli.schema import refuse_unmigrated
    from petitions.worker.loop import work

    if with_parent:
        end_with_parent()
    app = house.application()
    refuse_unmigrated(app)
    work(app)
