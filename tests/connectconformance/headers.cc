#include "tests/connectconformance/headers.h"

#include "penstock/rpc/base64.h"

namespace penstock::connectconformance {
namespace {

namespace pb = connectrpc::conformance::v1;

std::string Base64Of(std::string_view octets) {
  std::string encoded(rpc::Base64EncodedBytes(octets.size()), '\0');
  rpc::Base64Encode(octets, encoded.data());
  return encoded;
}

}  // namespace

std::vector<pb::Header> HeadersOf(const Metadata& metadata) {
  std::vector<pb::Header> headers;
  for (const Metadata::Entry& entry : metadata) {
    pb::Header* header = nullptr;
    for (pb::Header& each : headers) {
      if (each.name() == entry.key) header = &each;
    }
    if (header == nullptr) {
      header = &headers.emplace_back();
      header->set_name(entry.key);
    }
    header->add_value(IsBinaryKey(entry.key) ? Base64Of(entry.value) : std::string(entry.value));
  }
  return headers;
}

std::string LowerCased(std::string_view name) {
  std::string lower(name);
  for (char& each : lower) {
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  }
  return lower;
}

bool FromBase64(std::string_view encoded, std::string* octets) {
  octets->resize(rpc::Base64DecodedBytesMax(encoded.size()));
  const char* end = rpc::Base64Decode(encoded, octets->data());
  if (end != nullptr) octets->resize(static_cast<size_t>(end - octets->data()));
  return end != nullptr;
}

}  // namespace penstock::connectconformance
