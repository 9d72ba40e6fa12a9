#include "penstock/tests/conformance/testee.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/codec/json/extension_types.h"
#include "penstock/codec/json/json.h"
#include "penstock/codec/message.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/text/text.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

#include "tests/conformance/test_messages_proto2.penstock.h"
#include "tests/conformance/test_messages_proto3.penstock.h"

namespace penstock::testing {
namespace {

using conformance::ConformanceRequest;
using conformance::ConformanceResponse;

wire::Bytes BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Those of proto2's test messages. Never destroyed: messages are asked for them until the end.
const codec::json::ExtensionTypes& Extensions() {
  static const auto* const extensions = [] {
    auto* pool = new codec::reflection::DescriptorPool;
    std::string error;
    const auto& file =
        codec::MessageAccess::File<protobuf_test_messages::proto2::TestAllTypesProto2>();
    PENSTOCK_CHECK(pool->AddEmbedded(file, &error) != nullptr, error.c_str());
    return new codec::json::ExtensionTypes(*pool);
  }();
  return *extensions;
}

// False when the payload was no such message, or cannot be read at all: *response says it.
template <typename M>
bool Parse(const ConformanceRequest& request, M* message, ConformanceResponse* response) {
  switch (request.payload_case()) {
    case ConformanceRequest::kProtobufPayload: {
      const codec::ParseResult result = message->ParseFrom(BytesOf(request.protobuf_payload()));
      if (!result.ok()) response->set_parse_error(codec::Describe(result));
      return result.ok();
    }
    case ConformanceRequest::kJsonPayload: {
      codec::json::JsonParseOptions options;
      options.ignore_unknown_fields =
          request.test_category() == conformance::JSON_IGNORE_UNKNOWN_PARSING_TEST;
      options.extensions = &Extensions();
      const auto status = codec::json::FromJson(request.json_payload(), message, options);
      if (!status.ok()) response->set_parse_error(status.message());
      return status.ok();
    }
    case ConformanceRequest::kTextPayload:
      response->set_skipped("text format is printed, not read");
      return false;
    case ConformanceRequest::kJspbPayload:
    case ConformanceRequest::PAYLOAD_NOT_SET:
      break;
  }
  response->set_skipped("JSPB is not spoken");
  return false;
}

template <typename M>
void Print(const M& message, const ConformanceRequest& request, ConformanceResponse* response) {
  switch (request.requested_output_format()) {
    case conformance::PROTOBUF:
      response->set_protobuf_payload(message.SerializeAsString());
      return;
    case conformance::JSON: {
      std::string text;
      const auto status = codec::json::ToJson(message, &text, {.extensions = &Extensions()});
      if (status.ok()) {
        response->set_json_payload(text);
      } else {
        response->set_serialize_error(status.message());
      }
      return;
    }
    case conformance::TEXT_FORMAT: {
      codec::text::TextOptions options;
      options.print_unknown_fields = request.print_unknown_fields();
      options.extensions = &Extensions();
      response->set_text_payload(codec::text::ToText(message, options));
      return;
    }
    default:
      response->set_skipped("JSPB is not spoken");
  }
}

template <typename M>
bool AnswerWith(const ConformanceRequest& request, ConformanceResponse* response) {
  if (request.message_type() != M::kFullName) return false;
  M message;
  if (Parse(request, &message, response)) Print(message, request, response);
  return true;
}

}  // namespace

ConformanceResponse Answer(const ConformanceRequest& request) {
  ConformanceResponse response;
  if (request.message_type() == conformance::FailureSet::kFullName) {
    response.set_protobuf_payload(conformance::FailureSet().SerializeAsString());
    return response;
  }
  using protobuf_test_messages::proto2::TestAllRequiredTypesProto2;
  using protobuf_test_messages::proto2::TestAllTypesProto2;
  using protobuf_test_messages::proto3::TestAllTypesProto3;
  if (!AnswerWith<TestAllTypesProto3>(request, &response) &&
      !AnswerWith<TestAllTypesProto2>(request, &response) &&
      !AnswerWith<TestAllRequiredTypesProto2>(request, &response)) {
    response.set_runtime_error("unknown message_type " + std::string(request.message_type()));
  }
  return response;
}

}  // namespace penstock::testing
