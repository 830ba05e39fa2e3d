"""An app that uses the official Python SDK as it is published, driven by its standard input.

Each line in is a call, {"id": 1, "call": "set_prompt", "args": {...}}; each line out is its answer,
{"id": 1, "result": ...} or {"id": 1, "error": {"type": ..., "message": ...}}, or an event, {"event": ..., "value": ...}.
"""

import asyncio
import base64
import json
import logging
import os
import sys
from typing import get_args

from decart import DecartClient, ModelState, Prompt, decode_client_token, models, verify_client_token
from decart.models import VideoModels
from decart.realtime import RealtimeClient, RealtimeConnectOptions, SetInput, SubscribeOptions
from livekit import rtc

WIDTH, HEIGHT, FPS = 320, 180, 15


def say(**line):
    print(json.dumps(line), flush=True)


def picture(number):
    """An I420 frame: a ramp that moves, so that no two frames in a row are equal."""
    luma = bytes((x + y + 4 * number) % 256 for y in range(HEIGHT) for x in range(WIDTH))
    chroma = bytes([128]) * (WIDTH * HEIGHT // 2)
    return rtc.VideoFrame(WIDTH, HEIGHT, rtc.VideoBufferType.I420, bytearray(luma + chroma))


class Camera:
    """Sends the moving ramp until it is stopped."""

    def __init__(self):
        self.source = rtc.VideoSource(WIDTH, HEIGHT)
        self.track = rtc.LocalVideoTrack.create_video_track("camera", self.source)
        self.task = asyncio.create_task(self.run())

    async def run(self):
        frames = [picture(number) for number in range(16)]
        number = 0
        while True:
            self.source.capture_frame(frames[number % len(frames)])
            number += 1
            await asyncio.sleep(1 / FPS)

    async def stop(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.source.aclose()


class Screen:
    """Counts the frames of the remote track that came last."""

    def __init__(self, name):
        self.name = name
        self.frames = 0
        self.tracks = 0
        self.size = None
        self.frame_came = asyncio.Event()
        self.task = None

    def show(self, track):
        self.tracks += 1
        say(event=f"{self.name}.track", value=self.tracks)
        if self.task is not None:
            self.task.cancel()
        self.task = asyncio.create_task(self.read(track))

    async def read(self, track):
        stream = rtc.VideoStream(track)
        try:
            async for received in stream:
                self.frames += 1
                self.size = [received.frame.width, received.frame.height]
                self.frame_came.set()
        finally:
            await stream.aclose()

    async def more(self, count):
        enough = self.frames + count
        while self.frames < enough:
            self.frame_came.clear()
            await self.frame_came.wait()
        return {"frames": self.frames, "size": self.size}

    async def close(self):
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


class App:
    def __init__(self):
        self.client = None
        self.realtime = None
        self.viewer = None
        self.camera = None
        self.screen = Screen("remote")
        self.viewer_screen = Screen("viewer")

    async def open(self, api_key, base_url, http_base_url):
        self.client = DecartClient(api_key=api_key, base_url=http_base_url, realtime_base_url=base_url)

    async def connect(self, model, prompt=None, image=None, camera=True, **options):
        self.camera = Camera() if camera else None
        state = ModelState(
            prompt=Prompt(text=prompt) if prompt is not None else None,
            image=base64.b64decode(image) if image is not None else None,
        )
        self.realtime = await RealtimeClient.connect(
            base_url=self.client.realtime_base_url,
            api_key=self.client.api_key,
            local_track=self.camera.track if self.camera else None,
            options=RealtimeConnectOptions(
                model=models.realtime(model),
                on_remote_stream=self.screen.show,
                initial_state=state,
                **options,
            ),
        )
        self.realtime.on("connection_change", lambda state: say(event="state", value=state))
        self.realtime.on("error", lambda error: say(event="error", value=str(error)))
        self.realtime.on("generation_tick", lambda tick: say(event="tick", value=tick.seconds))
        return {"session_id": self.realtime.session_id, "subscribe_token": self.realtime.subscribe_token}

    async def more_frames(self, count):
        return await self.screen.more(count)

    async def set_prompt(self, prompt, enhance=True):
        await self.realtime.set_prompt(prompt, enhance=enhance)

    async def set_image(self, image, **options):
        await self.realtime.set_image(base64.b64decode(image) if image is not None else None, **options)

    async def set(self, prompt=None, image=None):
        await self.realtime.set(SetInput(prompt=prompt, image=base64.b64decode(image) if image is not None else None))

    async def state(self):
        return self.realtime.get_connection_state()

    async def subscribe(self, token):
        self.viewer = await RealtimeClient.subscribe(
            base_url=self.client.realtime_base_url,
            api_key=self.client.api_key,
            options=SubscribeOptions(token=token, on_remote_stream=self.viewer_screen.show),
        )
        self.viewer.on("connection_change", lambda state: say(event="viewer.state", value=state))
        return self.viewer.get_connection_state()

    async def more_viewed(self, count):
        return await self.viewer_screen.more(count)

    async def unsubscribe(self):
        await self.viewer.disconnect()
        await self.viewer_screen.close()

    async def disconnect(self):
        await self.realtime.disconnect()
        await self.screen.close()
        if self.camera is not None:
            await self.camera.stop()

    async def create_token(self, **options):
        token = await self.client.tokens.create(**options)
        return token.model_dump()

    async def decode_token(self, token):
        return decode_client_token(token).model_dump(mode="json", exclude={"claims"})

    async def edit_image(self, model, **options):
        options["data"] = base64.b64decode(options["data"])
        return len(await self.client.process({"model": models.image(model), **options}))

    async def verify_token(self, token, jwks_url):
        verified = await verify_client_token(token, jwks_url=jwks_url)
        return verified.model_dump(mode="json", exclude={"claims"})

    async def video_models(self):
        return list(get_args(VideoModels))

    async def run_job(self, model, **options):
        options["data"] = base64.b64decode(options["data"])
        job = await self.client.queue.submit_and_poll({"model": models.video(model), **options})
        return {"status": job.status, "bytes": len(job.data) if job.status == "completed" else 0}

    async def close(self):
        if self.client is not None:
            await self.client.close()


async def main():
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    app = App()
    calls = set()

    async def answer(line):
        try:
            result = await getattr(app, line["call"])(**line.get("args", {}))
            say(id=line["id"], result=result)
        except Exception as error:
            say(id=line["id"], error={"type": type(error).__name__, "message": str(error)})

    reader = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    say(event="ready", value=None)
    async for line in reader:
        call = asyncio.create_task(answer(json.loads(line)))
        calls.add(call)
        call.add_done_callback(calls.discard)
    await app.close()


asyncio.run(main())
# Threads of the native library that call into an interpreter which is ending would abort the process.
os._exit(0)
