"""The server under test, and python-socketio clients that note what they receive."""

import atexit
import functools
import os
import queue
import subprocess
import threading
import time
import unittest
from pathlib import Path

import socketio

DEADLINE = float(os.environ.get("DEADLINE_MS", 10_000)) / 1000
SUITE = Path(__file__).resolve().parent.parent
COMMAND = os.environ.get("SERVER_CMD", "../../target/debug/examples/interop_server")


class Server:
    """A server process; `url` is where it listens."""

    def __init__(self):
        # `exec` makes the shell become the server, so that the pid we know is the one to end.
        self.process = subprocess.Popen(
            f"exec {COMMAND}",
            shell=True,
            cwd=SUITE,
            env={**os.environ, "PORT": "0"},
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.process.kill)
        lines = queue.Queue()
        # Goes on reading to the end: a full pipe would stop the server.
        self.reader = threading.Thread(target=lambda: [lines.put(line) for line in self.process.stdout], daemon=True)
        self.reader.start()
        self.url = self._address(lines)

    def _address(self, lines):
        prefix = "listening on "
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until and self.process.poll() is None:
            try:
                line = lines.get(timeout=0.1)
            except queue.Empty:
                continue
            if line.startswith(prefix):
                return "http://" + line[len(prefix) :].strip()
        self.stop()
        raise RuntimeError(f"no '{prefix}127.0.0.1:<port>' from {COMMAND}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        atexit.unregister(self.process.kill)


class Client:
    """A client of one or more namespaces that notes what arrives.

    python-socketio handles every message in a thread of its own. So the order of what is noted says
    little about the order of what was sent, and no test here relies on it; the JavaScript tests do.
    """

    def __init__(self, namespaces):
        self._news = threading.Condition()
        self._received = []
        self.namespaces = list(namespaces)
        self.sio = socketio.Client(reconnection=False)
        for namespace in self.namespaces:
            for event in ("connect_error", "disconnect"):
                self.sio.on(event, functools.partial(self._note, namespace, event), namespace=namespace)
            self.sio.on("*", functools.partial(self._note, namespace), namespace=namespace)

    def connect(self, url, transports, auth):
        self.sio.connect(
            url, auth=auth, transports=transports, namespaces=self.namespaces, wait_timeout=DEADLINE
        )

    def _note(self, namespace, event, *args):
        with self._news:
            self._received.append((namespace, event, args))
            self._news.notify_all()

    def received(self, event, namespace="/"):
        """The argument tuples of all such events so far."""
        with self._news:
            return [args for ns, name, args in self._received if (ns, name) == (namespace, event)]

    def wait_for(self, event, count=1, namespace="/"):
        """Waits for that many such events, and returns their argument tuples."""
        with self._news:
            if not self._news.wait_for(lambda: len(self.received(event, namespace)) >= count, DEADLINE):
                raise AssertionError(
                    f"waited {DEADLINE} s in vain for event {event!r} number {count} in {namespace}; "
                    f"{len(self.received(event, namespace))} arrived"
                )
            return self.received(event, namespace)

    def emit(self, event, *args, namespace="/"):
        self.sio.emit(event, args, namespace=namespace)

    def call(self, event, *args, namespace="/"):
        """The acknowledgement: None, the one value, or a tuple of several."""
        return self.sio.call(event, args, namespace=namespace, timeout=DEADLINE)

    def close(self):
        self.sio.disconnect()


class InteropTestCase(unittest.TestCase):
    """One server per class, and clients that are closed after each test."""

    transports = None  # the list given to the client, set by the subclass

    @classmethod
    def setUpClass(cls):
        server = Server()
        cls.url = server.url
        cls.addClassCleanup(server.stop)

    def connect(self, namespaces=("/",), auth=None):
        client = Client(namespaces)
        self.addCleanup(client.close)
        client.connect(self.url, self.transports, auth)
        return client

    def refusal(self, namespace, auth=None):
        """What the server says when it refuses to let a client into the namespace."""
        client = Client([namespace])
        self.addCleanup(client.close)
        with self.assertRaises(socketio.exceptions.ConnectionError):
            client.connect(self.url, self.transports, auth)
        [(reply,)] = client.wait_for("connect_error", namespace=namespace)
        return reply

    def fence(self, *clients, namespace="/"):
        """One round trip per client: what was sent to it before has arrived, what it sent is processed."""
        for client in clients:
            self.assertEqual(client.call("echo", "fence", namespace=namespace), "fence")

    def ask_until(self, ask, what):
        """Asks again and again, by a round trip to the server, until there is an answer."""
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            if answer := ask():
                return answer
        self.fail(f"asked for {DEADLINE} s in vain for {what}")
