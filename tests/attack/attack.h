// Attack: one way to wear a server down, as a function that says what the server made of it.
//
// The same attacks serve the tests (attack_test.cc), which run each twice and look at the server
// afterwards, and the program `attacker`, which repeats one for as long as it is told.
//
// Limits: each sends at most some tens of megabytes and takes a few seconds at most, whatever the
// server does.
#ifndef PENSTOCK_TESTS_ATTACK_ATTACK_H_
#define PENSTOCK_TESTS_ATTACK_ATTACK_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace penstock::attack {

struct Attack {
  std::string_view name;
  std::string_view what;
  // A regular expression for the whole verdict that a sound server earns: see HostilePeer::Verdict.
  std::string_view want;
  std::string (*run)(const std::string& address);
};

std::span<const Attack> FloodAttacks();    // control frames and empty frames
std::span<const Attack> ResetAttacks();    // streams that end before they cost their sender
std::span<const Attack> HeaderAttacks();   // HPACK and header blocks
std::span<const Attack> WindowAttacks();   // flow control, and peers that do not read
std::span<const Attack> RequestAttacks();  // what a single request may hold

// All of them.
std::span<const Attack> Attacks();

}  // namespace penstock::attack

#endif  // PENSTOCK_TESTS_ATTACK_ATTACK_H_
