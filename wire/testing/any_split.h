// ForEachSplit: feeds the same bytes to a parser in every way a network may cut them.
//
//     ForEachSplit(AsBytes(wire), [](std::span<const Bytes> pieces) {
//       Parser parser;                          // fresh for each way
//       for (Bytes piece : pieces) parser.Feed(piece);
//       EXPECT_EQ(parser.messages(), want);
//     });
//
// The ways: whole, octet by octet, and cut in two at every place. A failure's trace names the way.
//
// Ownership: each piece is an allocation of its own and exactly as long as it says, so that a
//            sanitizer sees a read past a piece's end; pieces live until `feed` returns.
// Limits:    quadratic in the input's length: meant for inputs of up to a few thousand octets.
#ifndef PENSTOCK_WIRE_TESTING_ANY_SPLIT_H_
#define PENSTOCK_WIRE_TESTING_ANY_SPLIT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

#include "penstock/wire/bytes.h"

namespace penstock::wire {

// Pieces of one input, each in an allocation of its own.
class SplitInput {
 public:
  void Add(Bytes piece) {
    auto copy = std::make_unique<uint8_t[]>(piece.size());
    for (size_t i = 0; i < piece.size(); ++i) copy[i] = piece[i];
    pieces_.push_back({copy.get(), piece.size()});
    owned_.push_back(std::move(copy));
  }
  std::span<const Bytes> pieces() const { return pieces_; }

 private:
  std::vector<std::unique_ptr<uint8_t[]>> owned_;
  std::vector<Bytes> pieces_;
};

// Calls feed(std::span<const Bytes>) once for every way of cutting `bytes`.
template <typename Feed>
void ForEachSplit(Bytes bytes, Feed&& feed) {
  {
    SCOPED_TRACE("fed whole");
    SplitInput whole;
    whole.Add(bytes);
    feed(whole.pieces());
  }
  {
    SCOPED_TRACE("fed octet by octet");
    SplitInput octets;
    for (size_t i = 0; i < bytes.size(); ++i) octets.Add(bytes.subspan(i, 1));
    feed(octets.pieces());
  }
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    SCOPED_TRACE("cut after octet " + std::to_string(cut) + " of " + std::to_string(bytes.size()));
    SplitInput two;
    two.Add(bytes.first(cut));
    two.Add(bytes.subspan(cut));
    feed(two.pieces());
  }
}

}  // namespace penstock::wire

#endif  // PENSTOCK_WIRE_TESTING_ANY_SPLIT_H_
