#include "penstock/rpc/tracing/trace_context.h"

#include <gtest/gtest.h>

#include <string>

namespace penstock {
namespace {

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

std::string WithByte(size_t at, char c) {
  std::string text = kParent;
  text[at] = c;
  return text;
}

TEST(Traceparent, IsReadAndWritten) {
  std::optional<TraceContext> trace = ParseTraceparent(kParent);
  ASSERT_TRUE(trace.has_value());
  EXPECT_EQ(trace->trace_id_high, 0x0af7651916cd43ddu);
  EXPECT_EQ(trace->trace_id_low, 0x8448eb211c80319cu);
  EXPECT_EQ(trace->parent_span_id, 0xb7ad6b7169203331u);
  EXPECT_EQ(trace->span_id, 0u);
  EXPECT_TRUE(trace->is_sampled());
  trace->span_id = 0x00f067aa0ba902b7u;
  const auto written = FormatTraceparent(*trace);
  EXPECT_EQ(std::string(written.data(), written.size()),
            "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01");
  const auto id = trace->TraceIdText();
  EXPECT_EQ(std::string(id.data(), id.size()), "0af7651916cd43dd8448eb211c80319c");
}

TEST(Traceparent, OfALaterVersionIsReadAsFarAsThisOneGoes) {
  const std::string later = "cc" + std::string(kParent).substr(2);
  for (const std::string& text : {later, later + "-what", later + "-"}) {
    SCOPED_TRACE(text);
    const std::optional<TraceContext> trace = ParseTraceparent(text);
    ASSERT_TRUE(trace.has_value());
    EXPECT_EQ(FormatTraceparent(*trace)[0], '0');
    EXPECT_EQ(trace->parent_span_id, 0xb7ad6b7169203331u);
  }
}

TEST(Traceparent, KeepsTheFlagsItKnows) {
  const struct {
    const char* flags;
    uint8_t want;
  } cases[] = {{"00", 0}, {"01", 1}, {"02", 2}, {"03", 3}, {"fc", 0}, {"ff", 3}};
  for (const auto& each : cases) {
    const std::optional<TraceContext> trace =
        ParseTraceparent(std::string(kParent).substr(0, 53) + each.flags);
    ASSERT_TRUE(trace.has_value()) << each.flags;
    EXPECT_EQ(trace->flags, each.want) << each.flags;
  }
}

TEST(Traceparent, IsNotReadWhenMalformed) {
  const std::string good = kParent;
  const std::string cases[] = {
      "",
      "00",
      good.substr(0, 54),
      good + "0",
      good + "-",                                                 // of version 00 nothing follows
      "cc" + good.substr(2) + "0",                                // of others a dash does
      "ff" + good.substr(2),                                      // no version
      WithByte(3, 'A'), WithByte(36, 'B'), WithByte(53, 'F'), WithByte(0, 'A'),  // upper case
      WithByte(2, '_'), WithByte(35, '_'), WithByte(52, '_'),
      WithByte(10, 'g'), WithByte(40, ' '), WithByte(54, '/'), WithByte(18, '\0'),
      "00-" + std::string(32, '0') + good.substr(35),             // no trace
      good.substr(0, 36) + std::string(16, '0') + good.substr(52),  // no span
      " " + good, good + " ",
  };
  for (const std::string& text : cases) {
    EXPECT_FALSE(ParseTraceparent(text).has_value()) << "'" << text << "'";
  }
}

std::string Members(size_t count) {
  std::string text = "m0=v";
  for (size_t i = 1; i < count; ++i) text += ",m" + std::to_string(i) + "=v";
  return text;
}

TEST(Tracestate, IsAListOfMembersWithinItsLimits) {
  const struct {
    const char* name;
    std::string text;
    bool want;
  } cases[] = {
      {"one", "rojo=00f067aa0ba902b7", true},
      {"two, blanks", "rojo=1 , congo=t61rcWkgMzE", true},
      {"tenant", "1a@system=v", true},
      {"a key of the second level", "1a@b@=v", true},
      {"a key twice", "m=v,m=w", true},
      {"blank within a value", "a=b c", true},
      {"empty members", "a=b,,c=d,", true},
      {"nothing", "", false},
      {"commas alone", ",,", false},
      {"no equals", "rojo", false},
      {"no key", "=1", false},
      {"no value", "a=", false},
      {"two equals", "a=b=c", false},
      {"upper case", "A=b", false},
      {"a key that begins with a dash", "-a=b", false},
      {"an octet that is not printable", "a=b\x7f", false},
      {"an octet above ASCII", "a=\xc3\xbc", false},
      {"32 members", Members(32), true},
      {"33 members", Members(33), false},
      {"512 octets", "k=" + std::string(253, 'v') + ",l=" + std::string(254, 'v'), true},
      {"513 octets", "k=" + std::string(254, 'v') + ",l=" + std::string(254, 'v'), false},
      {"a long key", std::string(256, 'k') + "=v", true},
      {"a key too long", std::string(257, 'k') + "=v", false},
      {"a value too long", "k=" + std::string(257, 'v'), false},
  };
  for (const auto& each : cases) EXPECT_EQ(IsTracestate(each.text), each.want) << each.name;
}

}  // namespace
}  // namespace penstock
