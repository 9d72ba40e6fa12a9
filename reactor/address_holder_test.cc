#include "penstock/reactor/address_holder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "penstock/reactor/listener.h"

namespace penstock::reactor {
namespace {

TEST(AddressHolder, NamesThisProcessAndOthers) {
  const std::string path = "/tmp/penstock-holder-" + std::to_string(::getpid());
  for (const std::string& text :
       {std::string("127.0.0.1:0"), "unix:" + path, "unix-abstract:" + path}) {
    SCOPED_TRACE(text);
    std::string why;
    SocketFile file;
    const int fd = OpenListeningSocket(text, &why, &file);
    ASSERT_GE(fd, 0) << why;
    const Address address = *Address::OfLocalEnd(fd);
    EXPECT_EQ(NameHolder(address), "this process");
    file.Remove();
    ::close(fd);
    EXPECT_EQ(NameHolder(address), "");
  }
}

TEST(AddressHolder, NamesAChildProcess) {
  int ready[2];
  int end[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(end), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::string why;
    const int fd = OpenListeningSocket("127.0.0.1:0", &why);
    const uint16_t port = Address::OfLocalEnd(fd)->port();
    ::close(end[1]);
    char none;
    if (::write(ready[1], &port, sizeof(port)) < 0 || ::read(end[0], &none, 1) < 0) ::_exit(1);
    ::_exit(0);
  }
  uint16_t port = 0;
  ASSERT_EQ(::read(ready[0], &port, sizeof(port)), static_cast<ssize_t>(sizeof(port)));
  std::string why;
  const std::string text = "127.0.0.1:" + std::to_string(port);
  const std::string named = NameHolder(*Address::Resolve(text, &why));
  EXPECT_TRUE(named.starts_with("process " + std::to_string(child) + " (")) << named;
  ::close(end[1]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  for (const int fd : {ready[0], ready[1], end[0]}) ::close(fd);
}

}  // namespace
}  // namespace penstock::reactor
