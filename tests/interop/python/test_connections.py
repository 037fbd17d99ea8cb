"""python-socketio: namespaces, refusals, and the end of a connection."""

from interop import InteropTestCase


class Connections:
    def test_two_namespaces_share_a_connection_and_keep_apart(self):
        client, other = (self.connect(namespaces=["/", "/admin"]) for _ in range(2))
        self.assertNotEqual(client.sio.get_sid("/"), client.sio.get_sid("/admin"))
        self.assertEqual(client.call("id", namespace="/admin"), client.sio.get_sid("/admin"))
        for namespace in ("/", "/admin"):
            other.call("join", "shared name", namespace=namespace)
        client.emit("to", "shared name", "for admins", namespace="/admin")
        self.assertEqual(other.wait_for("room", namespace="/admin"), [("for admins",)])
        self.fence(other)
        self.assertEqual(other.received("room"), [])

    def test_a_namespace_that_does_not_exist_is_refused(self):
        self.assertEqual(self.refusal("/nowhere"), {"message": "Invalid namespace"})

    def test_a_guarded_namespace_is_refused_without_the_secret(self):
        reply = self.refusal("/private", auth={"token": "guess"})
        self.assertEqual(reply, {"message": "not authorized", "data": {"code": 401}})

    def test_a_guarded_namespace_lets_the_secret_in(self):
        client = self.connect(namespaces=["/private"], auth={"token": "secret"})
        self.assertTrue(client.sio.get_sid("/private"))

    def test_the_client_disconnects(self):
        client, witness = self.connect(), self.connect()
        sid = client.sio.get_sid()
        client.sio.disconnect()
        self.assertEqual(client.wait_for("disconnect"), [("client disconnect",)])
        # The client does not wait for its DISCONNECT packet to go out before it closes the transport.
        self.assertIn(self.reason_noted(witness, sid), ("client namespace disconnect", "transport close"))

    def test_the_server_disconnects(self):
        for close in (False, True):
            with self.subTest(close=close):
                client, witness = self.connect(), self.connect()
                sid = client.sio.get_sid()
                client.emit("kick", close)
                self.assertEqual(client.wait_for("disconnect"), [("server disconnect",)])
                self.assertEqual(self.reason_noted(witness, sid), "server namespace disconnect")

    def reason_noted(self, witness, sid):
        """Asks the server until it has noted the end of the socket."""
        return self.ask_until(lambda: dict(witness.call("disconnects")).get(sid), f"the end of {sid} to be noted")


class ConnectionsOverWebsocket(Connections, InteropTestCase):
    transports = ["websocket"]


class ConnectionsOverPolling(Connections, InteropTestCase):
    transports = ["polling"]


class ConnectionsUpgraded(Connections, InteropTestCase):
    transports = ["polling", "websocket"]
