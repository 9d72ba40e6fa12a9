#include "penstock/loadtest/tool/status_text.h"

#include "penstock/codec/json/json.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/codec/reflection/generated_types.h"
#include "penstock/rpc/base64.h"
#include "penstock/rpc/status_details.h"
#include "penstock/wire/bytes.h"

#include "google/rpc/error_details.penstock.h"

namespace penstock::loadtest::tool {
namespace {

using codec::reflection::DynamicMessage;
using codec::reflection::MessageType;
using codec::reflection::TypeSource;

const MessageType* FindType(std::string_view name, const TypeSource* types) {
  if (types != nullptr) {
    if (const MessageType* type = types->FindType(name)) return type;
  }
  // Asking for one of a file makes all of it known.
  static_cast<void>(codec::reflection::TypeOf<google::rpc::BadRequest>());
  return codec::reflection::GeneratedTypes().FindType(name);
}

std::string DescribeDetail(const StatusDetail& detail, const TypeSource* types) {
  const std::string_view url = detail.type_url;
  const std::string_view name = url.substr(url.rfind('/') + 1);
  std::string text = "  " + Printable(name) + " ";
  if (const MessageType* type = FindType(name, types)) {
    DynamicMessage message(*type);
    if (message.ParseFrom(wire::AsBytes(detail.value)).ok() &&
        codec::json::ToJson(message.ref(), &text).ok()) {
      return text + "\n";
    }
  }
  return text + "(" + std::to_string(detail.value.size()) + " octets, not understood)\n";
}

}  // namespace

std::string Printable(std::string_view text, bool keep_lines) {
  constexpr char kDelete = 0x7f;
  std::string printable(text);
  for (char& octet : printable) {
    const bool is_control = static_cast<unsigned char>(octet) < ' ' || octet == kDelete;
    if (is_control && !(keep_lines && octet == '\n')) octet = '?';
  }
  return printable;
}

std::string DescribeStatus(const Status& status, const TypeSource* types) {
  std::string text = absl::StatusCodeToString(status.code());
  if (!MessageOf(status).empty()) text += ": " + Printable(MessageOf(status));
  text += "\n";
  for (const StatusDetail& detail : DetailsOf(status)) text += DescribeDetail(detail, types);
  return text;
}

std::string DescribeEntry(const Metadata::Entry& entry, std::string_view mark) {
  std::string value(entry.value);
  if (entry.key.ends_with("-bin")) {
    value.resize(rpc::Base64EncodedBytes(entry.value.size()));
    rpc::Base64Encode(entry.value, value.data());
  }
  return std::string(mark) + Printable(entry.key) + ": " + Printable(value) + "\n";
}

std::string DescribeMetadata(const Metadata& metadata, std::string_view mark) {
  std::string text;
  for (const Metadata::Entry& entry : metadata) text += DescribeEntry(entry, mark);
  return text;
}

}  // namespace penstock::loadtest::tool
