#include "penstock/tests/conformance/testee.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/codec/json/extension_types.h"
#include "penstock/codec/json/json.h"
#include "penstock/codec/json/json_status.h"
#include "penstock/codec/message.h"
#include "penstock/codec/reflection/descriptor_pool.h"
#include "penstock/codec/reflection/dynamic_message.h"
#include "penstock/codec/reflection/generated_types.h"
#include "penstock/codec/reflection/message_ref.h"
#include "penstock/codec/text/text.h"
#include "penstock/wire/bytes.h"
#include "penstock/wire/check.h"

#include "tests/conformance/test_messages_edition2023.penstock.h"
#include "tests/conformance/test_messages_proto2.penstock.h"
#include "tests/conformance/test_messages_proto2_editions.penstock.h"
#include "tests/conformance/test_messages_proto3.penstock.h"
#include "tests/conformance/test_messages_proto3_editions.penstock.h"

namespace penstock::testing {
namespace {

namespace reflection = codec::reflection;
using conformance::ConformanceRequest;
using conformance::ConformanceResponse;

constexpr const char* kNoJspb = "JSPB is not spoken";

wire::Bytes BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Everything but where messages come from. Ms are the messages that the runner asks for.
template <typename... Ms>
class TesteeOf : public Testee {
 public:
  TesteeOf() : extensions_(pool_) { (AddFileOf<Ms>(), ...); }

  ConformanceResponse Answer(const ConformanceRequest& request) final {
    ConformanceResponse response;
    if (request.message_type() == conformance::FailureSet::kFullName) {
      // The first request is about cases that are known to fail; there are none.
      response.set_protobuf_payload(conformance::FailureSet().SerializeAsString());
    } else if (!AnswerWithMessage(request, &response)) {
      response.set_runtime_error("unknown message_type " + std::string(request.message_type()));
    }
    return response;
  }

 protected:
  // False when there is no such message.
  virtual bool AnswerWithMessage(const ConformanceRequest& request,
                                 ConformanceResponse* response) = 0;

  const reflection::DescriptorPool& pool() const { return pool_; }

  void ParseAndPrint(const ConformanceRequest& request, reflection::MessageRef message,
                     ConformanceResponse* response) const {
    if (Parse(request, message, response)) Print(message, request, response);
  }

 private:
  template <typename M>
  void AddFileOf() {
    std::string error;
    PENSTOCK_CHECK(pool_.AddEmbedded(codec::MessageAccess::File<M>(), &error) != nullptr,
                   "the files of generated classes are sound");
  }

  bool Parse(const ConformanceRequest& request, reflection::MessageRef message,
             ConformanceResponse* response) const;
  void Print(reflection::ConstMessageRef message, const ConformanceRequest& request,
             ConformanceResponse* response) const;

  reflection::DescriptorPool pool_;
  codec::json::ExtensionTypes extensions_;
};

// False when the payload was no such message, or cannot be read at all: *response says it.
template <typename... Ms>
bool TesteeOf<Ms...>::Parse(const ConformanceRequest& request, reflection::MessageRef message,
                            ConformanceResponse* response) const {
  switch (request.payload_case()) {
    case ConformanceRequest::kProtobufPayload: {
      const codec::ParseResult result = message.ParseFrom(BytesOf(request.protobuf_payload()));
      if (!result.ok()) response->set_parse_error(codec::Describe(result));
      return result.ok();
    }
    case ConformanceRequest::kJsonPayload: {
      codec::json::JsonParseOptions options;
      options.ignore_unknown_fields =
          request.test_category() == conformance::JSON_IGNORE_UNKNOWN_PARSING_TEST;
      options.extensions = &extensions_;
      const codec::json::JsonStatus status =
          codec::json::FromJson(request.json_payload(), message, options);
      if (!status.ok()) response->set_parse_error(status.message());
      return status.ok();
    }
    case ConformanceRequest::kTextPayload:
      response->set_skipped("text format is printed, not read");
      return false;
    case ConformanceRequest::kJspbPayload:
      response->set_skipped(kNoJspb);
      return false;
    case ConformanceRequest::PAYLOAD_NOT_SET:
      break;
  }
  response->set_runtime_error("the request has no payload");
  return false;
}

template <typename... Ms>
void TesteeOf<Ms...>::Print(reflection::ConstMessageRef message, const ConformanceRequest& request,
                            ConformanceResponse* response) const {
  switch (request.requested_output_format()) {
    case conformance::PROTOBUF:
      response->set_protobuf_payload(message.SerializeAsString());
      return;
    case conformance::JSON: {
      codec::json::JsonPrintOptions options;
      options.extensions = &extensions_;
      std::string text;
      const codec::json::JsonStatus status = codec::json::ToJson(message, &text, options);
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
      options.extensions = &extensions_;
      response->set_text_payload(codec::text::ToText(message, options));
      return;
    }
    case conformance::JSPB:
      response->set_skipped(kNoJspb);
      return;
    case conformance::UNSPECIFIED:
      break;
  }
  response->set_runtime_error("the request names no format that is known");
}

template <typename... Ms>
class GeneratedTestee final : public TesteeOf<Ms...> {
 private:
  bool AnswerWithMessage(const ConformanceRequest& request,
                         ConformanceResponse* response) override {
    return (AnswerIfOne<Ms>(request, response) || ...);
  }

  template <typename M>
  bool AnswerIfOne(const ConformanceRequest& request, ConformanceResponse* response) {
    if (request.message_type() != M::kFullName) return false;
    M message;
    this->ParseAndPrint(request, reflection::Reflect(message), response);
    return true;
  }
};

template <typename... Ms>
class DynamicTestee final : public TesteeOf<Ms...> {
 public:
  DynamicTestee() : types_(this->pool()) {}

 private:
  bool AnswerWithMessage(const ConformanceRequest& request,
                         ConformanceResponse* response) override {
    const reflection::MessageType* type = types_.FindType(request.message_type());
    if (type == nullptr) return false;
    reflection::DynamicMessage message(*type);
    this->ParseAndPrint(request, message.ref(), response);
    return true;
  }

  reflection::DynamicTypes types_;
};

template <template <typename...> class Kind>
std::unique_ptr<Testee> MakeWithAllMessages() {
  namespace messages = protobuf_test_messages;
  return std::make_unique<
      Kind<messages::proto2::TestAllTypesProto2, messages::proto2::TestAllRequiredTypesProto2,
           messages::proto3::TestAllTypesProto3, messages::editions::TestAllTypesEdition2023,
           messages::editions::proto2::TestAllTypesProto2,
           messages::editions::proto2::TestAllRequiredTypesProto2,
           messages::editions::proto3::TestAllTypesProto3>>();
}

}  // namespace

std::unique_ptr<Testee> MakeGeneratedTestee() { return MakeWithAllMessages<GeneratedTestee>(); }
std::unique_ptr<Testee> MakeDynamicTestee() { return MakeWithAllMessages<DynamicTestee>(); }

}  // namespace penstock::testing
