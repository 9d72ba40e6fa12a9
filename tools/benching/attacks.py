"""What a normal client notices of each attack."""

import statistics
import subprocess

import loads
import servers
from loads import LOAD_LABEL, METHOD, SERVER_LABEL
from servers import fail
from tables import print_head, print_machine, print_row, spread

ATTACKER_LABEL = "//tests/attack:attacker"

# Those of //tests/attack:attacker that last for as long as they are repeated; the others are a
# single malformed request each.
ATTACKS = ["ping_flood", "settings_flood", "priority_churn", "window_update_flood", "empty_data",
           "tiny_data", "rapid_reset", "rapid_reset_of_whole_requests", "reset_flood_unread",
           "made_you_reset_window_update_of_zero", "made_you_reset_data_after_end",
           "continuation_flood", "hpack_bomb_fat", "hpack_bomb_thin_cookies", "hpack_table_churn",
           "data_dribble", "stalled_streams", "tcp_window_zero", "deep_protobuf",
           "many_unknown_fields"]


def p99_us(server, binary, args):
    """The 99th percentile of a client with one call at a time; every call must be OK."""
    result = loads.report_of(binary, [
        "--method", METHOD, "-t", f"{args.seconds}s", "--warmup", "200ms", "--cpus",
        str(args.load_cpu), server.address], accepted=(0, 1))
    if result["totals"]["errors"] != 0:
        fail(f"{result['totals']['errors']} calls of the normal client failed")
    return result["latency"]["service"]["p99_ns"] / 1e3


def p99_under(attack, server, attacker, load, args):
    """The same while one attacker is at work. It yields to the client on the core they share."""
    with subprocess.Popen(
            ["taskset", "-c", str(args.load_cpu), "nice", "-n", "19", attacker, attack, "--target",
             server.address, "--seconds", str(args.seconds + 1)],
            stdout=subprocess.PIPE, text=True) as attacking:
        try:
            during = p99_us(server, load, args)
        except BaseException:
            attacking.kill()
            raise
        verdicts = attacking.communicate()[0].strip().splitlines()
    return during, verdicts


def bench(args):
    """Each round: the client alone, then beside the attack, on one server process."""
    servers.build(SERVER_LABEL, ATTACKER_LABEL, LOAD_LABEL)
    attacker, load = servers.built(ATTACKER_LABEL), servers.built(LOAD_LABEL)
    program = servers.Program(servers.PENSTOCK, "penstock", [
        servers.built(SERVER_LABEL), "--listen", "127.0.0.1:0", "--shards", "1", "--io", args.io])
    print_machine(args, "penstock-load 1x1")
    print_head("attack", "p99 alone, us: median (min .. max)",
               "p99 during, us: median (min .. max)", "ratio of medians", "rounds",
               "what the server said")
    for attack in args.only.split(",") if args.only else ATTACKS:
        with servers.Server(program, args.server_cpu) as server:
            alone, during = [], []
            for _ in range(args.rounds):
                alone.append(p99_us(server, load, args))
                p99, verdicts = p99_under(attack, server, attacker, load, args)
                during.append(p99)
        ratio = statistics.median(during) / statistics.median(alone)
        print_row(attack, spread(alone, 0), spread(during, 0), f"{ratio:.2f}", args.rounds,
                  "; ".join(verdicts[:2]))
