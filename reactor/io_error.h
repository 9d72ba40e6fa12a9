// Sentences for what the system refuses: what, where, why, and what to do about it. The one place
// where an errno becomes words.
#ifndef PENSTOCK_REACTOR_IO_ERROR_H_
#define PENSTOCK_REACTOR_IO_ERROR_H_

#include <string>
#include <string_view>

namespace penstock::reactor {

// "EPERM"; "errno 4711" for what has no name.
std::string ErrorName(int error);
// The system's words with a small first letter: "permission denied".
std::string ErrorText(int error);

// Why io_uring is not to be had: "io_uring_setup: EPERM: disabled by ...".
std::string UringRefusal(std::string_view call, int error);

// "cannot listen on 127.0.0.1:80: permission denied: ports below 1024 need CAP_NET_BIND_SERVICE".
// `step` is the system call that failed; `holder`, if it is known, who listens there already.
std::string ListenRefusal(std::string_view address, std::string_view step, int error,
                          std::string_view holder = {});

// "connection refused: nobody listens there", for SocketHandler::OnConnected(). `address`, where it
// is known, makes it clearer.
std::string ConnectRefusal(int error, std::string_view address = {});

}  // namespace penstock::reactor

#endif  // PENSTOCK_REACTOR_IO_ERROR_H_
