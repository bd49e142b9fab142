"""Processes that do a job on a sealed case for the web server, which starts them."""

import sys

import click

from petitions.cli.house import House, pass_house


@click.command("build-unlocked", hidden=True)
@pass_house
def build_unlocked(house: House) -> None:
    """Do one build of a sealed case. All that it is about comes through standard input."""
    from petitions.worker.unlocked import build_unlocked as build

    build(house.application(), sys.stdin.buffer)


@click.command("mail-unlocked", hidden=True)
@pass_house
def mail_unlocked(house: House) -> None:
    """Queue one piece of news of a sealed case. All that it is about comes through stdin."""
    from petitions.worker.unlocked_news import mail_unlocked as mail

    mail(house.application(), sys.stdin.buffer)
