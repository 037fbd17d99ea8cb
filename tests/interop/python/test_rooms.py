"""python-socketio: rooms, broadcasts and namespaces."""

from interop import InteropTestCase


class Rooms:
    def connect_three(self):
        return [self.connect() for _ in range(3)]

    def assert_delivered(self, event, payload, to, not_to):
        """The event reaches each of `to` once and none of `not_to`. See the fence for why that is certain."""
        for client in to:
            client.wait_for(event)
        for _ in range(2):
            self.fence(*to, *not_to)
        self.assertEqual([client.received(event) for client in to], [[(payload,)]] * len(to))
        self.assertEqual([client.received(event) for client in not_to], [[]] * len(not_to))

    def test_to_reaches_the_members_but_the_sender(self):
        sender, member, outsider = self.connect_three()
        sender.call("join", "r")
        member.call("join", "r")
        sender.emit("to", "r", "hello")
        self.assert_delivered("room", "hello", [member], [sender, outsider])

    def test_in_reaches_the_sender_too(self):
        sender, member, outsider = self.connect_three()
        sender.call("join", "r")
        member.call("join", "r")
        sender.emit("in", "r", {"bytes": b"\x00\xff"})
        self.assert_delivered("room", {"bytes": b"\x00\xff"}, [sender, member], [outsider])

    def test_who_has_left_gets_nothing(self):
        sender, member, leaver = self.connect_three()
        for client in (member, leaver):
            client.call("join", "r")
        leaver.call("leave", "r")
        sender.emit("to", "r", "after")
        self.assert_delivered("room", "after", [member], [sender, leaver])

    def test_the_id_of_a_client_is_a_room(self):
        sender, addressee, other = self.connect_three()
        sender.emit("to", addressee.sio.get_sid(), "private")
        self.assert_delivered("room", "private", [addressee], [sender, other])

    def test_a_shout_reaches_all_but_the_sender(self):
        sender, first, second = self.connect_three()
        sender.emit("shout", "hear")
        self.assert_delivered("shout", "hear", [first, second], [sender])

    def test_a_broadcast_reaches_all(self):
        clients = self.connect_three()
        clients[0].emit("all", "everyone")
        self.assert_delivered("all", "everyone", clients, [])


class RoomsOverWebsocket(Rooms, InteropTestCase):
    transports = ["websocket"]


class RoomsOverPolling(Rooms, InteropTestCase):
    transports = ["polling"]


class RoomsUpgraded(Rooms, InteropTestCase):
    transports = ["polling", "websocket"]
