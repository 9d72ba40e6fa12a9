#include "penstock/rpc/status_details.h"

#include "absl/strings/cord.h"

#include "penstock/wire/varint.h"

namespace penstock {
namespace {

// --- The wire format of google.rpc.Status, by hand: rpc/ carries no generated class for three
// fields.

enum class WireType : uint8_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

// google.rpc.Status
constexpr uint64_t kCode = 1;
constexpr uint64_t kMessage = 2;
constexpr uint64_t kDetails = 3;
// google.protobuf.Any
constexpr uint64_t kTypeUrl = 1;
constexpr uint64_t kValue = 2;

struct Field {
  uint64_t number = 0;
  WireType type = WireType::kVarint;
  uint64_t varint = 0;
  std::string_view text;   // of kLength
  std::string_view whole;  // with its tag
};

// Reads fields from the front of a message until there are none or they are not well-formed.
class FieldScanner {
 public:
  explicit FieldScanner(std::string_view message) : rest_(message) {}

  // False at the end.
  bool Next(Field* field) {
    const std::string_view before = rest_;
    uint64_t tag = 0;
    if (rest_.empty() || !TakeVarint(&tag) || tag >> 3 == 0) return Stop(rest_.empty());
    field->number = tag >> 3;
    field->type = static_cast<WireType>(tag & 7);
    if (!TakeContent(field)) return Stop(false);
    field->whole = before.substr(0, before.size() - rest_.size());
    return true;
  }
  // What was read is a message as a whole.
  bool ok() const { return ok_; }

 private:
  bool Stop(bool ok) {
    ok_ = ok_ && ok;
    rest_ = {};
    return false;
  }
  bool TakeVarint(uint64_t* value) {
    const auto* begin = reinterpret_cast<const uint8_t*>(rest_.data());
    const uint8_t* after = wire::DecodeVarint64(begin, begin + rest_.size(), value);
    if (after == nullptr) return false;
    rest_.remove_prefix(static_cast<size_t>(after - begin));
    return true;
  }
  bool Take(uint64_t bytes, std::string_view* taken) {
    if (bytes > rest_.size()) return false;
    *taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return true;
  }
  bool TakeContent(Field* field) {
    switch (field->type) {
      case WireType::kVarint:
        return TakeVarint(&field->varint);
      case WireType::kFixed64:
        return Take(8, &field->text);
      case WireType::kFixed32:
        return Take(4, &field->text);
      case WireType::kLength:
        return TakeVarint(&field->varint) && Take(field->varint, &field->text);
    }
    return false;  // a group: nothing of ours
  }

  std::string_view rest_;
  bool ok_ = true;
};

void AppendVarint(std::string& message, uint64_t value) {
  uint8_t octets[wire::kVarintBytesMax];
  const uint8_t* end = wire::EncodeVarint64(octets, value);
  message.append(wire::AsString({octets, end}));
}

void AppendText(std::string& message, uint64_t number, std::string_view text) {
  AppendVarint(message, number << 3 | static_cast<uint64_t>(WireType::kLength));
  AppendVarint(message, text.size());
  message.append(text);
}

std::string PayloadOf(const Status& status) {
  const auto payload = status.GetPayload(wire::ToAbsl(kStatusDetailsUrl));
  return payload.has_value() ? std::string(*payload) : std::string();
}

void SetPayload(Status& status, const std::string& bytes) {
  status.SetPayload(wire::ToAbsl(kStatusDetailsUrl), absl::Cord(wire::ToAbsl(bytes)));
}

bool ReadDetail(std::string_view any, StatusDetail* detail) {
  FieldScanner scanner(any);
  for (Field field; scanner.Next(&field);) {
    if (field.type != WireType::kLength) continue;
    if (field.number == kTypeUrl) detail->type_url = field.text;
    if (field.number == kValue) detail->value = field.text;
  }
  return scanner.ok();
}

// What a google.rpc.Status has besides its code and its message. False where it is none.
bool ReadRest(std::string_view bytes, std::string* rest, uint64_t* code) {
  FieldScanner scanner(bytes);
  for (Field field; scanner.Next(&field);) {
    if (field.number == kCode && field.type == WireType::kVarint) {
      *code = field.varint;
    } else if (field.number != kMessage) {
      rest->append(field.whole);
    }
  }
  return scanner.ok();
}

}  // namespace

void AddDetail(Status& status, std::string_view type_url, std::string_view value) {
  if (status.ok()) return;
  std::string any;
  AppendText(any, kTypeUrl, type_url);
  if (!value.empty()) AppendText(any, kValue, value);
  // Messages that stand one behind the other are merged: the details are appended.
  std::string payload = PayloadOf(status);
  AppendText(payload, kDetails, any);
  SetPayload(status, payload);
}

std::vector<StatusDetail> DetailsOf(const Status& status) {
  const std::string payload = PayloadOf(status);
  std::vector<StatusDetail> details;
  FieldScanner scanner(payload);
  for (Field field; scanner.Next(&field);) {
    if (field.number != kDetails || field.type != WireType::kLength) continue;
    if (!ReadDetail(field.text, &details.emplace_back())) return {};
  }
  return scanner.ok() ? details : std::vector<StatusDetail>();
}

namespace rpc {

std::string SerializeStatusDetails(const Status& status) {
  const std::string payload = PayloadOf(status);
  std::string rest;
  uint64_t its_code = 0;  // of the payload: not what counts
  if (payload.empty() || !ReadRest(payload, &rest, &its_code)) return {};
  std::string bytes;
  AppendVarint(bytes, kCode << 3);
  AppendVarint(bytes, static_cast<uint64_t>(status.code()));
  if (!status.message().empty()) AppendText(bytes, kMessage, MessageOf(status));
  return bytes + rest;
}

bool TakeStatusDetails(std::string_view bytes, Status& status) {
  std::string rest;
  uint64_t code = 0;
  if (!ReadRest(bytes, &rest, &code) || code != static_cast<uint64_t>(status.code())) return false;
  if (!rest.empty()) SetPayload(status, rest);
  return true;
}

}  // namespace rpc
}  // namespace penstock
