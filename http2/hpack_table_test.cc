#include "penstock/http2/hpack_table.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace penstock::http2 {
namespace {

using Table = HpackTable<uint64_t>;

// Inserts as the decoder does; storage that was outgrown is kept when `kept` is given.
void Insert(Table& table, std::string_view name, std::string_view value, uint64_t note = 0,
            std::vector<std::unique_ptr<char[]>>* kept = nullptr) {
  const auto text_bytes = static_cast<uint32_t>(name.size() + value.size());
  table.EvictTo(table.bytes_max() - text_bytes - kFieldOverheadBytes);
  if (!table.HasRoomFor(text_bytes)) {
    std::unique_ptr<char[]> old = table.Grow(text_bytes);
    if (kept != nullptr) kept->push_back(std::move(old));
  }
  table.Append(name, value).note = note;
}

TEST(HpackTable, HoldsNothingAtFirst) {
  const Table table(4096);
  EXPECT_EQ(table.count(), 0u);
  EXPECT_EQ(table.bytes(), 0u);
  EXPECT_EQ(table.heap_bytes(), 0u);
  EXPECT_FALSE(table.IsLive(table.newest_number()));
}

TEST(HpackTable, TheNewestComesFirst) {
  Table table(4096);
  Insert(table, "a", "1", 11);
  Insert(table, "bb", "22", 22);
  ASSERT_EQ(table.count(), 2u);
  EXPECT_EQ(table.NameOf(table.EntryOfAge(0)), "bb");
  EXPECT_EQ(table.ValueOf(table.EntryOfAge(0)), "22");
  EXPECT_EQ(table.EntryOfAge(0).note, 22u);
  EXPECT_EQ(table.NameOf(table.EntryOfAge(1)), "a");
  EXPECT_EQ(table.bytes(), 34u + 36u);
}

TEST(HpackTable, EvictsTheOldestUntilTheNewFits) {
  Table table(100);
  Insert(table, "a", "1");  // 34
  Insert(table, "b", "2");  // 34: 68
  Insert(table, "c", "3");  // 34: evicts a
  ASSERT_EQ(table.count(), 2u);
  EXPECT_EQ(table.NameOf(table.EntryOfAge(1)), "b");
  table.SetBytesMax(40);
  ASSERT_EQ(table.count(), 1u);
  EXPECT_EQ(table.NameOf(table.EntryOfAge(0)), "c");
  table.SetBytesMax(0);
  EXPECT_EQ(table.count(), 0u);
  EXPECT_EQ(table.bytes(), 0u);
}

TEST(HpackTable, EvictedBytesStayUntilReleased) {
  Table table(200);
  Insert(table, "held", std::string(20, 'h'));
  table.ReleaseEvicted();
  const std::string_view held = table.ValueOf(table.EntryOfAge(0));
  table.EvictTo(0);
  ASSERT_TRUE(table.holds_evicted());
  // All that fits without growth is written around the held bytes.
  while (table.bytes() + 56 <= 200 && table.HasRoomFor(24))
    table.Append("new!", std::string(20, 'n'));
  EXPECT_EQ(held, std::string(20, 'h'));
  table.ReleaseEvicted();
  table.EvictTo(0);
  table.ReleaseEvicted();
  EXPECT_TRUE(table.HasRoomFor(24));
}

TEST(HpackTable, NamesMayComeFromTheTableItself) {
  Table table(4096);
  Insert(table, "x-name", "first");
  for (int i = 0; i < 200; ++i) {
    std::vector<std::unique_ptr<char[]>> kept;
    const std::string_view name = table.NameOf(table.EntryOfAge(0));
    Insert(table, name, std::to_string(i), 0, &kept);
    ASSERT_EQ(table.NameOf(table.EntryOfAge(0)), "x-name");
    ASSERT_EQ(table.ValueOf(table.EntryOfAge(0)), std::to_string(i));
    table.ReleaseEvicted();
  }
}

TEST(HpackTable, AFullTableDoesNotGrowAnyMore) {
  Table table(4096);
  std::mt19937 random(7);
  size_t heap_bytes = 0;
  for (int i = 0; i < 20000; ++i) {
    Insert(table, "grpc-timeout", std::string(random() % 12, 'u'));
    table.ReleaseEvicted();
    if (i == 1000) heap_bytes = table.heap_bytes();
  }
  EXPECT_EQ(table.heap_bytes(), heap_bytes);
  EXPECT_LE(table.storage_bytes(), 4096u);
}

TEST(HpackTable, StorageStaysBelowTwiceTheTable) {
  std::mt19937 random(8);
  for (const uint32_t bytes_max : {64u, 256u, 4096u, 65536u}) {
    Table table(bytes_max);
    for (int i = 0; i < 5000; ++i) {
      Insert(table, "n", std::string(random() % (bytes_max - 32), 'v'));
      table.ReleaseEvicted();
      table.CheckInvariants();
    }
    EXPECT_LE(table.storage_bytes(), std::max(128u, bytes_max * 2));
  }
}

// The same operations on a deque of strings.
TEST(HpackTable, BehavesAsItsModel) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Table table(1024);
    std::deque<std::pair<std::string, std::string>> model;
    const auto evict_model = [&](size_t bytes_max) {
      size_t bytes = 0;
      for (const auto& [name, value] : model) bytes += name.size() + value.size() + 32;
      while (bytes > bytes_max) {
        bytes -= model.back().first.size() + model.back().second.size() + 32;
        model.pop_back();
      }
    };
    for (int step = 0; step < 3000; ++step) {
      const uint32_t what = random() % 16;
      if (what == 0) {
        const uint32_t bytes_max = random() % 2 == 0 ? 1024 : random() % 1024;
        table.SetBytesMax(bytes_max);
        evict_model(bytes_max);
      } else if (what < 4) {
        table.ReleaseEvicted();
      } else {
        const std::string name(random() % 8, static_cast<char>('a' + random() % 26));
        const std::string value(random() % (random() % 8 == 0 ? 300 : 20), 'v');
        const size_t bytes = name.size() + value.size() + 32;
        if (bytes > table.bytes_max()) continue;
        Insert(table, name, value, static_cast<uint64_t>(step));
        evict_model(table.bytes_max() - bytes);
        model.emplace_front(name, value);
      }
      table.CheckInvariants();
      ASSERT_EQ(table.count(), model.size());
      for (uint32_t age = 0; age < table.count(); ++age) {
        ASSERT_EQ(table.NameOf(table.EntryOfAge(age)), model[age].first);
        ASSERT_EQ(table.ValueOf(table.EntryOfAge(age)), model[age].second);
      }
    }
  }
}

}  // namespace
}  // namespace penstock::http2
