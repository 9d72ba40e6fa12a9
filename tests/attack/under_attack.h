// UnderAttack: the example server as a child process, and what must be true of it afterwards.
//
//     UnderAttack server(AttackedIo());
//     ... attack server.target().address() ...
//     server.ExpectServes();
//     server.ExpectCleanStop();
#ifndef PENSTOCK_TESTS_ATTACK_UNDER_ATTACK_H_
#define PENSTOCK_TESTS_ATTACK_UNDER_ATTACK_H_

#include <cstddef>
#include <string>

#include "penstock/tests/attack/target_process.h"

namespace penstock::attack {

// "uring" or "epoll": ATTACKED_IO of the environment, which the BUILD file sets.
std::string AttackedIo();

class UnderAttack {
 public:
  // The server has served before it is attacked, so that what serving needs is there. It may have
  // so many descriptors, where that is not 0.
  explicit UnderAttack(const std::string& io, size_t descriptors_max = 0);

  bool started() const { return !target_.address().empty(); }
  // It did not for want of io_uring, which a developer's machine may lack, and CI may not.
  bool may_be_skipped() const;
  TargetProcess& target() { return target_; }

  // The attackers' connections are gone, and a new client has every one of its calls answered.
  void ExpectServes();
  // Its memory has not grown by a tenth since it was `warm_bytes`.
  void ExpectNoMoreThan(size_t warm_bytes);
  // It ends by itself with status 0: nothing leaked that a sanitizer would see.
  void ExpectCleanStop();

 private:
  TargetProcess target_;
  size_t descriptors_ = 0;  // of a server without clients
};

// Skips the test, loudly, where the kernel refuses io_uring; any other failure is one.
#define PENSTOCK_ATTACK_NEEDS(server)                                        \
  if ((server).may_be_skipped()) GTEST_SKIP() << (server).target().output(); \
  ASSERT_TRUE((server).started()) << (server).target().output()

}  // namespace penstock::attack

#endif  // PENSTOCK_TESTS_ATTACK_UNDER_ATTACK_H_
