#include "penstock/server/option.h"

#include <gtest/gtest.h>

namespace penstock::server {
namespace {

std::string Take(const Option& option, const std::string& text, ServerOptions* options) {
  return option.take({text}, options);
}

std::string Shown(const Option& option, const ServerOptions& options) {
  return option.show(options).front();
}

TEST(Option, ATimeHasAUnitOrIsInSecondsOrIsNever) {
  const Option option = Span("x", &ServerOptions::connection_age_ns_max,
                             {.least = kNsPerMs, .never = true}, "");
  const struct {
    const char* text;
    TimeNs want;
    const char* shown;
  } cases[] = {
      {"30", 30 * kNsPerSecond, "30s"},   {"2.5", 2'500 * kNsPerMs, "2.5s"},
      {"500ms", 500 * kNsPerMs, "500ms"}, {"1m30s", 90 * kNsPerSecond, "1m30s"},
      {"never", kTimeNever, "never"},     {"1ms", kNsPerMs, "1ms"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    ServerOptions options;
    EXPECT_EQ(Take(option, c.text, &options), "");
    EXPECT_EQ(options.connection_age_ns_max, c.want);
    EXPECT_EQ(Shown(option, options), c.shown);
  }
}

TEST(Option, ANumberOutsideItsBoundsLeavesTheOptionsAsTheyWere) {
  const Option span = Span("x", &ServerOptions::drain_grace_ns,
                           {.least = kNsPerSecond, .most = 60 * kNsPerSecond}, "");
  const Option count = Count("x", &http2::Limits::concurrent_streams_max, {.least = 1}, "");
  const Option bytes = Bytes("x", &ServerOptions::message_bytes_max, {}, "");
  const struct {
    const Option* option;
    const char* text;
    const char* why;
  } cases[] = {
      {&span, "999ms", "write a time such as 500ms, 30s or 1m30s, at least 1s and at most 1m"},
      {&span, "61s", "at most 1m"},
      {&span, "never", "write a time"},
      {&span, "", "write a time"},
      {&span, "soon", "write a time"},
      {&count, "0", "write a whole number, at least 1"},
      {&count, "4294967296", "write a whole number, at least 1 and at most 4294967295"},
      {&count, "1.5", "write a whole number"},
      {&count, "", "write a whole number"},
      {&bytes, "4GiB", "64KiB or 4MiB, at least 0 and at most 4294967295"},
      {&bytes, "8M", "write a size"},
      {&bytes, "-1", "write a size"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const ServerOptions before;
    ServerOptions options;
    const std::string why = Take(*c.option, c.text, &options);
    EXPECT_NE(why.find(c.why), std::string::npos) << why;
    EXPECT_EQ(Shown(*c.option, options), Shown(*c.option, before));
  }
}

TEST(Option, CountsAndSizesHaveUnits) {
  ServerOptions options;
  EXPECT_EQ(Take(Count("x", &ServerOptions::connections_max, {}, ""), "10k", &options), "");
  EXPECT_EQ(options.connections_max, 10'000u);
  const Option bytes = Bytes("x", &ServerOptions::shard_memory_bytes_max, {}, "");
  EXPECT_EQ(Take(bytes, "8GiB", &options), "");
  EXPECT_EQ(options.shard_memory_bytes_max, uint64_t{8} << 30);
  EXPECT_EQ(Shown(bytes, options), "8GiB");
}

TEST(Option, ASwitchIsWrittenAsPeopleDo) {
  const Option option = Switch("x", &wire::TlsServerOptions::allow_cleartext, "");
  ServerOptions options;
  for (const char* text : {"true", "on", "yes", "1"}) {
    options.tls.allow_cleartext = false;
    EXPECT_EQ(Take(option, text, &options), "") << text;
    EXPECT_TRUE(options.tls.allow_cleartext) << text;
  }
  for (const char* text : {"false", "off", "no", "0"}) {
    options.tls.allow_cleartext = true;
    EXPECT_EQ(Take(option, text, &options), "") << text;
    EXPECT_FALSE(options.tls.allow_cleartext) << text;
  }
  EXPECT_EQ(Take(option, "maybe", &options), "write true or false");
  EXPECT_EQ(Shown(option, options), "false");
}

TEST(Option, AWordIsOneOfItsOwn) {
  const Option option = Choice("x", &ServerOptions::io, {"auto", "uring", "epoll"}, "");
  ServerOptions options;
  EXPECT_EQ(Take(option, "epoll", &options), "");
  EXPECT_EQ(options.io, reactor::IoMode::kEpoll);
  EXPECT_EQ(Shown(option, options), "epoll");
  EXPECT_EQ(Take(option, "epol", &options),
            "write auto, uring or epoll, did you mean epoll?");
  EXPECT_EQ(options.io, reactor::IoMode::kEpoll);
}

TEST(Option, ATextThatIsEmptyIsNotChecked) {
  const Option option = Text(
      "x", &ServerOptions::admin, "ADDRESS",
      [](const std::string& text) { return std::string(text == "good" ? "" : "write good"); }, "");
  ServerOptions options;
  EXPECT_EQ(Take(option, "good", &options), "");
  EXPECT_EQ(options.admin, "good");
  EXPECT_EQ(Take(option, "bad", &options), "write good");
  EXPECT_EQ(options.admin, "good");
  EXPECT_EQ(Take(option, "", &options), "");
  EXPECT_EQ(options.admin, "");
}

TEST(Option, ItsOtherNamesFollowFromOne) {
  EXPECT_EQ(FlagOf("drain-grace"), "--drain-grace");
  EXPECT_EQ(VariableOf("http2-drain-grace"), "PENSTOCK_HTTP2_DRAIN_GRACE");
}

}  // namespace
}  // namespace penstock::server
