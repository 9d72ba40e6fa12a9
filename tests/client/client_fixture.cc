#include "penstock/tests/client/client_fixture.h"

namespace penstock::test::client {
namespace {

Task<void> SayOnce(EchoClient echo, Scope* scope, std::string_view text,
                   const CallOptions& options, StatusOr<std::string>* result) {
  Text request;
  request.set_text(text);
  StatusOr<Text> reply = co_await echo.Say(*scope, request, options);
  if (reply.ok()) {
    *result = std::string(reply->text());
  } else {
    *result = reply.status();
  }
}

}  // namespace

StatusOr<std::string> ClientTest::SayTo(Channel& channel, std::string_view text,
                                        const CallOptions& options) {
  StatusOr<std::string> result;
  Scope scope(shard());
  Run(SayOnce(EchoClient(&channel), &scope, text, options, &result));
  return result;
}

}  // namespace penstock::test::client
