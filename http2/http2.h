// HTTP/2 and HPACK for programs that bring their own sockets, loop and clock: the one header, and
// //http2 the one target, that a user of http2/ alone needs.
//
//     wire::SlabPool slabs;
//     http2::Workspace workspace(&slabs);
//     http2::Connection connection(http2::Role::kServer, http2::Limits{}, &workspace, {});
//     connection.Start(now);
//     connection.Receive(bytes, now);  // what the socket read; then NextEvent() until kNone
//     ... connection.NextOutput() ...  // what the socket is to write
//
// Connection (connection.h) is the whole of the interface: what a peer did comes out as Events,
// what is to be said goes in by its Send functions. Limits (limits.h) has every bound. A complete
// server is examples/http2_alone/server.cc, and docs/http2.md goes through it.
//
// Spec: RFC 9113, RFC 7541
#ifndef PENSTOCK_HTTP2_HTTP2_H_
#define PENSTOCK_HTTP2_HTTP2_H_

#include "penstock/http2/connection.h"
#include "penstock/http2/error.h"
#include "penstock/http2/event.h"
#include "penstock/http2/hpack_field.h"
#include "penstock/http2/hpack_field_list.h"
#include "penstock/http2/limits.h"
#include "penstock/http2/message_head.h"
#include "penstock/http2/settings.h"
#include "penstock/http2/stream.h"
#include "penstock/http2/workspace.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/output_chain.h"
#include "penstock/wire/slab_pool.h"
#include "penstock/wire/time.h"

#endif  // PENSTOCK_HTTP2_HTTP2_H_
