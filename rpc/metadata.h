// Metadata: the custom header fields of a call, in the order in which they came.
//
//     if (auto user = call.metadata().Get("x-user")) ...
//     call.trailing_metadata().Add("x-cost", "3");
//
// Keys are lower case; those that end in "-bin" hold any octets, the others printable ASCII.
//
// Ownership: names and values live in the call's arena, as long as the call.
// Spec:      gRPC PROTOCOL-HTTP2, "Custom-Metadata"
#ifndef PENSTOCK_RPC_METADATA_H_
#define PENSTOCK_RPC_METADATA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "penstock/wire/arena.h"

namespace penstock {

class Metadata {
 public:
  struct Entry {
    std::string_view key;
    std::string_view value;  // of a "-bin" key: the octets, not their base64
  };

  // Values that commas inside "-bin" fields may add to those of header_fields_max.
  static constexpr uint32_t kPartedValuesMax = 128;

  explicit Metadata(wire::Arena* arena) : arena_(arena) {}
  Metadata(const Metadata&) = delete;
  Metadata& operator=(const Metadata&) = delete;

  const Entry* begin() const { return entries_; }
  const Entry* end() const { return entries_ + count_; }
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

  // The first value of `key`.
  std::optional<std::string_view> Get(std::string_view key) const;

  // Copies both. False, and nothing is added, for what must not be sent: WhyRefused() says why.
  // There is no limit of its own to how much: what the peer does not take as headers is another
  // matter, see docs/errors.md.
  [[nodiscard]] bool Add(std::string_view key, std::string_view value);

  // All entries of `key`; returns how many there were.
  size_t Remove(std::string_view key);

  // Null where Add() takes it; else what is wrong, the end of a sentence that begins with the key:
  // a key outside [0-9a-z_.-]+, a reserved one (see IsReservedKey), or a value that is not
  // printable ASCII under a key without "-bin".
  static const char* WhyRefused(std::string_view key, std::string_view value);

  // Copies an entry of what was received, so that it goes back, or on: whatever came may, even a
  // value that Add() would refuse. Keys that it would refuse are passed over, user-agent among
  // them. Spec: gRPC PROTOCOL-HTTP2, "ASCII-Value"
  void Echo(const Entry& received);

  // Copies what a peer sent, without judging it.
  void AddReceived(std::string_view key, std::string_view value);
  // The same with base64 in `encoded`; a comma parts values. False when it is not base64, or parted
  // into more than kPartedValuesMax: a comma of a peer must not cost an entry without end.
  [[nodiscard]] bool AddReceivedBinary(std::string_view key, std::string_view encoded);

  // For who works on a copy: appends what is here to `copy`. TakeBack() puts `all`, what has become
  // of it, into its place, as often as one likes; what was added here meanwhile stays, behind it.
  void Lend(Metadata* copy);
  void TakeBack(std::span<const Entry> all);

 private:
  void Append(std::string_view key, std::string_view value);

  wire::Arena* arena_;
  Entry* entries_ = nullptr;
  uint32_t count_ = 0;
  uint32_t capacity_ = 0;
  uint32_t parted_count_ = 0;
  uint32_t lent_count_ = 0;  // the first of them are lent
};

// Keys that gRPC or HTTP own: pseudo-header fields, content-type, te, user-agent, fields that are
// specific to a connection, grpc-*.
bool IsReservedKey(std::string_view key);

inline bool IsBinaryKey(std::string_view key) { return key.ends_with("-bin"); }

}  // namespace penstock

#endif  // PENSTOCK_RPC_METADATA_H_
