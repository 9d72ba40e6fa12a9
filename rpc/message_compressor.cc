#include "penstock/rpc/message_compressor.h"

#include <string>

namespace penstock::rpc {

wire::Compressor& MessageCompressor::CompressorOf(Encoding encoding) {
  std::unique_ptr<wire::Compressor>& compressor =
      compressors_[static_cast<size_t>(encoding) - 1];
  if (compressor == nullptr) compressor = encodings_.Make(encoding);
  return *compressor;
}

MessageWriter MessageCompressor::Written(Encoding encoding, const MessageWriter& message) {
  plain_.Begin(message.byte_size());
  message.SerializeTo(plain_.RoomFor(message.byte_size()));
  plain_.Commit(message.byte_size());
  const wire::Bytes piece = plain_.bytes();
  packed_.Begin(piece.empty() ? 0 : piece.size() - 1);
  const bool is_shorter = CompressorOf(encoding).Compress({&piece, 1}, packed_);
  written_ = is_shorter ? packed_.bytes() : piece;
  return MessageWriter::OfOctets(&written_, is_shorter);
}

wire::DecompressResult MessageCompressor::Decompress(Encoding encoding, wire::Bytes octets,
                                                     uint32_t bytes_max,
                                                     DecompressionBudget* budget,
                                                     wire::Arena* arena, wire::Bytes* plain) {
  plain_.Begin(size_t{bytes_max} + 1);
  const wire::DecompressResult result = CompressorOf(encoding).Decompress(octets, plain_);
  budget->Charge(octets.size() + plain_.bytes().size());
  if (result == wire::DecompressResult::kOk) *plain = arena->Copy(plain_.bytes());
  plain_.Trim();
  return result;
}

Status MessageCompressor::StatusOf(wire::DecompressResult result, std::string_view encoding_name,
                                   uint32_t bytes_max) {
  const std::string name(encoding_name);
  switch (result) {
    case wire::DecompressResult::kOk:
      return OkStatus();
    case wire::DecompressResult::kTooLarge:
      return MakeStatus(StatusCode::kResourceExhausted,
                        "a message compressed with " + name + " exceeds message_bytes_max, " +
                            std::to_string(bytes_max) + " octets");
    default:
      return MakeStatus(StatusCode::kInternal, "a message compressed with " + name + " " +
                                                   wire::Describe(result));
  }
}

}  // namespace penstock::rpc
