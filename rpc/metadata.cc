#include "penstock/rpc/metadata.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "penstock/rpc/base64.h"
#include "penstock/wire/check.h"

namespace penstock {
namespace {

constexpr uint32_t kFirstCapacity = 4;

bool IsKeyCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == '-';
}

bool IsPrintable(char c) { return c >= 0x20 && c <= 0x7e; }

// Of gRPC's own names these four are the application's to send.
constexpr std::array<std::string_view, 4> kOpenKeys = {
    "grpc-previous-rpc-attempts", "grpc-retry-pushback-ms", "grpc-trace-bin", "grpc-tags-bin"};

// HTTP's own. The connection-specific ones would make the message malformed: RFC 9113 §8.2.2
constexpr std::array<std::string_view, 9> kHttpKeys = {
    "content-type",     "content-length",    "te",     "user-agent", "connection", "keep-alive",
    "proxy-connection", "transfer-encoding", "upgrade"};

}  // namespace

bool IsReservedKey(std::string_view key) {
  if (key.starts_with(':') ||
      std::find(kHttpKeys.begin(), kHttpKeys.end(), key) != kHttpKeys.end()) {
    return true;
  }
  return key.starts_with("grpc-") &&
         std::find(kOpenKeys.begin(), kOpenKeys.end(), key) == kOpenKeys.end();
}

std::optional<std::string_view> Metadata::Get(std::string_view key) const {
  for (const Entry& entry : *this) {
    if (entry.key == key) return entry.value;
  }
  return std::nullopt;
}

const char* Metadata::WhyRefused(std::string_view key, std::string_view value) {
  if (IsReservedKey(key)) return "is a key of gRPC's or HTTP's own: choose another";
  if (key.empty() || !std::all_of(key.begin(), key.end(), IsKeyCharacter)) {
    return "is no key: it has one or more of a-z, 0-9, '_', '.' and '-', and no upper case";
  }
  if (!IsBinaryKey(key) && !std::all_of(value.begin(), value.end(), IsPrintable)) {
    return "has a value that is not printable ASCII: a key that ends in \"-bin\" takes any octets";
  }
  return nullptr;
}

bool Metadata::Add(std::string_view key, std::string_view value) {
  if (PENSTOCK_UNLIKELY(WhyRefused(key, value) != nullptr)) return false;
  AddReceived(key, value);
  return true;
}

size_t Metadata::Remove(std::string_view key) {
  const auto has_key = [key](const Entry& entry) { return entry.key == key; };
  lent_count_ -= static_cast<uint32_t>(std::count_if(entries_, entries_ + lent_count_, has_key));
  Entry* const kept_end = std::remove_if(entries_, entries_ + count_, has_key);
  const auto kept_count = static_cast<uint32_t>(kept_end - entries_);
  return std::exchange(count_, kept_count) - kept_count;
}

void Metadata::Echo(const Entry& received) {
  if (WhyRefused(received.key, {}) != nullptr) return;
  // These three no peer can have sent: RFC 9113 §8.2.1
  const bool is_field = received.value.find_first_of(std::string_view("\0\r\n", 3)) ==
                        std::string_view::npos;
  if (IsBinaryKey(received.key) || is_field) AddReceived(received.key, received.value);
}

void Metadata::AddReceived(std::string_view key, std::string_view value) {
  char* copy = static_cast<char*>(arena_->Allocate(key.size() + value.size(), 1));
  std::memcpy(copy, key.data(), key.size());
  if (!value.empty()) std::memcpy(copy + key.size(), value.data(), value.size());
  Append({copy, key.size()}, {copy + key.size(), value.size()});
}

bool Metadata::AddReceivedBinary(std::string_view key, std::string_view encoded) {
  key = arena_->Copy(key);
  for (;;) {
    const size_t comma = encoded.find(',');
    std::string_view part = encoded.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    char* octets = static_cast<char*>(arena_->Allocate(rpc::Base64DecodedBytesMax(part.size()), 1));
    const char* end = rpc::Base64Decode(part, octets);
    if (end == nullptr) return false;
    Append(key, {octets, static_cast<size_t>(end - octets)});
    if (comma == std::string_view::npos) return true;
    if (++parted_count_ > kPartedValuesMax) return false;
    encoded.remove_prefix(comma + 1);
  }
}

void Metadata::Lend(Metadata* copy) {
  for (const Entry& entry : *this) copy->AddReceived(entry.key, entry.value);
  lent_count_ = count_;
}

void Metadata::TakeBack(std::span<const Entry> all) {
  uint32_t same_count = 0;
  while (same_count < lent_count_ && same_count < all.size() &&
         entries_[same_count].key == all[same_count].key &&
         entries_[same_count].value == all[same_count].value) {
    ++same_count;
  }
  const uint32_t own_begin = lent_count_;
  const uint32_t own_end = count_;
  for (const Entry& entry : all.subspan(same_count)) AddReceived(entry.key, entry.value);
  // same, outdated, own, new -> same, outdated, new, own -> same, new, own
  std::rotate(entries_ + own_begin, entries_ + own_end, entries_ + count_);
  std::copy(entries_ + own_begin, entries_ + count_, entries_ + same_count);
  count_ -= own_begin - same_count;
  lent_count_ = static_cast<uint32_t>(all.size());
}

void Metadata::Append(std::string_view key, std::string_view value) {
  if (count_ == capacity_) {
    const uint32_t capacity = capacity_ == 0 ? kFirstCapacity : 2 * capacity_;
    auto* grown = static_cast<Entry*>(arena_->Allocate(capacity * sizeof(Entry), alignof(Entry)));
    std::copy(entries_, entries_ + count_, grown);
    entries_ = grown;
    capacity_ = capacity;
  }
  entries_[count_++] = {key, value};
}

}  // namespace penstock
