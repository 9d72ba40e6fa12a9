#include <vector>

#include "penstock/tests/attack/attack.h"

namespace penstock::attack {

std::span<const Attack> Attacks() {
  static const std::vector<Attack> all = [] {
    std::vector<Attack> attacks;
    for (const auto& some :
         {FloodAttacks(), ResetAttacks(), HeaderAttacks(), WindowAttacks(), RequestAttacks()}) {
      attacks.insert(attacks.end(), some.begin(), some.end());
    }
    return attacks;
  }();
  return all;
}

}  // namespace penstock::attack
