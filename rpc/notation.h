// Reading and writing the messages of a call, in what its content-type says: by themselves, or by
// the Codec of another notation.
//
//     HelloRequest request(&call.arena());
//     Status status = ReadMessage(call, octets, request);
//     ...
//     status = WriteMessage(call, reply, [&](const rpc::MessageWriter& writer) { Send(writer); });
#ifndef PENSTOCK_RPC_NOTATION_H_
#define PENSTOCK_RPC_NOTATION_H_

#include <string>

#include "penstock/codec/codec.h"
#include "penstock/codec/message_format.h"
#include "penstock/codec/parse_result.h"
#include "penstock/rpc/call.h"
#include "penstock/rpc/message_writer.h"
#include "penstock/rpc/raw_message.h"
#include "penstock/rpc/status.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

namespace penstock::rpc {

// Of a message that a codec, or its own parser, refuses.
Status StatusOfParseError(codec::ParseResult result);

// The rare notations, once for all classes of messages.
Status ReadByCodec(const Call& call, wire::Bytes octets, const codec::MessageClass& its_class,
                   codec::MessageHead& message);
Status WriteByCodec(const Call& call, const codec::MessageClass& its_class,
                    const codec::MessageHead& message, std::string& output);

// `message` is new, and may view `octets`.
template <typename M>
Status ReadMessage(const Call& call, wire::Bytes octets, M& message) {
  if constexpr (codec::HasLayout<M>) {
    if (PENSTOCK_UNLIKELY(call.content_codec() != nullptr)) {
      return ReadByCodec(call, octets, codec::ClassOf<M>(), codec::MessageAccess::Head(message));
    }
  }
  const codec::ParseResult parsed =
      codec::MessageFormat<M>::Parse(message, octets, codec::StringRule::kAlias);
  return PENSTOCK_LIKELY(parsed.ok()) ? OkStatus() : StatusOfParseError(parsed);
}

template <typename M, typename Send>
PENSTOCK_COLD Status WriteMessageByCodec(Call& call, const M& message, const Send& send) {
  std::string text;
  Status status =
      WriteByCodec(call, codec::ClassOf<M>(), codec::MessageAccess::Head(message), text);
  if (!status.ok()) return status;
  RawMessage written(&call.arena());
  written.View(text);
  send(MessageWriter(written));
  return status;
}

// Calls `send` with the rpc::MessageWriter of `message`, unless the Codec cannot write it: then the
// status says why.
template <typename M, typename Send>
PENSTOCK_ALWAYS_INLINE Status WriteMessage(Call& call, const M& message, const Send& send) {
  if constexpr (codec::HasLayout<M>) {
    if (PENSTOCK_UNLIKELY(call.content_codec() != nullptr)) {
      return WriteMessageByCodec(call, message, send);
    }
  }
  send(MessageWriter(message));
  return OkStatus();
}

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_NOTATION_H_
