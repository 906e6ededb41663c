"""The product's database for a command: Django set up, the database there, or a sentence and an exit code."""

import os
from typing import NoReturn

import django
import typer
from django.db import OperationalError, ProgrammingError, connection

from tuike.config import env
from tuike.runtime import home as homes
from tuike.runtime import postgres
from tuike.runtime.words import say

USAGE = 2
NO_DATABASE = 4


def use() -> None:
    """Let this process work on the running product's database; ends the command with exit code 4 where there is none.

    The home decides which one, as for `tuike up`; `DATABASE_URL` wins where it is set.
    """
    if not os.environ.get("DATABASE_URL") and not postgres.status(homes.find()).ready:
        # Asked before the settings are read, which would make a home's secrets: looking makes nothing.
        stop(
            NO_DATABASE,
            say(
                "数据库没有运行：先 tuike up 或 tuike db start",
                "the database isn't running: tuike up, or tuike db start, first",
            ),
        )
    env.read()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuike.config.settings")
    os.environ.setdefault("TUIKE_PROCESS", "cli")
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")
    django.setup()
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")
    except OperationalError as error:
        why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        stop(
            NO_DATABASE,
            say(
                f"连不上数据库：先 tuike up，或检查 DATABASE_URL（{why}）",
                f"the database can't be reached: tuike up first, or look at DATABASE_URL ({why})",
            ),
        )
    except ProgrammingError:
        stop(
            NO_DATABASE,
            say(
                "数据库里还没有产品的表：先运行一次 tuike up",
                "the database holds no tables of the product yet: run tuike up once",
            ),
        )


def stop(code: int, sentence: str) -> NoReturn:
    """End the command with a sentence on standard error."""
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
