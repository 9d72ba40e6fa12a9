#include "penstock/tests/sim/piece.h"

#include <cstring>

#include "penstock/reactor/testing/sim_random.h"

namespace penstock::test::sim {

std::string ContentOf(uint64_t call, Speaker speaker, uint32_t index, uint32_t bytes_max) {
  reactor::SimRandom random(call << 32 ^ uint64_t{index} << 1 ^ static_cast<uint64_t>(speaker));
  std::string content(random.Below(uint64_t{bytes_max} + 1), '\0');
  const bool repeats = random.Chance(500);
  uint64_t word = random.Next();
  for (size_t at = 0; at < content.size(); at += sizeof(word)) {
    if (!repeats) word = random.Next();
    std::memcpy(content.data() + at, &word, std::min(sizeof(word), content.size() - at));
  }
  return content;
}

void Fill(uint64_t call, Speaker speaker, uint32_t index, uint32_t bytes_max, Piece* piece) {
  piece->set_call(call);
  piece->set_index(index);
  piece->set_content(ContentOf(call, speaker, index, bytes_max));
}

std::string WhyWrong(const Piece& piece, uint64_t call, Speaker speaker, uint32_t index,
                     uint32_t bytes_max) {
  if (piece.call() != call) return "a piece of call " + std::to_string(piece.call());
  if (piece.index() != index) {
    return "piece " + std::to_string(piece.index()) + " where " + std::to_string(index) +
           " was due";
  }
  const std::string content = ContentOf(call, speaker, index, bytes_max);
  if (piece.content() == content) return "";
  return "piece " + std::to_string(index) + " has another content, of " +
         std::to_string(piece.content().size()) + " octets";
}

}  // namespace penstock::test::sim
