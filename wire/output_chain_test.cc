#include "penstock/wire/output_chain.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace penstock::wire {
namespace {

constexpr size_t kSlabBytes = 128;  // small, so that everything crosses slabs

std::string Contents(const OutputChain& chain) {
  std::vector<Bytes> pieces(chain.size() + 1);  // no piece is empty: always room enough
  const size_t count = chain.Gather(pieces);
  std::string all;
  for (size_t i = 0; i < count; ++i) all += AsString(pieces[i]);
  return all;
}

// The same, a few pieces at a time.
std::string ContentsBehind(const OutputChain& chain, size_t skipped_bytes) {
  std::string all;
  while (skipped_bytes < chain.size()) {
    Bytes pieces[7];
    const size_t count = chain.GatherBehind(skipped_bytes, pieces);
    EXPECT_GT(count, 0u);
    if (count == 0) break;
    for (size_t i = 0; i < count; ++i) all += AsString(pieces[i]);
    for (size_t i = 0; i < count; ++i) skipped_bytes += pieces[i].size();
  }
  return all;
}

std::string Pattern(size_t bytes, std::minstd_rand& random) {
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

// Two chains of one pool, moved by random steps beside two strings.
class OutputChainModel {
 public:
  explicit OutputChainModel(unsigned seed) : random_(seed) {}

  void Step() {
    switch (random_() % 10) {
      case 0:
        return Append(random_() % (3 * kSlabBytes));
      case 1:
        return Reserve(random_() % chain_.contiguous_bytes_max());
      case 2:
        return Reserve(chain_.contiguous_bytes_max());
      case 3:
        return Consume(random_() % (model_.size() + 1));
      case 4:
        return Consume(model_.size());
      case 5:
        return FillOther();
      case 6:
        chain_.Splice(other_);
        model_ += other_model_;
        return other_model_.clear();
      case 7:
        return MoveFrom(random_() % (random_() % 2 == 0 ? 200 : 3 * OutputChain::kShareBytesMin));
      case 8:
        return AppendShared(random_() % (3 * OutputChain::kShareBytesMin), chain_, model_);
      case 9:
        return AppendShared(random_() % (3 * OutputChain::kShareBytesMin), other_, other_model_);
    }
  }

  void Check() const {
    ASSERT_EQ(chain_.size(), model_.size());
    ASSERT_EQ(chain_.empty(), model_.empty());
    ASSERT_EQ(Contents(chain_), model_);
    ASSERT_EQ(Contents(other_), other_model_);
    const size_t skipped_bytes = model_.size() / 3;
    ASSERT_EQ(ContentsBehind(chain_, skipped_bytes), model_.substr(skipped_bytes));
  }

  const SlabPool& pool() const { return pool_; }
  size_t links_moved_count() const { return links_moved_count_; }
  void Clear() {
    chain_.Clear();
    other_.Clear();
  }

 private:
  void AppendShared(size_t bytes, OutputChain& chain, std::string& model) {
    const std::string lead = Pattern(random_() % (OutputChain::kLeadBytesMax + 1), random_);
    const std::string text = Pattern(bytes, random_);
    LargeBlock* const block = pool_.large().Take(bytes);
    std::memcpy(block->data(), text.data(), bytes);
    chain.AppendShared(AsBytes(lead), {block->data(), bytes}, block);
    pool_.large().Give(block);
    model += lead + text;
  }
  void Append(size_t bytes) {
    const std::string text = Pattern(bytes, random_);
    chain_.Append(AsBytes(text));
    model_ += text;
  }
  void Reserve(size_t bytes) {
    uint8_t* room = chain_.Reserve(bytes);
    std::memset(room, '#', bytes);  // what is not committed must not show
    const std::string text = Pattern(bytes == 0 ? 0 : random_() % (bytes + 1), random_);
    std::memcpy(room, text.data(), text.size());
    chain_.Commit(text.size());
    model_ += text;
  }
  void Consume(size_t bytes) {
    chain_.Consume(bytes);
    model_.erase(0, bytes);
  }
  void FillOther() {
    const std::string text = Pattern(random_() % 150, random_);
    other_.Append(AsBytes(text));
    other_model_ += text;
  }
  void MoveFrom(size_t bytes) {
    const size_t want = std::min(bytes, other_model_.size());
    const std::string lead = Pattern(random_() % (OutputChain::kLeadBytesMax + 1), random_);
    Bytes front;
    other_.Gather({&front, 1});
    const bool is_shared = other_.front_block() != nullptr &&
                           std::min(front.size(), bytes) >= OutputChain::kShareBytesMin;
    ASSERT_EQ(chain_.MoveFrom(other_, bytes, AsBytes(lead)), want);
    model_ += lead + other_model_.substr(0, want);
    other_model_.erase(0, want);
    if (!is_shared) return;
    std::vector<Bytes> pieces(chain_.size());
    pieces.resize(chain_.Gather(pieces));
    ASSERT_TRUE(std::any_of(pieces.begin(), pieces.end(),
                            [&](Bytes piece) { return piece.data() == front.data(); }));
    ++links_moved_count_;
  }

  std::minstd_rand random_;
  SlabPool pool_{kSlabBytes};
  OutputChain chain_{&pool_};
  OutputChain other_{&pool_};
  std::string model_, other_model_;
  size_t links_moved_count_ = 0;
};

TEST(OutputChain, BehavesLikeAString) {
  size_t links_moved_count = 0;
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    OutputChainModel model(seed);
    for (int step = 0; step < 200; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      model.Step();
      model.Check();
      if (testing::Test::HasFatalFailure()) return;
    }
    model.Clear();
    EXPECT_EQ(model.pool().slabs_lent_count(), 0u);
    EXPECT_EQ(model.pool().large().lent_bytes(), 0u);
    links_moved_count += model.links_moved_count();
  }
  EXPECT_GT(links_moved_count, 20u);
}

TEST(OutputChain, FreshChainIsEmptyAndHoldsNoSlab) {
  SlabPool pool(kSlabBytes);
  OutputChain chain(&pool);
  Bytes piece;
  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(chain.Gather({&piece, 1}), 0u);
  EXPECT_EQ(pool.slabs_lent_count(), 0u);
}

TEST(OutputChain, ConsumingEverythingGivesEverySlabBack) {
  SlabPool pool(kSlabBytes);
  OutputChain chain(&pool);
  chain.Append(AsBytes(std::string(1000, 'x')));
  EXPECT_GT(pool.slabs_lent_count(), 5u);
  chain.Consume(1000);
  EXPECT_EQ(pool.slabs_lent_count(), 0u);
}

TEST(OutputChain, EndOfChainGivesItsSlabsBack) {
  SlabPool pool(kSlabBytes);
  {
    OutputChain chain(&pool);
    chain.Append(AsBytes(std::string(1000, 'x')));
  }
  EXPECT_EQ(pool.slabs_lent_count(), 0u);
}

TEST(OutputChain, GatheredBytesStayPutWhileMoreIsAppended) {
  SlabPool pool(kSlabBytes);
  OutputChain chain(&pool);
  chain.Append(AsBytes("in flight"));
  Bytes front;
  ASSERT_EQ(chain.Gather({&front, 1}), 1u);
  const uint8_t* const at = front.data();
  chain.Append(AsBytes(std::string(1000, 'x')));
  ASSERT_EQ(chain.Gather({&front, 1}), 1u);
  EXPECT_EQ(front.data(), at);
  EXPECT_EQ(AsString({at, 9}), "in flight");
}

TEST(OutputChain, ReservationThatIsNotCommittedDoesNotCount) {
  SlabPool pool(kSlabBytes);
  OutputChain chain(&pool);
  chain.Reserve(40);
  EXPECT_TRUE(chain.empty());
  uint8_t* again = chain.Reserve(40);
  std::memcpy(again, "ab", 2);
  chain.Commit(2);
  EXPECT_EQ(Contents(chain), "ab");
}

TEST(OutputChain, CommittingInPartsOfOneReservationIsContiguous) {
  SlabPool pool(kSlabBytes);
  OutputChain chain(&pool);
  uint8_t* room = chain.Reserve(10);
  std::memcpy(room, "0123456789", 10);
  chain.Commit(4);
  chain.Commit(6);
  Bytes pieces[2];
  ASSERT_EQ(chain.Gather(pieces), 1u);
  EXPECT_EQ(AsString(pieces[0]), "0123456789");
}

TEST(OutputChain, GatherFillsNoMoreThanItIsGiven) {
  SlabPool pool(kSlabBytes);
  OutputChain chain(&pool);
  chain.Append(AsBytes(std::string(1000, 'x')));
  Bytes pieces[3];
  EXPECT_EQ(chain.Gather(pieces), 3u);
  EXPECT_EQ(chain.Gather({pieces, 0}), 0u);
}

TEST(OutputChain, SpliceMovesTheSlabsThemselves) {
  SlabPool pool(kSlabBytes);
  OutputChain head(&pool), tail(&pool);
  head.Append(AsBytes("head-"));
  tail.Append(AsBytes("tail"));
  Bytes before;
  ASSERT_EQ(tail.Gather({&before, 1}), 1u);
  head.Splice(tail);
  Bytes pieces[2];
  ASSERT_EQ(head.Gather(pieces), 2u);
  EXPECT_EQ(pieces[1].data(), before.data());
  EXPECT_EQ(Contents(head), "head-tail");
  EXPECT_TRUE(tail.empty());
  tail.Append(AsBytes("usable again"));
  EXPECT_EQ(Contents(tail), "usable again");
}

// A block with text in it, shared by chains and given back at its end.
class Shared {
 public:
  Shared(SlabPool* pool, size_t bytes) : pool_(*pool), block_(pool->large().Take(bytes)) {
    bytes_ = {block_->data(), bytes};
    std::memset(block_->data(), 's', bytes);
  }
  ~Shared() { pool_.large().Give(block_); }

