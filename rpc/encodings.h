// Encodings: the compressions that a server or a client has, by the names that grpc-encoding and
// grpc-accept-encoding give them, and what the two fields mean.
//
//     Encodings encodings;
//     encodings.Add(wire::Gzip());
//     const Encoding received = encodings.Find("gzip");               // of grpc-encoding
//     const EncodingSet accepted = encodings.ReadAccepted("br, gzip"); // of grpc-accept-encoding
//     if (accepted.Has(received)) ...
//
// Threading: filled before anything runs; then read by every shard.
// Limits:    kEncodingsMax of them.
// Spec:      gRPC compression.md; PROTOCOL-HTTP2, "Message-Encoding", "Message-Accept-Encoding"
#ifndef PENSTOCK_RPC_ENCODINGS_H_
#define PENSTOCK_RPC_ENCODINGS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/wire/compressor.h"

namespace penstock::rpc {

// One of those that there are, counted from 1, in the order in which they were added.
enum class Encoding : uint8_t {
  kIdentity = 0,    // plain
  kUnknown = 0xff,  // a name that nobody here knows
};

inline constexpr size_t kEncodingsMax = 31;

// Of those that there are. kIdentity is always among them.
class EncodingSet {
 public:
  constexpr EncodingSet() = default;
  constexpr explicit EncodingSet(uint32_t bits) : bits_(bits | 1) {}

  constexpr bool Has(Encoding encoding) const {
    return encoding != Encoding::kUnknown && (bits_ >> static_cast<uint8_t>(encoding) & 1) != 0;
  }
  constexpr void Add(Encoding encoding) { bits_ |= uint32_t{1} << static_cast<uint8_t>(encoding); }
  constexpr void Add(EncodingSet others) { bits_ |= others.bits_; }
  constexpr uint32_t bits() const { return bits_; }

 private:
  uint32_t bits_ = 1;
};

class Encodings {
 public:
  Encodings() = default;
  Encodings(const Encodings&) = delete;
  Encodings& operator=(const Encodings&) = delete;

  // One of the same name gives way, if there is one. Null, or why it was not added: the end of a
  // sentence that begins with its name.
  [[nodiscard]] const char* Add(wire::Compression compression);

  // "" and "identity" are kIdentity. Case does not matter: RFC 9110 §8.4.1
  Encoding Find(std::string_view name) const;
  // "" for kIdentity: a response that is not compressed does not say so.
  std::string_view NameOf(Encoding encoding) const;

  // One grpc-accept-encoding field: names, commas, blanks. What is not known here is passed over,
  // a mistake as well.
  EncodingSet ReadAccepted(std::string_view field) const;
  // What such a field of ours says: "identity,gzip,deflate,zstd".
  const std::string& accepted() const { return accepted_; }

  // How many there are, kIdentity not counted.
  size_t count() const { return compressions_.size(); }
  std::unique_ptr<wire::Compressor> Make(Encoding encoding) const;

 private:
  std::vector<wire::Compression> compressions_;  // Encoding 1 is the first
  std::string accepted_ = "identity";
};

}  // namespace penstock::rpc

#endif  // PENSTOCK_RPC_ENCODINGS_H_
