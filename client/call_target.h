// CallTarget: who answers the calls of a channel in a server's place: a mock.
#ifndef PENSTOCK_CLIENT_CALL_TARGET_H_
#define PENSTOCK_CLIENT_CALL_TARGET_H_

namespace penstock::client {

class ClientCall;

class CallTarget {
 public:
  // Ends the call before it returns.
  virtual void Answer(ClientCall& call) = 0;

 protected:
  ~CallTarget() = default;
};

}  // namespace penstock::client

#endif  // PENSTOCK_CLIENT_CALL_TARGET_H_
