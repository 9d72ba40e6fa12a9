// MessageFlow: the messages of one call that is a stream, of whichever side: what is still to be
// sent and when, and how far the response has come. Session drives it (session_messages.cc).
//
// A message is sent when
//   - its time has come: with an interval, the k-th one is due k intervals after the first;
//   - of a bidi stream, fewer than so many before it have no response yet;
//   - the stream has nothing left of the one before, which a closed window holds back.
//
// Ownership: each slot of a session has one, used while a stream is in it.
#ifndef PENSTOCK_LOADTEST_MESSAGE_FLOW_H_
#define PENSTOCK_LOADTEST_MESSAGE_FLOW_H_

#include <cstdint>

#include "penstock/loadtest/call_kind.h"
#include "penstock/loadtest/message_scanner.h"
#include "penstock/loadtest/options.h"
#include "penstock/reactor/intrusive_list.h"
#include "penstock/reactor/timer_wheel.h"
#include "penstock/wire/time.h"

namespace penstock::loadtest {

struct Call;

struct MessageFlow : reactor::ListHook<struct SendableTag> {
  MessageFlow() : due_timer(&MessageFlow::OnDue, this) {}

  void Begin(Call* of, const MethodOptions& method, TimeNs now) {
    call = of;
    unsent_count = SendsStream(method.kind) ? method.messages_per_stream : 1;
    sent_count = received_count = 0;
    next_ns = active_ns = now;
    scanner = MessageScanner();
  }
  void End() {
    Unlink();
    due_timer.Unlink();
  }

  // Of a bidi stream with `in_flight` messages that may lack their response.
  bool has_room(uint64_t in_flight) const { return sent_count < received_count + in_flight; }

  // It is the server's turn to do something: no interval of ours, and no stream that may be quiet.
  bool awaits_server(CallKind kind) const {
    switch (kind) {
      case CallKind::kServerStream:
        return received_count == 0;
      case CallKind::kBidi:
        return unsent_count == 0 || sent_count > received_count;
      case CallKind::kClientStream:
      case CallKind::kUnary:
        return unsent_count == 0 || linked();
    }
    return true;
  }

  Call* call = nullptr;
  uint64_t unsent_count = 0;
  uint64_t sent_count = 0;
  uint64_t received_count = 0;
  TimeNs next_ns = 0;           // when the next message is due
  TimeNs active_ns = 0;         // when the last message was sent or received
  // Of a bidi stream: the latest sends, as many as may be in flight; of those that were late by
  // more than a tick when they were due.
  TimeNs* sends_ns = nullptr;
  MessageScanner scanner;
  reactor::Timer due_timer;  // until next_ns

 private:
  static void OnDue(void* context, TimeNs now);  // session_messages.cc
};

}  // namespace penstock::loadtest

#endif  // PENSTOCK_LOADTEST_MESSAGE_FLOW_H_
