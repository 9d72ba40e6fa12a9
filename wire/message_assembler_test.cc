#include "penstock/wire/message_assembler.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/wire/testing/any_split.h"

namespace penstock::wire {
namespace {

using Result = MessageAssembler::Result;

std::string Framed(std::string_view message, uint8_t flag = 0) {
  uint8_t prefix[kMessagePrefixBytes];
  StoreMessagePrefix(prefix, {flag, static_cast<uint32_t>(message.size())});
  return std::string(AsString(prefix)) + std::string(message);
}

// What came out of an assembler that was fed some pieces.
struct Outcome {
  std::vector<std::string> messages;  // with a "Z:" in front of compressed ones
  Result last = Result::kNeedMore;    // kNeedMore, or the error that ended it
  bool at_boundary = true;

  bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
  for (const std::string& message : outcome.messages) *out << '"' << message << "\" ";
  *out << "last " << static_cast<int>(outcome.last) << (outcome.at_boundary ? " clean" : " within");
}

Outcome Feed(std::span<const Bytes> pieces, uint32_t message_bytes_max) {
  Arena arena;
  MessageAssembler assembler(message_bytes_max);
  Outcome outcome;
  std::vector<AssembledMessage> seen;  // read after later feeding: they must have stayed
  for (Bytes input : pieces) {
    const Bytes whole = input;
    do {
      AssembledMessage message{};
      outcome.last = assembler.Next(&input, &arena, &message);
      if (outcome.last == Result::kMessage) {
        const bool inside = message.bytes.data() >= whole.data() &&
                            message.bytes.data() + message.bytes.size() <= input.data();
        if (message.in_input && !message.bytes.empty()) {
          EXPECT_TRUE(inside);
        }
        seen.push_back(message);
      }
    } while (outcome.last == Result::kMessage && !input.empty());
    if (outcome.last != Result::kNeedMore && outcome.last != Result::kMessage) break;
    EXPECT_TRUE(input.empty());
  }
  if (outcome.last == Result::kMessage) outcome.last = Result::kNeedMore;
  outcome.at_boundary = assembler.at_boundary();
  for (const AssembledMessage& message : seen) {
    outcome.messages.push_back((message.compressed ? "Z:" : "") +
                               std::string(AsString(message.bytes)));
  }
  return outcome;
}

TEST(MessageAssembler, FindsTheSameMessagesHoweverTheyAreCut) {
  const std::string forty(40, 'q');
  const std::string bad_flag("\x02\0\0\0\x01x", 6);
  const std::string too_long = Framed(std::string(101, 'x'));
  const struct {
    const char* name;
    std::string wire;
    Outcome want;
  } kCases[] = {
      {"nothing", "", {{}, Result::kNeedMore, true}},
      {"one", Framed("hello"), {{"hello"}, Result::kNeedMore, true}},
      {"an empty message is a message", Framed(""), {{""}, Result::kNeedMore, true}},
      {"three empty ones",
       Framed("") + Framed("") + Framed(""),
       {{"", "", ""}, Result::kNeedMore, true}},
      {"compressed", Framed("gz", 1), {{"Z:gz"}, Result::kNeedMore, true}},
      {"several in a row",
       Framed("a") + Framed("") + Framed(forty, 1) + Framed("end"),
       {{"a", "", "Z:" + forty, "end"}, Result::kNeedMore, true}},
      {"as long as allowed",
       Framed(std::string(100, 'm')),
       {{std::string(100, 'm')}, Result::kNeedMore, true}},
      {"ends inside a prefix",
       Framed("a") + std::string("\0\0\0", 3),
       {{"a"}, Result::kNeedMore, false}},
      {"ends after a prefix",
       Framed("abc").substr(0, kMessagePrefixBytes),
       {{}, Result::kNeedMore, false}},
      {"ends inside a message", Framed("abc").substr(0, 7), {{}, Result::kNeedMore, false}},
      {"bad flag", Framed("a") + bad_flag, {{"a"}, Result::kBadFlag, false}},
      {"flag 255", std::string("\xff\0\0\0\0", 5), {{}, Result::kBadFlag, false}},
      {"too long", Framed("a") + too_long, {{"a"}, Result::kTooLarge, false}},
      {"absurdly long", "\1\xff\xff\xff\xff", {{}, Result::kTooLarge, false}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    ForEachSplit(AsBytes(c.wire),
                 [&](std::span<const Bytes> pieces) { EXPECT_EQ(Feed(pieces, 100), c.want); });
  }
}

TEST(MessageAssembler, WholeMessageIsHandedOutWhereItLies) {
  const std::string wire = Framed("hello") + "rest";
  MessageAssembler assembler;
  Arena arena;
  Bytes input = AsBytes(wire);
  AssembledMessage message{};
  ASSERT_EQ(assembler.Next(&input, &arena, &message), Result::kMessage);
  EXPECT_TRUE(message.in_input);
  EXPECT_EQ(message.bytes.data(), AsBytes(wire).data() + kMessagePrefixBytes);
  EXPECT_EQ(AsString(input), "rest");
  EXPECT_EQ(arena.block_bytes(), 0u);
}

TEST(MessageAssembler, SpanningMessageIsGatheredInTheArena) {
  const std::string wire = Framed("hello");
  MessageAssembler assembler;
  Arena arena;
  AssembledMessage message{};
  Bytes input = AsBytes(wire).first(7);
  ASSERT_EQ(assembler.Next(&input, &arena, &message), Result::kNeedMore);
  EXPECT_FALSE(assembler.at_boundary());
  EXPECT_EQ(assembler.missing_bytes(), 3u);
  input = AsBytes(wire).subspan(7);
  ASSERT_EQ(assembler.Next(&input, &arena, &message), Result::kMessage);
  EXPECT_FALSE(message.in_input);
  EXPECT_EQ(AsString(message.bytes), "hello");
  EXPECT_TRUE(assembler.at_boundary());
  EXPECT_EQ(assembler.missing_bytes(), 0u);
}

TEST(MessageAssembler, NothingIsMissingInsideAPrefix) {
  MessageAssembler assembler;
  Arena arena;
  AssembledMessage message{};
  const std::string wire = Framed("hello");
  Bytes input = AsBytes(wire).first(4);
  ASSERT_EQ(assembler.Next(&input, &arena, &message), Result::kNeedMore);
  EXPECT_EQ(assembler.missing_bytes(), 0u);
  EXPECT_FALSE(assembler.at_boundary());
}

TEST(MessageAssembler, LimitIsJudgedByThePrefixAlone) {
  constexpr uint32_t kMax = 4 * 1024 * 1024;
  const struct {
    const char* name;
    uint32_t length_bytes;
    Result want;
  } kCases[] = {
      {"one below", kMax - 1, Result::kNeedMore},
      {"equal passes", kMax, Result::kNeedMore},
      {"one above", kMax + 1, Result::kTooLarge},
      {"the longest there is", 0xFFFFFFFF, Result::kTooLarge},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    uint8_t prefix[kMessagePrefixBytes];
    StoreMessagePrefix(prefix, {0, c.length_bytes});
    ForEachSplit(prefix, [&](std::span<const Bytes> pieces) {
      MessageAssembler assembler;
      Arena arena;
      AssembledMessage message{};
      Result last = Result::kNeedMore;
      for (Bytes input : pieces) last = assembler.Next(&input, &arena, &message);
      EXPECT_EQ(last, c.want);
      EXPECT_EQ(assembler.length_bytes(), c.length_bytes);
      EXPECT_EQ(arena.block_bytes(), 0u) << "a prefix alone reserves nothing";
    });
  }
}

TEST(MessageAssembler, LimitOfZeroAllowsEmptyMessagesOnly) {
  const std::string wire = Framed("") + Framed("x");
  ForEachSplit(AsBytes(wire), [&](std::span<const Bytes> pieces) {
    const Outcome want = {{""}, Result::kTooLarge, false};
    EXPECT_EQ(Feed(pieces, 0), want);
  });
}

// A stream that was refused gets no second chance, however much DATA still arrives on it.
TEST(MessageAssembler, ErrorsRepeatAndTakeNoMemory) {
  const struct {
    const char* name;
    MessagePrefix prefix;
    Result want;
  } kCases[] = {
      {"bad flag", {7, 10}, Result::kBadFlag},
      {"too large", {0, 0xFFFFFFFF}, Result::kTooLarge},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    MessageAssembler assembler;
    Arena arena;
    AssembledMessage message{};
    uint8_t prefix[kMessagePrefixBytes];
    StoreMessagePrefix(prefix, c.prefix);
    Bytes input = prefix;
    ASSERT_EQ(assembler.Next(&input, &arena, &message), c.want);
    EXPECT_EQ(assembler.flag(), c.prefix.flag);
    EXPECT_EQ(assembler.missing_bytes(), 0u) << "nothing more is wanted";
    const std::string more(1000, 'x');
    for (int i = 0; i < 3; ++i) {
      input = AsBytes(more);
      EXPECT_EQ(assembler.Next(&input, &arena, &message), c.want);
      EXPECT_EQ(input.size(), more.size());
    }
    EXPECT_EQ(arena.block_bytes(), 0u);
    EXPECT_EQ(message.bytes.size(), 0u);
  }
}

// Memory follows what has arrived: a prefix that promises 4 MiB and one octet reserve 16 KiB.
TEST(MessageAssembler, GatheringRoomGrowsWithWhatHasArrived) {
  constexpr uint32_t kLength = 4 * 1024 * 1024;
  const std::string message_text(kLength, 'm');
  MessageAssembler assembler;
  Arena arena;
  AssembledMessage message{};
  uint8_t prefix[kMessagePrefixBytes];
  StoreMessagePrefix(prefix, {0, kLength});
  Bytes input = prefix;
  ASSERT_EQ(assembler.Next(&input, &arena, &message), Result::kNeedMore);
  size_t arrived = 0;
  for (size_t piece = 1; arrived < kLength; piece = piece * 3 / 2 + 1) {
    input = AsBytes(message_text).subspan(arrived, std::min<size_t>(piece, kLength - arrived));
    arrived += input.size();
    const Result result = assembler.Next(&input, &arena, &message);
    ASSERT_EQ(result, arrived == kLength ? Result::kMessage : Result::kNeedMore);
    // Four times what arrived, and a third of that again in the rooms it outgrew.
    ASSERT_LE(arena.block_bytes(), 32 * 1024 + arrived * 16 / 3) << "after " << arrived;
  }
  EXPECT_EQ(message.bytes.size(), kLength);
  EXPECT_EQ(AsString(message.bytes), message_text);
  // The whole message, and behind it rooms that were each outgrown at less than its length.
  EXPECT_LE(arena.block_bytes(), kLength + size_t{kLength} * 4 / 3);
}

// Whole messages fill the stock again and again, whoever takes from it.
TEST(MessageAssembler, PrefixesAndAnOctetEachHoldNoIdleBlocks) {
  constexpr uint32_t kLength = 4 * 1024 * 1024;
  constexpr size_t kStreams = 20;
  const std::string wire = Framed(std::string(kLength, 'm'));
  SlabPool pool;
  std::vector<std::unique_ptr<Arena>> arenas;
  std::vector<MessageAssembler> slow(kStreams);
  for (MessageAssembler& assembler : slow) {
    Arena arena(&pool);
    MessageAssembler whole;
    AssembledMessage message{};
    for (Bytes rest = AsBytes(wire); !rest.empty();) {
      Bytes input = rest.first(std::min<size_t>(rest.size(), 16 * 1024));
      rest = rest.subspan(input.size());
      ASSERT_EQ(whole.Next(&input, &arena, &message),
                rest.empty() ? Result::kMessage : Result::kNeedMore);
    }
    arena.Reset();
    arenas.push_back(std::make_unique<Arena>(&pool));
    Bytes input = AsBytes(wire).first(kMessagePrefixBytes + 1);
    ASSERT_EQ(assembler.Next(&input, arenas.back().get(), &message), Result::kNeedMore);
    EXPECT_LE(pool.large().lent_bytes(), arenas.size() * 16 * 1024);
  }
}

TEST(MessageAssembler, AnIdleBlockForAllOfItIsTakenOnceASixteenthHasArrived) {
  constexpr uint32_t kLength = 1024 * 1024;
  const std::string message_text(kLength, 'm');
  const std::string wire = Framed(message_text);
  SlabPool pool;
  { Arena(&pool).Allocate(kLength); }
  Arena arena(&pool);
  MessageAssembler assembler;
  AssembledMessage message{};
  size_t arrived = 0;
  for (Bytes rest = AsBytes(wire); !rest.empty();) {
    Bytes input = rest.first(std::min<size_t>(rest.size(), 1000));
    rest = rest.subspan(input.size());
    arrived += input.size();
    ASSERT_EQ(assembler.Next(&input, &arena, &message),
              rest.empty() ? Result::kMessage : Result::kNeedMore);
    // Sixteen times what arrived, and the rooms that it outgrew.
    ASSERT_LE(arena.block_bytes(), 16 * 1024 + arrived * 16 * 4 / 3) << "after " << arrived;
  }
  EXPECT_EQ(AsString(message.bytes), message_text);
  EXPECT_EQ(arena.block_bytes(), (16 + 64 + 1024) * 1024u);
}

// However its octets come: what one call gave back fits the next.
TEST(MessageAssembler, OfTheSameLengthTheNextTakesNothingFromTheSystem) {
  constexpr uint32_t kLength = 1024 * 1024;
  const std::string wire = Framed(std::string(kLength, 'm'));
  SlabPool pool;
  size_t idle_bytes = 0;
  for (const size_t piece : {16'384, 16'384, 1, 1'000, 16'000, 30'000, 200'000}) {
    SCOPED_TRACE(piece);
    Arena arena(&pool);
    MessageAssembler assembler;
    AssembledMessage message{};
    for (Bytes rest = AsBytes(wire); !rest.empty();) {
      Bytes input = rest.first(std::min(rest.size(), piece));
      rest = rest.subspan(input.size());
      ASSERT_NE(assembler.Next(&input, &arena, &message), Result::kTooLarge);
    }
    arena.Reset();
    if (piece == 16'384) idle_bytes = pool.large().idle_bytes();
    EXPECT_EQ(pool.large().idle_bytes(), idle_bytes);
  }
}

TEST(MessageAssembler, DiscardingTakesEverythingAndNeverEnds) {
  const std::string inputs[] = {Framed("a message"), std::string(5, '\0'), "x", "\xff\xff",
                                std::string(100'000, 'x')};
  MessageAssembler assembler;
  assembler.Discard();
  Arena arena;
  for (const std::string& text : inputs) {
    Bytes input = AsBytes(text);
    AssembledMessage message{};
    EXPECT_EQ(assembler.Next(&input, &arena, &message), Result::kNeedMore);
    EXPECT_TRUE(input.empty());
    EXPECT_FALSE(assembler.at_boundary());
    EXPECT_EQ(assembler.missing_bytes(), 0u);
  }
  EXPECT_EQ(arena.block_bytes(), 0u);
}

TEST(MessageAssembler, ServesAFreshArenaAfterEachMessage) {
  MessageAssembler assembler;
  Arena arena;
  AssembledMessage message{};
  for (int i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    const std::string text = "message " + std::to_string(i);
    const std::string wire = Framed(text);
    Bytes input = AsBytes(wire).first(8);
    ASSERT_EQ(assembler.Next(&input, &arena, &message), Result::kNeedMore);
    input = AsBytes(wire).subspan(8);
    ASSERT_EQ(assembler.Next(&input, &arena, &message), Result::kMessage);
    EXPECT_EQ(AsString(message.bytes), text);
    arena.Reset();
  }
}

}  // namespace
}  // namespace penstock::wire
