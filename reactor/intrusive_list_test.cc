#include "penstock/reactor/intrusive_list.h"

#include <gtest/gtest.h>

#include <vector>

namespace penstock::reactor {
namespace {

struct Number : ListHook<struct NumberTag> {
  explicit Number(int its_value) : value(its_value) {}
  int value;
};

TEST(List, FindIfLooksAtNothingBehindWhatItFinds) {
  List<Number, struct NumberTag> list;
  Number one(1), two(2), three(3);
  for (Number* number : {&one, &two, &three}) list.PushBack(*number);
  std::vector<int> looked_at;
  const auto find = [&](int value) {
    looked_at.clear();
    return list.FindIf([&](Number& number) {
      looked_at.push_back(number.value);
      return number.value == value;
    });
  };
  EXPECT_EQ(find(2), &two);
  EXPECT_EQ(looked_at, (std::vector<int>{1, 2}));
  EXPECT_EQ(find(4), nullptr);
  EXPECT_EQ(looked_at, (std::vector<int>{1, 2, 3}));
}

}  // namespace
}  // namespace penstock::reactor
