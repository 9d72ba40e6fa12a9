// The padding of frames that are handed out whole: HEADERS and PUSH_PROMISE.
//
// Spec: RFC 9113 §6.2, §6.6
#ifndef PENSTOCK_HTTP2_PADDING_H_
#define PENSTOCK_HTTP2_PADDING_H_

#include <cstddef>

#include "penstock/http2/frame.h"
#include "penstock/wire/bytes.h"

namespace penstock::http2 {

// Takes the pad length and the padding off a whole payload. False when the padding does not fit.
inline bool StripPadding(const FrameHeader& frame, wire::Bytes* payload) {
  if (!frame.has(flags::kPadded)) return true;
  if (payload->empty()) return false;
  const size_t pad_bytes = payload->front();
  if (payload->size() - 1 < pad_bytes) return false;
  *payload = payload->subspan(1, payload->size() - 1 - pad_bytes);
  return true;
}

}  // namespace penstock::http2

#endif  // PENSTOCK_HTTP2_PADDING_H_
