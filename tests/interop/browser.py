"""Headless Chromium, driven over a pair of pipes by its DevTools protocol: no other module needed.

    with Browser(chromium) as browser:
        page = browser.open("file:///tmp/page.html", width=390, height=844, dark=True)
        page.evaluate("document.title")       # the value of an expression
        page.troubles                         # what the page complained of on its console
        page.screenshot("page.png")
"""

import base64
import json
import os
import select
import signal
import subprocess
import tempfile
import time

PATIENCE_S = 60
# Where Chromium reads what it is told, and writes what it answers, with --remote-debugging-pipe.
_COMMANDS_FD, _ANSWERS_FD = 3, 4


class Browser:
    def __init__(self, program):
        self._program = program
        self._id = 0
        self._unread = b""
        self._listeners = {}  # by session: takes what it was not asked for

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        commands, self._out = os.pipe()
        self._in, answers = os.pipe()

        def take_pipes():
            # Away from both numbers first: either may be in use by a pipe.
            ends = os.dup(commands), os.dup(answers)
            os.dup2(ends[0], _COMMANDS_FD)
            os.dup2(ends[1], _ANSWERS_FD)

        self._process = subprocess.Popen(
            [self._program, "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-proxy-server", "--no-first-run",
             "--hide-scrollbars", "--remote-debugging-pipe",
             "--user-data-dir=" + os.path.join(self._folder.name, "profile"), "about:blank"],
            preexec_fn=take_pipes, close_fds=False, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ, HOME=self._folder.name))
        os.close(commands)
        os.close(answers)
        return self

    def __exit__(self, *_):
        # Its children, too: they hold the profile.
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._out)
        os.close(self._in)
        self._folder.cleanup()

    def call(self, method, session=None, **params):
        """The result of a method of the protocol."""
        self._id += 1
        command = {"id": self._id, "method": method, "params": params}
        if session:
            command["sessionId"] = session
        os.write(self._out, json.dumps(command).encode() + b"\0")
        answer = self.read_until(lambda message: message.get("id") == self._id)
        if "error" in answer:
            raise AssertionError("%s: %s" % (method, answer["error"]["message"]))
        return answer["result"]

    def read_until(self, wanted):
        """The first message that is `wanted`; each passes by the listener of its session."""
        limit = time.monotonic() + PATIENCE_S
        while True:
            while b"\0" in self._unread:
                line, self._unread = self._unread.split(b"\0", 1)
                message = json.loads(line)
                listener = self._listeners.get(message.get("sessionId"))
                if listener:
                    listener(message)
                if wanted(message):
                    return message
            ready, _, _ = select.select([self._in], [], [], max(0, limit - time.monotonic()))
            part = os.read(self._in, 1 << 20) if ready else b""
            if not part:
                raise AssertionError("Chromium " + ("has ended" if ready else "does not answer"))
            self._unread += part

    def listen(self, session, listener):
        self._listeners[session] = listener

    def open(self, url, width, height, dark=False):
        """A page that has been loaded, in a tab of its own."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        page.call("Page.enable")
        page.call("Runtime.enable")
        page.call("Log.enable")
        page.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 600)
        page.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        failure = page.call("Page.navigate", url=url).get("errorText")
        if failure:
            raise AssertionError("%s: %s" % (url, failure))
        while not page.is_loaded:
            self.read_until(lambda message: True)
        return page


class Page:
    def __init__(self, browser, session):
        self._browser = browser
        self._session = session
        self.is_loaded = False
        self.troubles = []
        browser.listen(session, self._listen)

    def call(self, method, **params):
        return self._browser.call(method, self._session, **params)

    def _listen(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Page.loadEventFired":
            self.is_loaded = True
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.troubles.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled":
            self.troubles.append(" ".join(
                str(argument.get("value", argument.get("description")))
                for argument in params["args"]))
        elif method == "Log.entryAdded":
            self.troubles.append(params["entry"]["text"])

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    def screenshot(self, path, whole=True):
        octets = self.call("Page.captureScreenshot", captureBeyondViewport=whole, **(
            {"clip": {"x": 0, "y": 0, "scale": 1,
                      "width": self.evaluate("document.documentElement.clientWidth"),
                      "height": self.evaluate("document.documentElement.scrollHeight")}}
            if whole else {}))["data"]
        with open(path, "wb") as out:
            out.write(base64.b64decode(octets))

    def print_to_pdf(self, path):
        with open(path, "wb") as out:
            out.write(base64.b64decode(
                self.call("Page.printToPDF", printBackground=True)["data"]))
