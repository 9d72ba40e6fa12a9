"""What is sent, and what is believed of the generators' answers."""

import unittest

import loads
import servers

H2LOAD = """starting benchmark...
finished in 1.02s, 9803.92 req/s, 1.10MB/s
requests: 100 total, 100 started, 100 done, 100 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 100 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 12.24KB (12532) total, 4.20KB (4300) headers (space savings 61.32%), 1.76KB ({}) data
"""


class Said:
    """A server that is only asked what it answers with."""
    name = "Go"

    def __init__(self, echoes):
        self.echoes = echoes


def report(mode="closed", errors=(), p99_9_ns=None, notes=()):
    latency = {"p50_ns": 1_500, "p99_ns": 2_000, "p99_9_ns": p99_9_ns}
    return {"notes": list(notes), "load": {"mode": mode}, "totals": {"rps": 10.0, "ok": 5},
            "errors": [{"status": status, "count": 2, "first_message": "why"}
                       for status in errors],
            "latency": {"service": latency, "response": {**latency, "p50_ns": 9_000}},
            "generator": {"cpu": 0.4, "bound": True, "lateness": {"p99_ns": 700}},
            "server": {"cpu_us_per_rpc": 0.5, "rss_bytes": 4096, "cpu_cores": 0.9}}


class MessageTest(unittest.TestCase):
    def test_has_as_many_octets_as_asked_for(self):
        for payload_bytes in [2, 7, 129, 130, 131, 16_386, 16_387, 16_388, 1 << 20]:
            with self.subTest(payload_bytes=payload_bytes):
                message = loads.message_of(payload_bytes)
                self.assertEqual(len(message), payload_bytes)
                self.assertEqual(message[:1], b"\x0a")
                length, at = 0, 1
                while True:
                    length |= (message[at] & 0x7f) << 7 * (at - 1)
                    at += 1
                    if message[at - 1] < 0x80:
                        break
                self.assertEqual(len(message) - at, length)

    def test_is_hello_world_unasked_and_empty_without_octets(self):
        self.assertEqual(loads.message_of(None), b"\x0a\x05world")
        self.assertEqual(loads.message_of(0), b"")

    def test_is_answered_by_a_greeting_or_by_itself(self):
        for payload_bytes, greeting, echo in [(None, 18, 12), (0, 13, 5), (100, 111, 105),
                                              (129, 5 + 3 + 127 + 6, 134)]:
            with self.subTest(payload_bytes=payload_bytes):
                self.assertEqual(loads.reply_bytes(Said(False), payload_bytes), greeting)
                self.assertEqual(loads.reply_bytes(Said(True), payload_bytes), echo)


class H2loadTest(unittest.TestCase):
    def test_says_how_many_were_answered(self):
        self.assertEqual(loads.h2load_result(H2LOAD.format(1800), 100, 18, "Go"), (9803.92, 100))

    def test_is_not_believed_where_answers_lack_their_message(self):
        with self.assertRaises(servers.Failure) as raised:
            loads.h2load_result(H2LOAD.format(1782), 100, 18, "Go")
        self.assertEqual(raised.exception.sentence, "Go answered 100 calls of h2load with 1782 "
                         "octets of DATA, not 18 each: some were not OK. No figure")


class SampleTest(unittest.TestCase):
    def test_of_a_closed_loop_has_service_times_and_the_servers_cost(self):
        self.assertEqual(loads.sample_of(report()), {
            "rate": 10.0, "ok": 5, "generator_core": 0.4, "bound": True, "p50": 1.5, "p99": 2.0,
            "p99_9": None, "cpu_us": 0.5, "rss": 4096, "server_core": 0.9})

    def test_of_an_open_loop_has_response_times_and_lateness(self):
        sample = loads.sample_of(report(mode="open"))
        self.assertEqual((sample["p50"], sample["lateness"]), (9.0, 0.7))

    def test_of_fewer_connections_there_is_none(self):
        with self.assertRaises(servers.Failure):
            loads.sample_of(report(notes=["2 of 100 connections were lost: reset"]))
        loads.sample_of(report(notes=["10 calls had no answer when the window closed, .."]))

    def test_of_errors_there_is_none(self):
        with self.assertRaises(servers.Failure) as raised:
            loads.sample_of(report(errors=["INTERNAL"]))
        self.assertEqual(raised.exception.sentence, "2 calls ended with INTERNAL: why")


if __name__ == "__main__":
    unittest.main()
