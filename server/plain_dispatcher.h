// PlainDispatcher: answers requests that are no RPCs with the handlers of HandleGet(). One per
// connection.
//
// A reply's body goes to the connection in pieces of a frame, the next one when the last has left:
// a peer that does not read costs the reply's own memory and one piece, not a second copy of it.
//
// Nothing is answered before the request is whole: what is wrong with its body is found first, and
// no client has its answer swept away by the RST_STREAM that an early one needs.
//
// The next piece is that of the most urgent body (RFC 9218); less urgent ones wait, unless the
// urgent one's own window holds it up.
//
// Spec: RFC 9110 §9.3, §15.5.5 (404), §15.5.6 (405), §15.5.16 (415)
#ifndef PENSTOCK_SERVER_PLAIN_DISPATCHER_H_
#define PENSTOCK_SERVER_PLAIN_DISPATCHER_H_

#include <string_view>

#include "penstock/http2/connection.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/server/plain_call.h"
#include "penstock/server/shard_state.h"

namespace penstock::server {

class PlainDispatcher {
 public:
  PlainDispatcher(http2::Connection* connection, ShardState* state)
      : connection_(*connection), state_(*state) {}

  // The request is whole: answers it. The call lives until the last piece of its body is out.
  void Run(PlainCall& call);

  // Pieces of bodies remain. SendBodies() when the output and the windows have taken what they
  // could, and when a body was cancelled: afterwards each of the most urgent has a piece waiting in
  // its stream.
  bool has_unsent() const { return !unsent_.empty(); }
  void SendBodies();

  // The stream is gone.
  void Cancel(PlainCall& call);

 private:
  void Answer(PlainCall& call);
  void RunHandler(const HttpEntry& entry, PlainCall& call);
  void SendReply(PlainCall& call);
  void SendPushing(PlainCall& call);
  PlainCall* Promise(PlainCall& parent, std::string_view target);
  void SendPiece(PlainCall& call);
  uint8_t MostUrgent();

  http2::Connection& connection_;
  ShardState& state_;
  reactor::List<PlainCall, UnsentTag> unsent_;
};

}  // namespace penstock::server

#endif  // PENSTOCK_SERVER_PLAIN_DISPATCHER_H_