  LargeBlock* block() { return block_; }
  Bytes bytes() const { return bytes_; }

 private:
  SlabPool& pool_;
  LargeBlock* block_;
  Bytes bytes_;
};

TEST(OutputChain, WhatIsSharedIsGatheredWhereItStandsBehindItsLead) {
  SlabPool pool;
  OutputChain chain(&pool);
  Shared shared(&pool, 2 * OutputChain::kShareBytesMin);
  chain.Append(AsBytes(std::string_view("before")));
  chain.AppendShared(AsBytes(std::string_view("lead")), shared.bytes(), shared.block());
  chain.Append(AsBytes(std::string_view("behind")));
  EXPECT_EQ(chain.size(), 6 + 4 + shared.bytes().size() + 6);
  std::vector<Bytes> pieces(10);
  ASSERT_EQ(chain.Gather(pieces), 4u);
  EXPECT_EQ(AsString(pieces[0]), "before");
  EXPECT_EQ(AsString(pieces[1]), "lead");
  EXPECT_EQ(pieces[2].data(), shared.bytes().data());
  EXPECT_EQ(pieces[2].size(), shared.bytes().size());
  EXPECT_EQ(AsString(pieces[3]), "behind");
}

TEST(OutputChain, WhatIsSharedStaysSharedWhereItIsMoved) {
  SlabPool pool;
  OutputChain from(&pool);
  OutputChain to(&pool);
  Shared shared(&pool, 2 * OutputChain::kShareBytesMin);
  from.AppendShared({}, shared.bytes(), shared.block());
  EXPECT_EQ(to.MoveFrom(from, OutputChain::kShareBytesMin, AsBytes(std::string_view("lead"))),
            OutputChain::kShareBytesMin);
  std::vector<Bytes> pieces(10);
  ASSERT_EQ(to.Gather(pieces), 2u);
  EXPECT_EQ(AsString(pieces[0]), "lead");
  EXPECT_EQ(pieces[1].data(), shared.bytes().data());
  ASSERT_EQ(from.Gather(pieces), 1u);
  EXPECT_EQ(pieces[0].data(), shared.bytes().data() + OutputChain::kShareBytesMin);
}

TEST(OutputChain, LittleIsCopiedAndSoIsWhatStandsInNoBlock) {
  SlabPool pool;
  OutputChain chain(&pool);
  {
    Shared shared(&pool, OutputChain::kShareBytesMin);
    chain.AppendShared({}, shared.bytes().subspan(1), shared.block());
    chain.AppendShared({}, shared.bytes(), nullptr);
  }
  EXPECT_EQ(pool.large().lent_bytes(), 0u);
  EXPECT_EQ(Contents(chain), std::string(2 * OutputChain::kShareBytesMin - 1, 's'));
}

TEST(OutputChain, ShortFramesBehindSharedOnesCostAtMostThreeTimesTheOctets) {
  SlabPool pool;
  OutputChain chain(&pool);
  for (int i = 0; i < 20; ++i) {
    {
      Shared shared(&pool, OutputChain::kShareBytesMin);
      chain.AppendShared(AsBytes(std::string_view("lead")), shared.bytes(), shared.block());
    }
    chain.Append(AsBytes(std::string_view("a frame")));
    const size_t slabs_bytes = pool.slabs_lent_count() * SlabPool::kSlabBytesDefault;
    EXPECT_LE(slabs_bytes + pool.large().lent_bytes(), chain.size() / 100 * 302);
  }
}

TEST(OutputChain, ABlockIsHeldUntilItsLastOctetIsConsumed) {
  SlabPool pool;
  OutputChain chain(&pool);
  size_t bytes = 0;
  {
    Shared shared(&pool, OutputChain::kShareBytesMin);
    chain.AppendShared(AsBytes(std::string_view("lead")), shared.bytes(), shared.block());
    bytes = chain.size();
  }
  const size_t block_bytes = pool.large().lent_bytes();
  chain.Consume(3);
  EXPECT_EQ(Contents(chain).substr(0, 2), "ds");
  chain.Consume(bytes - 3 - 1);
  EXPECT_EQ(Contents(chain), "s");
  EXPECT_EQ(pool.large().lent_bytes(), block_bytes);
  EXPECT_EQ(pool.large().idle_bytes(), 0u);
  chain.Consume(1);
  EXPECT_EQ(pool.large().lent_bytes(), 0u);
  EXPECT_EQ(pool.large().idle_bytes(), block_bytes) << "the next message has it";
  EXPECT_TRUE(chain.empty());
}

TEST(OutputChainDeathTest, ReservingMoreThanASlabHoldsIsABug) {
  SlabPool pool(kSlabBytes);
  OutputChain chain(&pool);
  EXPECT_DEATH(chain.Reserve(chain.contiguous_bytes_max() + 1), "a reservation fits one slab");
}

}  // namespace
}  // namespace penstock::wire
