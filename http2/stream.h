// Stream: one request and its response, as the connection keeps it.
//
// Ownership: the connection creates and frees streams. A pointer from an Event is valid until the
//            next call of NextEvent() or Receive(), or for as long as `user` is set and no event
//            has ended the stream on both sides; see Connection.
// Spec:      RFC 9113 §5
#ifndef PENSTOCK_HTTP2_STREAM_H_
#define PENSTOCK_HTTP2_STREAM_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "penstock/http2/flow_window.h"
#include "penstock/http2/priority.h"
#include "penstock/http2/stream_state.h"
#include "penstock/wire/output_chain.h"
#include "penstock/wire/time.h"

namespace penstock::http2 {

// Trailers that wait behind DATA which flow control holds back. They are kept as text, since HPACK
// blocks must be encoded in the order in which they are sent.
struct QueuedField {
  std::string name;
  std::string value;
  bool is_secret;  // IndexingPolicy::kNever
};
using QueuedTrailers = std::vector<QueuedField>;

struct Stream {
  Stream(uint32_t stream_id, int64_t send_window_bytes, int64_t receive_window_bytes,
         wire::SlabPool* pool)
      : id(stream_id),
        send_window(send_window_bytes),
        receive_window(receive_window_bytes),
        queued(pool) {}

  // The application's own; while it is null the stream's events are dropped and its DATA discarded.
  void* user = nullptr;

  const uint32_t id;
  StreamState state;
  bool head_received : 1 = false;    // the request's head, or the final response's
  bool head_sent : 1 = false;        // client: the peer knows of the stream
  bool is_head_request : 1 = false;  // client: the response has no content
  bool in_ready_list : 1 = false;    // linked in the scheduler
  bool end_queued : 1 = false;       // END_STREAM follows the queued DATA (or the trailers)
  bool reset_after_end : 1 = false;  // RST_STREAM(NO_ERROR) follows our END_STREAM
  bool timed_out : 1 = false;        // Connection reset it, for its peer was slow
  bool is_connect : 1 = false;       // a CONNECT request: nothing but DATA follows the heads
  bool is_incremental : 1 = true;    // Scheduler, as is `urgency`
  uint8_t urgency = kUrgencyDefault;

  FlowWindow send_window;
  FlowWindow receive_window;
  uint32_t unread_bytes = 0;        // delivered, credit not yet returned by the application
  uint32_t credit_bytes = 0;        // returned, not yet told to the peer by WINDOW_UPDATE
  int64_t content_bytes_left = -1;  // of content-length; -1 without one

  // Of AbuseMeter: what DATA frames of few octets owe to their budget until they are read.
  uint32_t small_data_debt = 0;
  // Slow peers: since when the queue does not get shorter, and what must yet pass to begin anew;
  // since when the rest of a message is awaited.
  uint32_t stalled_bytes_left = 0;
  TimeNs stalled_since = kTimeNever;
  TimeNs awaited_since = kTimeNever;

  // What is still queued then is worth nothing to anybody: RST_STREAM(CANCEL), if no user is set.
  TimeNs expires_at = kTimeNever;

  wire::OutputChain queued;  // DATA that has not been framed yet
  std::unique_ptr<QueuedTrailers> queued_trailers;

  Stream* bucket_next = nullptr;  // StreamMap
  Stream* ready_next = nullptr;   // Scheduler; of a stream that failed, Connection
  Stream* ready_previous = nullptr;
};

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_STREAM_H_
