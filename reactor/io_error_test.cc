#include "penstock/reactor/io_error.h"

#include <errno.h>
#include <gtest/gtest.h>

namespace penstock::reactor {
namespace {

TEST(IoError, NamesAndWords) {
  EXPECT_EQ(ErrorName(EPERM), "EPERM");
  EXPECT_EQ(ErrorName(4711), "errno 4711");
  EXPECT_EQ(ErrorText(EACCES), "permission denied");
  EXPECT_EQ(ErrorText(ENOTBLK), "block device required");
  EXPECT_EQ(ErrorText(4711), "errno 4711");
}

TEST(IoError, SentencesSayTheCauseAndTheCure) {
  EXPECT_EQ(ListenRefusal("127.0.0.1:80", "bind", EACCES),
            "cannot listen on 127.0.0.1:80: permission denied: ports below 1024 need "
            "CAP_NET_BIND_SERVICE; choose a higher port");
  EXPECT_EQ(ListenRefusal("unix:/run/x", "bind", EACCES),
            "cannot listen on unix:/run/x: permission denied: the directory must be writable");
  EXPECT_EQ(ListenRefusal("127.0.0.1:80", "listen", EIO),
            "cannot listen on 127.0.0.1:80: input/output error (listen)");
  EXPECT_EQ(ListenRefusal("inproc:a", "bind", EADDRINUSE),
            "cannot listen on inproc:a: address already in use: another server of this process "
            "listens on it; stop it, or choose another name");
  EXPECT_EQ(ListenRefusal("127.0.0.1:80", "bind", EADDRINUSE, "process 12 (nginx)"),
            "cannot listen on 127.0.0.1:80: address already in use: process 12 (nginx) listens on "
            "it; stop it or choose another address");
  EXPECT_EQ(ConnectRefusal(ECONNREFUSED), "connection refused: nobody listens there");
  EXPECT_EQ(ConnectRefusal(ECONNREFUSED, "unix:/run/x"),
            "connection refused: nobody listens there");
  EXPECT_EQ(ConnectRefusal(ECONNREFUSED, "inproc:a"),
            "in-process server 'a' is not listening in this process: start it before, with "
            "\"inproc:a\" in ServerOptions::listen");
  EXPECT_EQ(ConnectRefusal(EIO), "input/output error");
  EXPECT_EQ(UringRefusal("io_uring_setup", EXDEV), "io_uring_setup: EXDEV: unexpected");
}

}  // namespace
}  // namespace penstock::reactor
