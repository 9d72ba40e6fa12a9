#include "penstock/rpc/call_values.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/wire/arena.h"

namespace penstock::rpc {
namespace {

struct User {
  std::string name;
};
struct Tenant {
  std::string name;
};

// Notes its name when it is destroyed.
class Ending {
 public:
  Ending(std::vector<std::string>* ended, std::string name)
      : ended_(ended), name_(std::move(name)) {}
  Ending(Ending&& other) noexcept
      : ended_(std::exchange(other.ended_, nullptr)), name_(std::move(other.name_)) {}
  Ending& operator=(Ending&&) = delete;
  ~Ending() {
    if (ended_ != nullptr) ended_->push_back(name_);
  }

 private:
  std::vector<std::string>* ended_;
  std::string name_;
};
class First : public Ending {
  using Ending::Ending;
};
class Second : public Ending {
  using Ending::Ending;
};

class CallValuesTest : public ::testing::Test {
 protected:
  std::vector<std::string> ended_;
  wire::Arena arena_;
  std::optional<CallValues> values_{std::in_place};
};

TEST_F(CallValuesTest, WhatWasNotSetIsNull) {
  EXPECT_EQ(values_->Get<User>(), nullptr);
  EXPECT_EQ(arena_.block_bytes(), 0u);
}

TEST_F(CallValuesTest, WhatAnObjectKeepsForItselfNobodyElseSees) {
  const int one = 0;
  const int other = 0;
  values_->Set(&arena_, User{"one"}, &one);
  EXPECT_EQ(values_->Get<User>(), nullptr);
  EXPECT_EQ(values_->GetFor<User>(&other), nullptr);
  values_->Set(&arena_, User{"other"}, &other);
  values_->Set(&arena_, User{"everybody's"});
  EXPECT_EQ(values_->GetFor<User>(&one)->name, "one");
  EXPECT_EQ(values_->GetFor<User>(&other)->name, "other");
  EXPECT_EQ(values_->Get<User>()->name, "everybody's");
  CallValues within;
  within.Within(&*values_);
  EXPECT_EQ(within.GetFor<User>(&one), nullptr);
}

TEST_F(CallValuesTest, TypesOfTheSameShapeAreKeptApart) {
  values_->Set(&arena_, User{"anna"});
  EXPECT_EQ(values_->Get<Tenant>(), nullptr);
  values_->Set(&arena_, Tenant{"one"});
  EXPECT_EQ(values_->Get<User>()->name, "anna");
  EXPECT_EQ(values_->Get<Tenant>()->name, "one");
}

TEST_F(CallValuesTest, CanBeChangedInPlace) {
  values_->Set(&arena_, User{"anna"}).name += " b";
  values_->Get<User>()->name += " c";
  EXPECT_EQ(values_->Get<User>()->name, "anna b c");
}

TEST_F(CallValuesTest, TheLatestOfATypeReplacesTheOneBefore) {
  values_->Set(&arena_, First(&ended_, "a"));
  values_->Set(&arena_, First(&ended_, "b"));
  EXPECT_EQ(ended_, std::vector<std::string>{"a"});
}

TEST_F(CallValuesTest, AreDestroyedTheLatestFirst) {
  values_->Set(&arena_, First(&ended_, "first"));
  values_->Set(&arena_, Second(&ended_, "second"));
  EXPECT_TRUE(ended_.empty());
  values_.reset();
  EXPECT_EQ(ended_, (std::vector<std::string>{"second", "first"}));
}

TEST_F(CallValuesTest, MayBeMovableAlone) {
  values_->Set(&arena_, std::make_unique<int>(7));
  EXPECT_EQ(**values_->Get<std::unique_ptr<int>>(), 7);
}

}  // namespace
}  // namespace penstock::rpc
