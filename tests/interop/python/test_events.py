"""python-socketio: connecting, events, acknowledgements, binary."""

import threading

from interop import DEADLINE, InteropTestCase


class Events:
    def test_the_welcome_carries_the_auth_object(self):
        auth = {"token": "żeton", "roles": ["a", "b"]}
        client = self.connect(auth=auth)
        self.assertEqual(client.wait_for("welcome"), [({"auth": auth},)])

    def test_without_auth_the_server_sees_an_empty_object(self):
        self.assertEqual(self.connect().wait_for("welcome"), [({"auth": {}},)])

    def test_the_transport_is_the_one_asked_for(self):
        self.assertEqual(self.connect().sio.transport(), self.transports[-1])

    def test_client_and_server_agree_on_the_socket_id(self):
        client = self.connect()
        self.assertEqual(client.call("id"), client.sio.get_sid())

    def test_values_are_acknowledged_unchanged(self):
        client = self.connect()
        for value in ["text", "", "日本語 👩‍👩‍👧‍👦", 0, -1, 2**53 - 1, 0.1, True, None, [], {}, {"a": [1, {"b": None}]}]:
            with self.subTest(value=value):
                self.assertEqual(client.call("echo", value), value)

    def test_no_value_and_several_values(self):
        client = self.connect()
        self.assertIsNone(client.call("join", "r"))
        self.assertEqual(client.call("echo", 1, "two", [3]), (1, "two", [3]))
        client.emit("back")
        self.assertEqual(client.wait_for("back", 1), [()])
        client.emit("back", 1, "two", [3])
        self.assertEqual(client.wait_for("back", 2), [(), (1, "two", [3])])

    def test_events_sent_at_once_all_come_back_once(self):
        client = self.connect()
        numbers = range(10)  # the client reads no more than 16 packets from one polling payload
        for number in numbers:
            client.emit("back", number)
        client.wait_for("back", len(numbers))
        self.fence(client)
        self.assertEqual(sorted(client.received("back")), [(number,) for number in numbers])

    def test_binary_is_acknowledged_and_sent_back(self):
        client = self.connect()
        everything = {"list": [bytes(range(256)), b""], "deep": {"of": b"\x00\xff"}, "n": 1}
        self.assertEqual(client.call("echo", everything, b"more"), (everything, b"more"))
        client.emit("back", everything, b"more")
        self.assertEqual(client.wait_for("back"), [(everything, b"more")])

    def test_200_kb_come_back_whole(self):
        client = self.connect()
        for value in ("ä€😀x" * 20_000, bytes(range(250)) * 800):
            self.assertEqual(client.call("echo", value), value)

    def test_the_server_asks_and_the_client_answers(self):
        client = self.connect()
        client.sio.on("question", lambda payload: {"answer to": payload})
        self.assertEqual(client.call("ask-me", [1, b"two"]), {"answer to": [1, b"two"]})

    def test_answers_out_of_order_find_their_calls(self):
        client = self.connect()
        order = []
        done = threading.Semaphore(0)

        def note(value):
            order.append(value)
            done.release()

        for milliseconds, value in ((300, "slow"), (150, "middle"), (1, "quick")):
            client.sio.emit("slow-echo", (milliseconds, value), callback=note)
        for _ in range(3):
            self.assertTrue(done.acquire(timeout=DEADLINE), "waited in vain for an answer of slow-echo")
        self.assertEqual(order, ["quick", "middle", "slow"])


class EventsOverWebsocket(Events, InteropTestCase):
    transports = ["websocket"]


class EventsOverPolling(Events, InteropTestCase):
    transports = ["polling"]


class EventsUpgraded(Events, InteropTestCase):
    transports = ["polling", "websocket"]
