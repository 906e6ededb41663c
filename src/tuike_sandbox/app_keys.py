"""Where the web application keeps its world."""

from aiohttp import web

from tuike_sandbox.world import World

WORLD = web.AppKey("world", World)
