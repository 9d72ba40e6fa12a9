// The report programs read. Keys are stable; new ones may be added; a figure that is not known (a
// percentile with too few samples) is null. results/read_record.h reads it again.
//
//     schema            "penstock-load/1"
//     command_line      [..]
//     environment       kernel, cpu_model, cpus, governor, io_mode, io_reason, version, started_at
//     load              mode "closed" or "open", target, tls (true or false), method, kind "unary",
//                       "client-stream", "server-stream" or "bidi", messages_per_stream and
//                       message_interval_ns (null where the client sends one),
//                       messages_in_flight (null, but for bidi), message_bytes, deadline_ns,
//                       connections, streams_per_connection, reconnect_calls, reconnect_ns (null:
//                       not so), shards, duration_ns, calls_max, warmup_ns; null in a closed loop:
//                       arrival "uniform" or "poisson", seed (not null of a mix), max_in_flight,
//                       stages [{at_ns, per_second}]
//     totals            duration_s, rps (calls that ended in the window with OK, per second),
//                       goodput_rps (of them those within the deadline from when they were due;
//                       null without one), ok, errors, unfinished, repeated (sent again, since the
//                       server had not begun with them), carried_ok, carried_errors (due in the
//                       warm-up, ended in the window: in rps and in the server's cost per RPC
//                       alone), offered, dropped, waited_for_slot (sent later, since all slots
//                       were taken); offered = ok + errors + dropped + unfinished. The three are
//                       null in a closed loop
//     errors            [{status "UNAVAILABLE", code 14, count, first_message}]
//     latency.service   count, min_ns, mean_ns, max_ns, p50_ns, p90_ns, p99_ns, p99_9_ns,
//                       p99_99_ns, and histogram: {sub_bucket_bits,
//                       buckets [[index, count], ..]}: histogram.h
//     latency.response  the same from the intended start; null in a closed loop
//     messages          null for unary calls; of streams sent, received (in the window, of any
//                       stream), sent_per_second, received_per_second, uneven_streams (ended with
//                       more or fewer responses than requests), early_ends (by the server, with
//                       OK, before it had all messages), round_trip (from the k-th request to the
//                       k-th response; null but for bidi, and where streams were uneven),
//                       first_message (from the send of the call to the first response; null
//                       unless the server streams); both as latency.service
//     methods           null without --mix; [{method, kind, messages_per_stream,
//                       message_interval_ns, messages_in_flight, message_bytes, deadline_ns (as in
//                       load), weight, rps, ok, errors, latency {response, service}, messages}];
//                       load.method is then "mix FILE", and the times of messages are here alone
//     connects          null without --reconnect-every; made (in the window, in the place of
//                       others), per_second, latency (from the begin to the server's SETTINGS, as
//                       latency.service)
//     generator         cpu (busiest core, 1 is all of it), cpu_total (cores), waited (share of
//                       the time that others had its core), bound, lateness (how much later an
//                       open loop sent than it could have; as latency.service, or null)
//     server            null, or pid, cpu_us_per_rpc, user_us_per_rpc, system_us_per_rpc,
//                       cpu_cores, rss_bytes
//     series            how the window went: series.h. [{at_s (its end, from the begin of the
//                       window), ok, errors, carried_ok (its throughput is ok and carried_ok, per
//                       second), dropped (null in a closed loop), in_flight (at its end),
//                       messages_sent, messages_received (null for unary calls), p50_ns,
//                       p99_ns, p99_9_ns, max_ns (of the response, in a closed loop of the
//                       service; 0.8 % above the truth at most), generator_cpu (busiest core),
//                       server_cores, server_rss_bytes (null without a server)}]: one per second;
//                       after an hour one per two, after two per four, and so on
//     interrupted, notes
//     repeats           null without --repeat, or of each run started_at, is_median (this one's
//                       throughput is the median, and its figures are those above), totals,
//                       errors, latency, messages, methods, generator, server, interrupted, notes
#ifndef PENSTOCK_LOADTEST_REPORT_JSON_H_
#define PENSTOCK_LOADTEST_REPORT_JSON_H_

#include <string>

#include "penstock/loadtest/run_record.h"

namespace penstock::loadtest {

inline constexpr char kRunSchema[] = "penstock-load/1";

// Ends with a newline.
std::string FormatJson(const RunRecord& record);

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_REPORT_JSON_H_
