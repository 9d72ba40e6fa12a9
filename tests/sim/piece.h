// What is said in a simulation: pieces whose content follows from the call, who speaks, and the
// place in the stream, so that each end knows what the other must have said.
#ifndef PENSTOCK_TESTS_SIM_PIECE_H_
#define PENSTOCK_TESTS_SIM_PIECE_H_

#include <cstdint>
#include <string>

#include "penstock/wire/time.h"

#include "tests/sim/work.server.h"

namespace penstock::test::sim {

enum class Speaker : uint8_t { kClient, kServer };

// Up to `bytes_max` octets; half of the pieces compress well.
std::string ContentOf(uint64_t call, Speaker speaker, uint32_t index, uint32_t bytes_max);

// All but the order.
void Fill(uint64_t call, Speaker speaker, uint32_t index, uint32_t bytes_max, Piece* piece);

// "" or what is wrong with it.
std::string WhyWrong(const Piece& piece, uint64_t call, Speaker speaker, uint32_t index,
                     uint32_t bytes_max);

}  // namespace penstock::test::sim

#endif  // PENSTOCK_TESTS_SIM_PIECE_H_
