#include "penstock/http2/priority.h"

#include <string>

#include "gtest/gtest.h"

namespace penstock::http2 {
namespace {

struct Case {
  std::string_view text;
  Priority want;
};

TEST(Priority, UrgencyAndIncrementalAreTakenFromADictionary) {
  const Case cases[] = {
      {"", {3, false}},
      {"u=0", {0, false}},
      {"u=7", {7, false}},
      {"i", {3, true}},
      {"i=?1", {3, true}},
      {"i=?0", {3, false}},
      {"u=5, i", {5, true}},
      {"i,u=5", {5, true}},
      {"  u=1 \t,\t i  ", {1, true}},
      {"u=1,u=2", {2, false}},
      {"i, i=?0", {3, false}},
      {"u=1, u=a", {3, false}},
      {"i, i=1", {3, false}},
      {"u=1;x=\"y\";z, i;a=1.5", {1, true}},
      {"a=(1 \"b\" :Yg==:;p *t/x ), u=2", {2, false}},
      {"x=\"a\\\"b\\\\\", u=6", {6, false}},
      {"*key.of_1-more=tok:en/%, u=4", {4, false}},
      {"n=-123456789012.125, u=4", {4, false}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    Priority priority;
    EXPECT_TRUE(ParsePriority(c.text, &priority));
    EXPECT_EQ(priority, c.want);
  }
}

TEST(Priority, WhatIsOutOfRangeOrOfAnotherTypeIsPassedOver) {
  for (const std::string_view text : {"u=8", "u=-1", "u=3.0", "u", "u=a", "u=\"1\"", "u=(1)",
                                      "u=999999999999999", "i=1", "i=a", "U2=1, x", "urgency=1"}) {
    SCOPED_TRACE(text);
    Priority priority{2, true};
    const bool is_dictionary = ParsePriority(text, &priority);
    EXPECT_EQ(is_dictionary, text.front() != 'U');
    EXPECT_EQ(priority, (Priority{2, true}));
  }
}

TEST(Priority, WhatIsNoDictionaryChangesNothing) {
  for (const std::string_view text : {"u=1,",
                                      "u=1,,i",
                                      ",u=1",
                                      "u=1 i",
                                      "u=",
                                      "u=1;",
                                      "u=1;=2",
                                      "U=1",
                                      "=1",
                                      "u=1, x=\"",
                                      "u=1, x=\"\x7f\"",
                                      "u=1, x=\"\\a\"",
                                      "u=1, x=?2",
                                      "u=1, x=?",
                                      "u=1, x=:a",
                                      "u=1, x=:%:",
                                      "u=1, x=(1",
                                      "u=1, x=(1\"a\")",
                                      "u=1, x=1.",
                                      "u=1, x=1.1234",
                                      "u=1, x=1234567890123.1",
                                      "u=1, x=1234567890123456",
                                      "u=1, x=-",
                                      "u=1, \x01",
                                      "u = 1",
                                      "\tu=1"}) {
    SCOPED_TRACE(text);
    Priority priority{2, true};
    EXPECT_FALSE(ParsePriority(text, &priority));
    EXPECT_EQ(priority, (Priority{2, true}));
  }
}

TEST(Priority, ItsTextIsReadBack) {
  for (uint8_t urgency = 0; urgency <= kUrgencyLowest; ++urgency) {
    for (const bool incremental : {false, true}) {
      const Priority wanted{urgency, incremental};
      Priority got;
      EXPECT_TRUE(ParsePriority(PriorityText(wanted), &got));
      EXPECT_EQ(got, wanted);
    }
  }
  EXPECT_EQ(PriorityText({3, false}), "");
  EXPECT_EQ(PriorityText({1, true}), "u=1, i");
}

}  // namespace
}  // namespace penstock::http2
