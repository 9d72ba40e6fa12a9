#include "penstock/loadtest/tool/one_call.h"

#include <cstdio>

#include "penstock/client/streams.h"
#include "penstock/codec/json/json.h"
#include "penstock/codec/text/text.h"
#include "penstock/loadtest/tool/json_messages.h"
#include "penstock/loadtest/tool/status_text.h"
#include "penstock/rpc/task_group.h"
#include "penstock/rpc/try.h"

namespace penstock::loadtest::tool {
namespace {

using codec::reflection::DynamicMessage;
using Stream = client::Duplex<RawMessage, RawMessage>;

// What becomes of the call is the reader's to tell: one that has ended takes no more.
// All that is given outlives the task.
Task<Status> WriteAll(Stream& stream, const std::vector<std::string>& requests) {
  for (const std::string& request : requests) {
    RawMessage message(nullptr);
    message.View(request);
    const Status written = co_await stream.Write(message);
    if (!written.ok()) break;
  }
  stream.CloseWrites();
  co_return OkStatus();
}

}  // namespace

OneCall::OneCall(const codec::reflection::DescriptorPool& pool,
                 const codec::reflection::ServiceDescriptor& service,
                 const codec::reflection::MethodDescriptor& method)
    : method_(method),
      path_("/" + service.full_name + "/" + method.name),
      types_(pool),
      extensions_(pool) {}

std::string OneCall::TakeRequests(std::string_view json) {
  std::vector<std::string_view> texts;
  std::string why;
  if (!SplitJson(json, &texts, &why)) return "the messages are no JSON: " + why;
  if (!method_.client_streaming && texts.empty()) texts.push_back("{}");
  if (!method_.client_streaming && texts.size() > 1) {
    return path_.substr(1) + " takes one message, and " + std::to_string(texts.size()) +
           " are given";
  }
  codec::json::JsonParseOptions style;
  style.extensions = &extensions_;
  for (const std::string_view text : texts) {
    DynamicMessage request(types_.TypeOf(*method_.input));
    const codec::json::JsonStatus status = codec::json::FromJson(text, request.ref(), style);
    if (!status.ok()) {
      const std::string which =
          texts.size() == 1 ? "the message" : "message " + std::to_string(requests_.size() + 1);
      return which + " is no " + method_.input->full_name + ": " + status.message();
    }
    requests_.push_back(request.SerializeAsString());
  }
  return "";
}

// What has no JSON, such as an Any whose type nobody has described, is printed as text.
Status OneCall::Print(const RawMessage& response) {
  ++responses_count_;
  DynamicMessage message(types_.TypeOf(*method_.output));
  if (!message.ParseFrom(response.bytes()).ok()) {
    return MakeStatus(StatusCode::kInternal,
                      "the server has sent what is no " + method_.output->full_name);
  }
  codec::json::JsonPrintOptions style;
  style.pretty = true;
  style.extensions = &extensions_;
  std::string text;
  const codec::json::JsonStatus status = codec::json::ToJson(message.ref(), &text, style);
  if (!status.ok()) {
    std::fprintf(stderr, "the next message has no JSON (%s), and is printed as text:\n",
                 Printable(status.message()).c_str());
    text = Printable(codec::text::ToText(message.ref()), true);
  }
  if (!text.ends_with('\n')) text += '\n';
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);  // who reads them through a pipe sees them as they come
  return OkStatus();
}

Task<Status> OneCall::Make(client::Channel& channel, CallScope& scope,
                           const client::CallOptions& options, bool is_verbose) {
  Stream stream(&channel.core(), &scope, path_, options);
  TaskGroup writing(scope);
  co_await Try(co_await writing.Start(WriteAll(stream, requests_)));
  bool has_begun = false;
  Status ended;
  for (;;) {
    const StatusOr<const RawMessage*> next = co_await stream.Next();
    if (is_verbose && !has_begun) {
      has_begun = true;
      std::fputs(DescribeMetadata(stream.initial_metadata(), "< ").c_str(), stderr);
    }
    if (!next.ok()) ended = next.status();
    if (!next.ok() || *next == nullptr) break;
    ended = Print(**next);
    if (!ended.ok()) break;
  }
  if (is_verbose) {
    std::fputs(DescribeMetadata(stream.trailing_metadata(), "< trailer ").c_str(), stderr);
  }
  if (ended.ok() && !method_.server_streaming && responses_count_ != 1) {
    ended = MakeStatus(StatusCode::kInternal, "the server has sent OK, and " +
                                                  std::to_string(responses_count_) +
                                                  " messages where there is one");
  }
  co_return ended;
}

}  // namespace penstock::loadtest::tool
